import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaik.errors import UpstreamFailed
from localaik.wire.sse import MAX_EVENT, ServerSentEvent, SSEDecoder, encode_data

BOM = b"\xef\xbb\xbf"


def event(data, kind=None):
    return ServerSentEvent(data, kind)


def decode(*chunks):
    decoder = SSEDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [*events, *decoder.finish()]


def decode_more(decoder, chunk):
    return [event for _ in range(3) for event in decoder.feed(chunk)]


STREAMS = {
    "data": (b"data: a\n\ndata: b\n\n", [event(b"a"), event(b"b")]),
    "carriage returns and line feeds": (
        b"data: a\r\n\r\ndata: b\r\n\r\n",
        [event(b"a"), event(b"b")],
    ),
    "carriage returns": (b"data: a\r\rdata: b\r\r", [event(b"a"), event(b"b")]),
    "carriage returns and a missing line end": (
        b"data: a\r\rdata: b",
        [event(b"a"), event(b"b")],
    ),
    "mixed line ends": (
        b"data: a\n\r\ndata: b\r\n\rdata: c\r\n\n",
        [event(x) for x in (b"a", b"b", b"c")],
    ),
    "no space": (b"data:a\n\n", [event(b"a")]),
    "one space of two": (b"data:  a \n\n", [event(b" a ")]),
    "lines of data": (b"data: a\ndata: b\ndata:\ndata\n\n", [event(b"a\nb\n\n")]),
    "types": (b"event: x\ndata: a\n\ndata: b\n\n", [event(b"a", b"x"), event(b"b")]),
    "a type after its data": (b"data: a\nevent:x\n\n", [event(b"a", b"x")]),
    "a type without data": (b"event: x\n\ndata: b\n\n", [event(b"b")]),
    "comments": (b": ping\n\n:\n\ndata: a\n: more\n\n", [event(b"a")]),
    "other fields": (b"id: 1\nretry: 5\ndata: a\nid\nx: y\ndatax: z\n\n", [event(b"a")]),
    "blank lines": (b"\n\n\r\n\rdata: a\n\n\n\n", [event(b"a")]),
    "a byte-order mark": (BOM + b"data: a\n\n", [event(b"a")]),
    "a byte-order mark later": (b"data: a\n\n" + BOM + b"data: b\n\n", [event(b"a")]),
    "a byte-order mark before an open line": (BOM + b"data: a", [event(b"a")]),
    "half a byte-order mark": (BOM[:2], []),
    "a missing blank line": (b"data: a\n\ndata: b\n", [event(b"a"), event(b"b")]),
    "a missing line end": (b"data: a\n\ndata: b", [event(b"a"), event(b"b")]),
    "a missing line feed": (b"data: a\r\n\r\ndata: b\r", [event(b"a"), event(b"b")]),
    "errors of old servers": (
        b'data: a\n\nerror: {"code":500}\n\ndata: b\n\n',
        [event(b"a"), event(b'{"code":500}', b"error"), event(b"b")],
    ),
    "line separators in the text": (
        "data: a\u2028b\u2029c\u0085d\x0be\n\n".encode(),
        [event("a\u2028b\u2029c\u0085d\x0be".encode())],
    ),
    "emoji": ("data: 👋🏽é\n\n".encode(), [event("👋🏽é".encode())]),
    "bytes of no encoding": (b"data: \xff\x00\n\n", [event(b"\xff\x00")]),
    "nothing": (b"", []),
}
parametrize = pytest.mark.parametrize(("stream", "events"), STREAMS.values(), ids=STREAMS)


@parametrize
def test_a_whole_stream_is_read(stream, events):
    assert decode(stream) == events


@parametrize
def test_a_stream_is_read_byte_by_byte(stream, events):
    assert decode(*(stream[at : at + 1] for at in range(len(stream)))) == events


@parametrize
def test_a_stream_may_be_split_anywhere(stream, events):
    for at in range(len(stream) + 1):
        assert decode(stream[:at], stream[at:]) == events
        assert decode(stream[:at], b"", stream[at:]) == events


PIECES = [
    b"data",
    b"event",
    b"error",
    b": ",
    b":",
    b"a",
    b"{}",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    BOM,
]


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_any_chunking_gives_the_same_events(data):
    stream = b"".join(data.draw(st.lists(st.sampled_from(PIECES), max_size=25)))
    places = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    ends = [*places, len(stream)]
    chunks = [stream[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    assert decode(*chunks) == decode(stream)


def test_an_event_is_given_as_soon_as_it_is_complete():
    decoder = SSEDecoder()
    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\n") == [event(b"a")]
    assert decoder.feed(b"data: b\r\n\r") == []
    assert decoder.feed(b"\n") == [event(b"b")]
    assert decoder.finish() == []


def test_a_line_of_a_megabyte_is_read_in_small_chunks():
    content = b"x" * 1024**2
    stream = b"data: " + content + b"\n\n"
    assert decode(*(stream[at : at + 1000] for at in range(0, len(stream), 1000))) == [
        event(content)
    ]


@pytest.mark.parametrize("line", [b"x" * 65536, b"x" * 65530 + b"\ndata: "], ids=["one", "many"])
def test_an_event_without_end_is_refused(line):
    decoder = SSEDecoder()
    assert decoder.feed(b"data: ") == []
    for _ in range(MAX_EVENT // 65536 - 1):
        assert decoder.feed(line) == []
    with pytest.raises(UpstreamFailed, match="an event that is too large"):
        decode_more(decoder, line)


def test_many_events_may_outgrow_the_limit_of_one():
    decoder = SSEDecoder()
    stream = b"data: " + b"x" * (MAX_EVENT // 3) + b"\n\n"
    sizes = [len(given.data) for _ in range(4) for given in decoder.feed(stream)]
    assert sizes == [MAX_EVENT // 3] * 4


def test_data_is_written_as_one_event():
    assert encode_data(b"{}") == b"data: {}\n\n"
    assert encode_data(b"{}", b"\r\n") == b"data: {}\r\n\r\n"
    assert decode(encode_data(b"{}"), encode_data(b"1", b"\r\n")) == [event(b"{}"), event(b"1")]
