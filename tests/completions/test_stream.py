import json

import pytest

from localaik.chat.events import Counted, Finished, ReasoningDelta, Started, TextDelta
from localaik.chat.response import Alternative, FinishReason, TokenLogprob, Usage
from localaik.completions.stream import ChunkDecoder
from localaik.errors import ContextOverflow, LocalaikError, UpstreamFailed, UpstreamUnavailable
from localaik.wire.sse import ServerSentEvent

# What llama.cpp adds to every chunk.
COMMON = {
    "created": 1795581424,
    "id": "chatcmpl-CceT9ydVetoz9mXWT3Q1LBLTO2c6CQwV",
    "model": "tiny",
    "system_fingerprint": "b0-unknown",
    "object": "chat.completion.chunk",
}
USAGE = {
    "completion_tokens": 3,
    "prompt_tokens": 13,
    "total_tokens": 16,
    "prompt_tokens_details": {"cached_tokens": 8},
}
DONE = ServerSentEvent(b"[DONE]")


def event(value, kind=None):
    return ServerSentEvent(json.dumps(value).encode(), kind)


def chunk(delta, finish_reason=None, **more):
    choice = {"finish_reason": finish_reason, "index": 0, "delta": delta, **more}
    return event({"choices": [choice], **COMMON})


FIRST = chunk({"role": "assistant", "content": None})
LAST = chunk({}, "stop")
COUNT = event({"choices": [], **COMMON, "usage": USAGE, "timings": {"prompt_n": 5}})


def decode(*events, decoder=None):
    decoder = decoder or ChunkDecoder()
    grown = [found for given in events for found in decoder.feed(given)]
    return grown, list(decoder.finish())


def test_a_stream_of_llama_cpp_is_decoded():
    texts = [chunk({"content": text}) for text in ("He", "llo", "\u2028👋")]
    assert decode(FIRST, *texts, LAST, COUNT, DONE) == (
        [Started("tiny"), TextDelta("He"), TextDelta("llo"), TextDelta("\u2028👋")],
        [
            Finished(FinishReason.STOP),
            Counted(Usage(prompt_tokens=13, completion_tokens=3, cached_tokens=8)),
        ],
    )


def test_each_event_is_decoded_at_once():
    decoder = ChunkDecoder()
    assert list(decoder.feed(FIRST)) == [Started("tiny")]
    assert list(decoder.feed(chunk({"content": "a"}))) == [TextDelta("a")]
    assert list(decoder.feed(LAST)) == []
    assert list(decoder.feed(COUNT)) == []
    assert list(decoder.feed(DONE)) == []


def test_a_running_usage_counts_once():
    usages = [{**USAGE, "completion_tokens": count} for count in (0, 1, 2)]
    events = [
        event({"choices": [{"delta": {"content": "a"}}], "usage": usage, **COMMON})
        for usage in usages
    ]
    grown, end = decode(*events, LAST)
    assert grown == [Started("tiny"), *[TextDelta("a")] * 3]
    assert end == [Finished(FinishReason.STOP), Counted(Usage(13, 2, cached_tokens=8))]


def test_usage_may_come_with_the_finish_reason_or_not_at_all():
    choices = [{"delta": {}, "finish_reason": "length"}]
    counted = Counted(Usage(13, 3, cached_tokens=8))
    assert decode(event({"choices": choices, "usage": USAGE}))[1] == [
        Finished(FinishReason.LENGTH),
        counted,
    ]
    assert decode(event({"choices": choices, "usage": None}))[1] == [Finished(FinishReason.LENGTH)]


def test_text_may_come_with_the_finish_reason():
    assert decode(FIRST, chunk({"content": "a"}, "length")) == (
        [Started("tiny"), TextDelta("a")],
        [Finished(FinishReason.LENGTH)],
    )


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_have_two_names(name):
    both = chunk({name: "c", "content": "d"})
    assert decode(FIRST, chunk({name: "a"}), chunk({name: ""}), both, LAST)[0] == [
        Started("tiny"),
        ReasoningDelta("a"),
        ReasoningDelta("c"),
        TextDelta("d"),
    ]


def test_log_probabilities_come_with_their_text():
    top = [{"id": 8, "token": "b", "bytes": [98], "logprob": None}]
    entry = {"id": 7, "token": "a", "bytes": [97], "logprob": -0.5, "top_logprobs": top}
    grown, _ = decode(FIRST, chunk({"content": "a"}, logprobs={"content": [entry]}), LAST)
    expected = TokenLogprob(Alternative("a", -0.5, 7), (Alternative("b", -9999.0, 8),))
    assert grown == [Started("tiny"), TextDelta("a", 0, (expected,))]


def test_log_probabilities_may_come_without_text():
    entry = {"token": "", "logprob": -0.5, "top_logprobs": []}
    grown, _ = decode(FIRST, chunk({}, "stop", logprobs={"content": [entry]}))
    assert grown == [Started("tiny"), TextDelta("", 0, (TokenLogprob(Alternative("", -0.5)),))]


@pytest.mark.parametrize("logprobs", [None, {"content": None}, {"content": []}, {}])
def test_absent_log_probabilities_are_none(logprobs):
    assert decode(FIRST, chunk({"content": "a"}, logprobs=logprobs), LAST)[0] == [
        Started("tiny"),
        TextDelta("a"),
    ]


@pytest.mark.parametrize(
    "value",
    [{"choices": []}, {"choices": None}, {}, {"choices": [{}]}, {"choices": [{"delta": None}]}],
)
def test_chunks_that_say_nothing_are_passed_over(value):
    assert decode(FIRST, event(value), LAST) == (
        [Started("tiny")],
        [Finished(FinishReason.STOP)],
    )


def test_the_choice_is_the_decoders_whatever_the_upstream_says():
    decoder = ChunkDecoder(choice=2)
    thought = chunk({"reasoning_content": "b"})
    assert decode(FIRST, thought, chunk({"content": "a"}), LAST, decoder=decoder) == (
        [Started("tiny"), ReasoningDelta("b", 2), TextDelta("a", 2)],
        [Finished(FinishReason.STOP, 2)],
    )


def test_text_after_the_finish_reason_still_counts():
    assert decode(FIRST, LAST, chunk({"content": "a"}), DONE)[0] == [
        Started("tiny"),
        TextDelta("a"),
    ]


@pytest.mark.parametrize(
    "events",
    [[], [DONE], [FIRST], [FIRST, chunk({"content": "a"})], [FIRST, DONE], [FIRST, COUNT, DONE]],
)
def test_a_stream_without_a_finish_reason_is_cut(events):
    decoder = ChunkDecoder()
    for given in events:
        decoder.feed(given)
    with pytest.raises(UpstreamFailed, match=r"^the upstream ended its answer in the middle$"):
        decoder.finish()


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"choices":[{"delta":{"content":"a', b"[]", b"null", b"\xff", b"<html>"]
)
def test_garbage_in_a_stream_is_a_failure(data):
    decoder = ChunkDecoder()
    decoder.feed(FIRST)
    with pytest.raises(UpstreamFailed, match=r"^the upstream sent an answer that cannot be read$"):
        decoder.feed(ServerSentEvent(data))


OVERFLOW = {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}


@pytest.mark.parametrize(
    ("reported", "kind", "message"),
    [
        (event({"error": OVERFLOW}), ContextOverflow, "Context size has been exceeded."),
        (event(OVERFLOW, b"error"), ContextOverflow, "Context size has been exceeded."),
        (event({"error": OVERFLOW}, b"error"), ContextOverflow, "Context size has been exceeded."),
        (event({"error": {"code": 503, "message": "why"}}), UpstreamUnavailable, "why"),
        (
            event({"error": "why"}),
            UpstreamFailed,
            "the upstream failed with status 502: why",
        ),
        (event({}, b"error"), UpstreamFailed, "the upstream failed with status 502"),
    ],
)
def test_an_error_in_the_middle_is_raised(reported, kind, message):
    decoder = ChunkDecoder()
    decoder.feed(FIRST)
    with pytest.raises(LocalaikError) as caught:
        decoder.feed(reported)
    assert (type(caught.value), caught.value.message) == (kind, message)
