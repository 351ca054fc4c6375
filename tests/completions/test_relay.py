import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaik.completions.relay import RelayedStream
from localaik.errors import ContextOverflow, LocalaikError, UpstreamFailed

TEXT = 'data: {"choices":[{"delta":{"content":"é👋\u2028"},"finish_reason":null}]}\n\n'.encode()
LAST = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
COUNT = b'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n'
DONE = b"data: [DONE]\n\n"
WHOLE = TEXT + TEXT + LAST + COUNT + DONE
ERROR = b'data: {"error":{"code":500,"message":"Context size has been exceeded."}}\n\n'


def relay(*chunks):
    stage = RelayedStream()
    grown = [piece for chunk in chunks for piece in stage.feed(chunk)]
    return [*grown, *stage.finish()]


STREAMS = {
    "line feeds": WHOLE,
    "carriage returns and line feeds": WHOLE.replace(b"\n", b"\r\n"),
    "carriage returns": WHOLE.replace(b"\n", b"\r"),
    "comments": b":\n\n" + WHOLE.replace(b"\n\n", b"\n\n: ping\n\n"),
    "other fields": WHOLE.replace(b"data:", b"id: 1\nevent: chunk\ndata:"),
    "no done": TEXT + LAST,
    "no finish reason": TEXT + DONE,
    "no last blank line": WHOLE.removesuffix(b"\n"),
    "no last line end": WHOLE.removesuffix(b"\n\n"),
    "junk after the end": WHOLE + b": bye",
}


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_stream_is_passed_on_as_it_came(stream):
    assert b"".join(relay(stream)) == stream
    assert b"".join(relay(*(stream[at : at + 1] for at in range(len(stream))))) == stream


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_any_chunking_passes_on_the_same_bytes(stream):
    @settings(max_examples=50, deadline=None, derandomize=True, database=None)
    @given(st.sets(st.integers(0, len(stream))))
    def check(places):
        ends = [*sorted(places), len(stream)]
        chunks = [stream[a:b] for a, b in zip([0, *ends], ends, strict=False)]
        assert b"".join(relay(*chunks)) == stream

    check()


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_only_whole_events_are_passed_on(line_end):
    stream = WHOLE.replace(b"\n", line_end)
    stage = RelayedStream()
    passed = b""
    for at in range(len(stream)):
        passed += b"".join(stage.feed(stream[at : at + 1]))
        assert stream.startswith(passed)
        assert passed == b"" or passed.endswith(line_end * 2)
        assert stream[len(passed) : at + 1].count(line_end * 2) == 0


def test_an_event_is_passed_on_as_soon_as_it_is_complete():
    stage = RelayedStream()
    assert stage.feed(TEXT[:9]) == []
    assert stage.feed(TEXT[9:] + LAST[:5]) == [TEXT]
    assert stage.feed(LAST[5:] + DONE) == [LAST + DONE]
    assert stage.finish() == []


def test_one_read_is_one_piece():
    assert relay(WHOLE) == [WHOLE]


@pytest.mark.parametrize("rest", [b"", COUNT, b": ping\n\n"])
def test_a_stream_that_is_cut_between_events_fails_at_its_end(rest):
    stage = RelayedStream()
    assert b"".join(stage.feed(TEXT + rest)) == TEXT + rest
    with pytest.raises(UpstreamFailed, match=r"^the upstream ended its answer in the middle$"):
        stage.finish()


def test_an_empty_stream_is_cut():
    with pytest.raises(UpstreamFailed, match=r"^the upstream ended its answer in the middle$"):
        RelayedStream().finish()


def test_a_stream_that_is_cut_inside_an_event_fails_after_its_whole_events():
    stage = RelayedStream()
    assert stage.feed(TEXT + TEXT[:30]) == [TEXT]
    with pytest.raises(UpstreamFailed, match=r"^the upstream sent an answer that cannot be read$"):
        stage.finish()


@pytest.mark.parametrize(
    "error", [ERROR, b"error: " + ERROR[15:-3] + b"\n\n", b"event: error\n" + ERROR]
)
def test_an_error_is_raised_in_place_of_its_event(error):
    stage = RelayedStream()
    assert stage.feed(TEXT) == [TEXT]
    with pytest.raises(ContextOverflow, match=r"^Context size has been exceeded\.$"):
        stage.feed(error)


@pytest.mark.parametrize("garbage", [b"data: {\n\n", b"data: <html>\n\n", b"data: []\n\n"])
def test_garbage_is_not_passed_on(garbage):
    stage = RelayedStream()
    with pytest.raises(LocalaikError, match=r"^the upstream sent an answer that cannot be read$"):
        stage.feed(garbage)
