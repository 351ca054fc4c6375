"""How localaik is started and stopped."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
COMMANDS = {
    "python": [sys.executable, "-m", "localaik"],
    "localaik": [BIN / "localaik"],
    "twistd": [BIN / "twistd", "--nodaemon", "--pidfile=", "localaik"],
    "twist": [BIN / "twist", "localaik"],
}
CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_serves_and_ends_at_sigterm(launch, name, processes, capsys):
    server = launch([*COMMANDS[name], "--port", "0"])
    port_file = server.log.with_name("port")
    seconds = server.wait_until_ready()
    with capsys.disabled():
        print(f"\n{name}: /readyz is 200 after {seconds:.2f} s")
    assert server.get("/livez").json() == {"status": "ok"}
    assert server.post("/v1/chat/completions", CHAT).status == 200
    children = server.children()
    assert len(children) == 1
    assert server.end(signal.SIGTERM) == 0
    assert not port_file.exists()
    assert not set(children) & set(processes())
    assert "Traceback" not in server.log_text()


def test_sigint_ends_it_as_well(start_server, processes):
    server = start_server()
    children = server.children()
    # Twisted stops in order, and then ends by the signal, as shells expect it.
    assert server.end(signal.SIGINT) == -signal.SIGINT
    assert not set(children) & set(processes())
    assert "Traceback" not in server.log_text()


@pytest.mark.parametrize("path", ["/v1beta/models/tiny:streamGenerateContent?alt=sse", "chat"])
def test_a_running_stream_is_sent_to_its_end_after_sigterm(start_server, path):
    server = start_server()
    if path == "chat":
        path = "/v1/chat/completions"
        body = {**CHAT, "max_tokens": 3000, "ignore_eos": True, "stream": True}
    else:
        config = {"maxOutputTokens": 3000, "ignoreEos": True}
        body = {"contents": [{"parts": [{"text": "Hi"}]}], "generationConfig": config}
    connection, response = server.open("POST", path, body)
    start = response.read1(100)
    server.process.send_signal(signal.SIGTERM)
    text = start + response.read()
    connection.close()
    assert text.endswith((b"data: [DONE]\n\n", b"}\r\n\r\n"))
    assert b'"error"' not in text
    assert (b"MAX_TOKENS" in text) or (b'"length"' in text)
    assert server.process.wait(10) == 0


def test_a_stream_that_takes_too_long_is_cut_after_the_drain_time(start_upstream, start_server):
    upstream = start_upstream()
    server = start_server("--upstream", upstream.url, "--drain", "0.5")
    body = {**CHAT, "model": "flood", "stream": True}
    connection, response = server.open("POST", "/v1/chat/completions", body)
    assert response.status == 200
    started = time.monotonic()
    assert server.end(signal.SIGTERM) == 0
    assert 0.5 <= time.monotonic() - started < 5
    connection.close()


def test_new_connections_are_refused_during_the_drain(start_upstream, start_server, until):
    upstream = start_upstream()
    server = start_server("--upstream", upstream.url)
    body = {**CHAT, "model": "flood", "stream": True}
    connection, response = server.open("POST", "/v1/chat/completions", body)
    assert response.status == 200
    server.process.send_signal(signal.SIGTERM)

    def refused():
        try:
            server.get("/livez")
        except OSError:
            return True
        return False

    until(refused, "connections are refused")
    connection.close()
    assert server.process.wait(10) == 0


def run(*options, name="python", **env):
    return subprocess.run(
        [*COMMANDS[name], *options], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_port_that_is_taken_ends_it_with_the_reason(name):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("--port", port, name=name)
    assert done.returncode == 1
    text = done.stdout + done.stderr
    assert f"localaik: cannot listen on tcp:{port}:interface=127.0.0.1: " in text
    assert "Traceback" not in text


def test_a_setting_that_cannot_be_used_ends_it_with_the_reason():
    done = run("--port", "x")
    assert done.returncode == 1
    assert "--port: expected a port number from 0 to 65535, got 'x'" in done.stdout + done.stderr


def test_a_model_that_is_not_there_ends_it_with_the_reason():
    done = run("--model", "/nowhere/x.gguf")
    assert done.returncode == 1
    text = done.stdout + done.stderr
    assert "localaik: " in text
    assert "/nowhere/x.gguf" in text
    assert "Traceback" not in text


def test_a_port_file_that_cannot_be_written_ends_it_with_the_reason(tmp_path):
    done = run("--port", "0", "--port-file", str(tmp_path / "missing" / "port"))
    assert done.returncode == 1
    assert f"cannot write {tmp_path}/missing/port: No such file" in done.stdout + done.stderr


def test_help_has_every_option():
    done = run("--help")
    assert done.returncode == 0
    words = done.stdout.split()
    for option in ("--port=", "--listen=", "--upstream=", "--model=", "--port-file=", "--drain="):
        assert option in words
    assert "LK_UPSTREAM" in done.stdout


def test_version_is_told():
    done = run("--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "localaik")


def test_the_log_says_what_was_chosen_and_hides_credentials(launch, start_upstream):
    upstream = start_upstream()
    url = upstream.url.replace("http://", "http://user:SECRET@")
    command = [*COMMANDS["python"], "--upstream", url, "--port", "0"]
    server = launch(command, LK_UPSTREAM_AUTH_HEADER="Authorization: Bearer SECRET", LK_DRAIN="1")
    server.wait_until_ready()
    body = {**CHAT, "model": "cut"}
    assert (
        server.post("/v1/chat/completions?key=SECRET", body, authorization="SECRET").status == 200
    )
    assert server.end(signal.SIGTERM) == 0
    text = server.log_text()
    assert f"upstream is {upstream.url} (from --upstream)" in text
    assert "upstream-auth-header is (hidden) (from LK_UPSTREAM_AUTH_HEADER)" in text
    assert "drain is 1 (from LK_DRAIN)" in text
    assert "openai POST /v1/chat/completions 200 " in text
    assert "SECRET" not in text


def test_health_names_an_upstream_that_is_gone_without_credentials(launch, until):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://user:SECRET@127.0.0.1:{port}/"
    server = launch([*COMMANDS["python"], "--upstream", url, "--port", "0"])
    answer = server.get("/health")
    assert (answer.status, answer.json()) == (
        503,
        {
            "status": "unavailable",
            "upstream": f"http://127.0.0.1:{port}",
            "reason": "the model server cannot be reached",
        },
    )
    assert server.get("/livez").status == 200
    answer = server.post("/v1/chat/completions", json.dumps(CHAT))
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert server.end(signal.SIGTERM) == 0
    assert "Traceback" not in server.log_text()


@pytest.mark.parametrize("name", ["python", "twistd"])
def test_the_log_can_be_json(launch, name):
    command = [*COMMANDS[name], "--port", "0", "--log-format", "json"]
    server = launch(command)
    server.wait_until_ready()
    server.get("/v1/nothing")
    assert server.end(signal.SIGTERM) == 0
    lines = [json.loads(line) for line in server.log_text().splitlines()]
    (access,) = [line for line in lines if line.get("path") == "/v1/nothing"]
    assert access["namespace"] == "localaik.access"
    assert access["message"].startswith("openai GET /v1/nothing 404 ")
    assert (access["path"], access["status"]) == ("/v1/nothing", 404)
    assert {"time", "level", "namespace", "message"} <= set(lines[0])


def test_the_access_log_can_be_switched_off(launch):
    server = launch([*COMMANDS["python"], "--port", "0"], LK_LOG="off")
    server.wait_until_ready()
    server.get("/v1/nothing")
    assert server.end(signal.SIGTERM) == 0
    assert "/v1/nothing" not in server.log_text()


def test_many_clients_at_once_are_all_answered(server):
    statuses = []

    def ask():
        statuses.append(server.post("/v1/chat/completions", CHAT).status)

    threads = [threading.Thread(target=ask) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 24
