import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaik.llama.lines import Lines, LogLine, publishable, read_line


def lines_of(*chunks):
    lines = Lines()
    return [line for chunk in chunks for line in lines.feed(chunk)] + lines.finish()


@given(st.text(alphabet="ab\n\r é", max_size=30), st.integers(0, 40))
def test_any_chunking_gives_the_same_lines(text, cut):
    stream = text.encode()
    whole = lines_of(stream)
    assert lines_of(stream[:cut], stream[cut:]) == whole
    assert lines_of(*(stream[i : i + 1] for i in range(len(stream)))) == whole


def test_lines_end_at_line_feeds_and_blank_ones_are_dropped():
    assert lines_of(b"one\r\n\n  \ntwo") == ["one", "two"]


@pytest.mark.parametrize("step", [1, 1999, 2000, 2001, 10000])
def test_overlong_lines_lose_their_ends(step):
    stream = b"x" * 5000 + b"\nshort\n" + b"y" * 2000 + b"\n"
    chunks = [stream[i : i + step] for i in range(0, len(stream), step)]
    assert lines_of(*chunks) == ["x" * 2000, "short", "y" * 2000]


def test_nothing_more_is_kept_of_an_endless_line():
    lines = Lines()
    for _ in range(100):
        lines.feed(b"x" * 1000)
    assert lines.finish() == []


def test_broken_utf8_is_replaced():
    assert lines_of(b"a\xffb\n") == ["a\ufffdb"]


def test_a_head_is_taken_off():
    assert read_line("0.00.006.363 E srv    load_model: failed") == LogLine(
        "E", "srv load_model: failed"
    )


def test_a_line_without_a_head_has_no_level():
    assert read_line("parse: error parsing grammar") == LogLine(
        None, "parse: error parsing grammar"
    )


@pytest.mark.parametrize("level", ["D", "I", "W", "E", None])
def test_all_lines_of_a_start_may_be_logged(level):
    line = LogLine(level, "got exception: words")
    assert publishable(line, serving=False) == line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (LogLine("D", "prompt: secret"), None),
        (LogLine(None, "root ::= secret"), None),
        (LogLine("I", "slot release: id 3"), LogLine("I", "slot release: id 3")),
        (LogLine("W", "srv stop: cancel task"), LogLine("W", "srv stop: cancel task")),
        (
            LogLine("W", 'srv operator(): got exception: {"error":"secret"}'),
            LogLine("W", "srv operator(): got exception"),
        ),
        (
            LogLine(None, "/src/ggml.c:12: GGML_ASSERT(a == b) failed"),
            LogLine(None, "/src/ggml.c:12: GGML_ASSERT(a == b) failed"),
        ),
    ],
)
def test_nothing_of_a_request_is_logged(line, shown):
    assert publishable(line, serving=True) == shown
