"""Runs the corpus: what clients send, what the upstream is asked and says, what clients get."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaik.completions.relay import RelayedStream
from localaik.completions.request import encode_request
from localaik.completions.stream import ChunkDecoder
from localaik.errors import LocalaikError
from localaik.faces import gemini, openai
from localaik.faces.face import Answer, Face
from localaik.wire.sse import SSEDecoder
from localaik.wire.stages import Stage, pipe

CORPUS = Path(__file__).parent


@attrs.frozen
class Case:
    face: str
    name: str

    def read(self, name):
        return (CORPUS / self.face / self.name / name).read_bytes()


@attrs.frozen
class Run:
    """One client's request on its way: what the upstream is asked, and the way back."""

    upstream_request: bytes
    stage: Stage[bytes, bytes]
    fail: Callable


@attrs.frozen
class Rendered:
    """What the client gets before the input's end, at its end, and in place of that end."""

    grown: bytes
    end: bytes = b""
    failure: bytes = b""

    @property
    def stream(self):
        return self.grown + self.end + self.failure


def run_gemini(body: bytes, face: Face = gemini.FACE) -> Run:
    request = face.parse_request(body, "tiny")
    renderer = face.stream_renderer(Answer(request, answer_id="answer-1", created=0))
    stage = pipe(pipe(SSEDecoder(), ChunkDecoder()), renderer)
    return Run(encode_request(request, stream=True), stage, renderer.fail)


def run_openai(body: bytes) -> Run:
    openai.check_request(body)
    return Run(body, RelayedStream(), openai.render_failure)


RUNS = {"gemini": run_gemini, "openai": run_openai}


def find_cases(*faces: str) -> list:
    found = [Case(face, path.name) for face in faces for path in sorted((CORPUS / face).iterdir())]
    assert found
    return [pytest.param(case, id=f"{case.face}-{case.name}") for case in found]


def render(run: Run, chunks: Iterable[bytes]) -> Rendered:
    grown = b""
    try:
        for chunk in chunks:
            grown += b"".join(run.stage.feed(chunk))
        return Rendered(grown, end=b"".join(run.stage.finish()))
    except LocalaikError as error:
        return Rendered(grown, failure=b"".join(run.fail(error)))


def start(case: Case) -> Run:
    return RUNS[case.face](case.read("request.json"))


def bytewise(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


def cut(stream: bytes, places: Iterable[int]) -> list[bytes]:
    ends = [*sorted(places), len(stream)]
    return [stream[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def data_of(stream: bytes) -> list:
    """Take the JSON of all data lines."""
    return [json.loads(line[6:]) for line in stream.split(b"\r\n") if line.startswith(b"data: ")]


def error_of(failure: bytes) -> bytes:
    """Take what a failure says after the text that was held back before it."""
    return failure[failure.index(b'{"error":') :] if failure else b""


def test_every_face_of_the_corpus_is_run():
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} - {"__pycache__"} == set(RUNS)


@pytest.mark.parametrize("case", find_cases(*RUNS))
def test_the_upstream_is_asked_in_its_own_form(case):
    asked = json.loads(start(case).upstream_request)
    assert asked == json.loads(case.read("upstream_request.json"))


@pytest.mark.parametrize("case", find_cases(*RUNS))
def test_a_stream_that_comes_byte_by_byte_is_rendered(case):
    rendered = render(start(case), bytewise(case.read("upstream_stream.sse")))
    assert rendered.stream == case.read("rendered_stream.sse")


@pytest.mark.parametrize("case", find_cases(*RUNS))
def test_any_chunking_of_a_stream_gives_the_same_output(case):
    stream = case.read("upstream_stream.sse")
    expected = render(start(case), bytewise(stream))

    @settings(max_examples=15, deadline=None, derandomize=True, database=None)
    @given(st.sets(st.integers(0, len(stream)), max_size=12))
    def check(places):
        rendered = render(start(case), cut(stream, places))
        assert error_of(rendered.failure) == error_of(expected.failure)
        if rendered.failure:
            # What comes in one piece with an error is given up for it, and nothing else.
            assert expected.grown.startswith(rendered.grown)
        else:
            assert rendered.stream == expected.stream

    check()


@pytest.mark.parametrize("case", find_cases(*RUNS))
def test_whole_events_are_rendered_before_an_error_in_the_next(case):
    stream = case.read("upstream_stream.sse")
    events = re.split(rb"(?<=\n\n)|(?<=\n\r\n)", stream)
    assert render(start(case), events).stream == case.read("rendered_stream.sse")


@pytest.mark.parametrize("case", find_cases("gemini"))
def test_gemini_finishes_once_and_in_the_last_chunk(case):
    rendered = render(start(case), [case.read("upstream_stream.sse")])
    reasons = [
        candidate.get("finishReason")
        for chunk in data_of(rendered.stream)
        for candidate in chunk.get("candidates", ())
    ]
    if rendered.failure:
        assert set(reasons) <= {None}
    else:
        assert reasons[-1] in ("STOP", "MAX_TOKENS")
        assert set(reasons[:-1]) == {None}
        assert len(data_of(rendered.end)) == 1


@pytest.mark.parametrize("case", find_cases("gemini"))
def test_gemini_frames_are_what_the_sdks_can_read(case):
    stream = case.read("rendered_stream.sse")
    assert re.fullmatch(rb'(data: \{[^\r\n]*\}\r\n\r\n|\{"error":[^\r\n]*\}\r\n\r\n)+', stream)
    for chunk in data_of(stream):
        assert next(iter(chunk)) in ("candidates", "error")
        for candidate in chunk.get("candidates", ()):
            assert candidate["content"]["role"] == "model"
            assert [part for part in candidate["content"]["parts"] if "text" in part]


@pytest.mark.parametrize("case", find_cases("gemini"))
def test_the_array_of_gemini_holds_the_same_chunks(case):
    run = run_gemini(case.read("request.json"), gemini.ARRAY_FACE)
    rendered = render(run, bytewise(case.read("upstream_stream.sse")))
    assert json.loads(rendered.stream) == data_of(case.read("rendered_stream.sse"))


@pytest.mark.parametrize("case", find_cases("openai"))
def test_openai_streams_are_passed_on_as_they_came(case):
    rendered = render(start(case), [case.read("upstream_stream.sse")])
    assert case.read("upstream_stream.sse").startswith(rendered.grown + rendered.end)
