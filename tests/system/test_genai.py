"""Google's own SDK against the bundled model: the newest, and one of the year before."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("genai_driver.py")
OLD = "1.51.0"


def interpreter_of_old_sdk():
    """Find the interpreter that has the old SDK."""
    named = os.environ.get("LK_TEST_GENAI_1_51_PYTHON")
    root = Path(__file__).parent.parent.parent
    path = Path(named) if named else root / f".venvs/google-genai-{OLD}/bin/python"
    if path.exists():
        return str(path)
    message = (
        f"no environment with google-genai {OLD}: neither LK_TEST_GENAI_1_51_PYTHON nor {path}"
    )
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(
    scope="module",
    params=[("3.4.0", None), ("3.4.0", "v1beta"), (OLD, None)],
    ids=lambda param: f"{param[0]}-{param[1] or 'default'}",
)
def driven(request, server, environment):
    """Give what the driver printed, for one SDK and one version of the API."""
    version, api_version = request.param
    python = interpreter_of_old_sdk() if version == OLD else sys.executable
    before = len(server.log_text())
    command = [python, str(DRIVER), server.url, *([api_version] if api_version else [])]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["version"] == version
    # google-genai's default became v1 with 3.0.
    path = {"3.4.0": "v1", OLD: "v1beta"}[version] if api_version is None else api_version
    assert f"gemini POST /{path}/models/tiny:generateContent 200" in server.log_text()[before:]
    return result


def check_answer(told, choices=1):
    assert told["text"]
    assert told["roles"] == ["model"] * choices
    assert set(told["reasons"]) <= {"STOP", "MAX_TOKENS"}
    assert told["prompt"] > 0
    assert told["total"] == told["prompt"] + told["generated"]
    assert told["model"] == "tiny"
    assert len(told["id"]) == 32


def check_stream(chunks):
    *middle, last = chunks
    assert "".join(chunk["text"] for chunk in chunks)
    assert {tuple(chunk["reasons"]) for chunk in middle} == {(None,)}
    assert last["reasons"][0] in ("STOP", "MAX_TOKENS")
    assert last["total"] == last["prompt"] + last["generated"]
    assert len({chunk["id"] for chunk in chunks}) == 1


ROLES = ["user", "model"] * 3


def test_a_whole_answer(driven):
    check_answer(driven["whole"])


def test_a_streamed_answer(driven):
    check_stream(driven["stream"])


def test_a_chat_of_three_turns_keeps_its_history(driven):
    chat = driven["chat"]
    assert [role for role, _ in chat["history"]] == ROLES
    assert [text for role, text in chat["history"] if role == "user"] == ["One", "Two", "Three"]
    assert [text for role, text in chat["history"] if role == "model"] == chat["answers"]
    assert chat["curated"] == chat["history"]
    assert chat["prompts"] == sorted(set(chat["prompts"]))
    assert driven["streamed_chat"] == ROLES


def test_the_async_client(driven):
    told = driven["async"]
    check_answer(told["whole"])
    check_stream(told["stream"])
    assert told["roles"] == ROLES
    assert (told["error"]["class"], told["error"]["status"]) == ("ClientError", "INVALID_ARGUMENT")


def test_the_configuration_has_its_effects(driven):
    config = driven["config"]
    first, second = config["greedy"]
    assert first == second
    assert (config["cut"]["generated"], config["cut"]["reasons"]) == (3, ["MAX_TOKENS"])
    check_answer(config["two"], choices=2)
    check_answer(config["penalties"])
    check_answer(config["safe"])
    assert config["instructed"]["prompt"] > config["plain"]["prompt"]


def test_pictures_are_seen(driven):
    for told in driven["seen"]:
        check_answer(told)
        assert told["prompt"] > driven["whole"]["prompt"]


@pytest.mark.parametrize(
    ("case", "kind", "code", "status", "message"),
    [
        (
            "bad",
            "ClientError",
            400,
            "INVALID_ARGUMENT",
            "generationConfig.topP: expected at most 1.0, got 7.0",
        ),
        (
            "bad_stream",
            "ClientError",
            400,
            "INVALID_ARGUMENT",
            "generationConfig.topP: expected at most 1.0, got 7.0",
        ),
        (
            "tools",
            "ServerError",
            501,
            "UNIMPLEMENTED",
            "tools[0].functionDeclarations: tools are not served yet",
        ),
        ("missing", "ServerError", 501, "UNIMPLEMENTED", "files are not served yet"),
    ],
)
def test_errors_are_the_sdks_own(driven, case, kind, code, status, message):
    expected = {"class": kind, "code": code, "status": status, "message": message}
    assert driven["failures"][case] == expected
