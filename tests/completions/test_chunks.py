import msgspec
import pytest

from localaik.chat.response import Alternative, FinishReason, TokenLogprob, Usage
from localaik.completions.chunks import (
    Content,
    Logprobs,
    RankedToken,
    TokenDetails,
    TokenEntry,
    UsageCount,
    decode_struct,
    finish_reason,
    token_logprobs,
)
from localaik.errors import UpstreamFailed


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("tool_calls", FinishReason.TOOL_CALLS),
        ("function_call", FinishReason.TOOL_CALLS),
        ("content_filter", FinishReason.CONTENT_FILTER),
        ("load", FinishReason.STOP),
        ("", FinishReason.STOP),
        ("LENGTH", FinishReason.STOP),
    ],
)
def test_finish_reasons_are_read(word, reason):
    assert finish_reason(word) is reason


def test_reasoning_has_two_names():
    assert Content(reasoning_content="a").thoughts() == "a"
    assert Content(reasoning="b").thoughts() == "b"
    assert Content(reasoning_content="", reasoning="b").thoughts() == "b"
    assert Content(content="c").thoughts() == ""


def test_a_count_without_details_is_a_usage():
    assert UsageCount(3, 4).usage() == Usage(prompt_tokens=3, completion_tokens=4)
    assert UsageCount().usage() == Usage()


def test_a_count_with_details_is_a_usage():
    count = UsageCount(3, 4, TokenDetails(cached_tokens=2), TokenDetails(reasoning_tokens=1))
    assert count.usage() == Usage(3, 4, reasoning_tokens=1, cached_tokens=2)
    assert UsageCount(3, 4, TokenDetails(), TokenDetails()).usage() == Usage(3, 4)


@pytest.mark.parametrize("logprobs", [None, Logprobs(), Logprobs(content=[])])
def test_no_log_probabilities_are_none(logprobs):
    assert token_logprobs(logprobs) == ()


def test_very_low_log_probabilities_are_clamped():
    entry = TokenEntry("a", None, 5, [RankedToken("b", -1e30), RankedToken("c", -0.5, 7)])
    assert token_logprobs(Logprobs([entry, TokenEntry("d", 0.0)])) == (
        TokenLogprob(
            Alternative("a", -9999.0, 5), (Alternative("b", -9999.0), Alternative("c", -0.5, 7))
        ),
        TokenLogprob(Alternative("d", 0.0)),
    )


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"null", b'{"content":1}', b'{"content":"\xff"}', b'{"content":"a"', b"<html>"],
)
def test_what_is_not_of_the_form_is_a_failure_of_the_upstream(text):
    with pytest.raises(UpstreamFailed, match=r"^the upstream sent an answer that cannot be read$"):
        decode_struct(msgspec.json.Decoder(Content), text)


def test_nesting_without_end_is_a_failure_of_the_upstream():
    with pytest.raises(UpstreamFailed, match="cannot be read"):
        decode_struct(msgspec.json.Decoder(Content), b'{"x":' * 100_000)
