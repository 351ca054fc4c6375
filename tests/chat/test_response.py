from localaik.chat.response import ChatResponse, Choice, FinishReason, Usage

USAGE = Usage(prompt_tokens=10, completion_tokens=5, reasoning_tokens=2, cached_tokens=4)
OTHER = Usage(prompt_tokens=10, completion_tokens=7, reasoning_tokens=1, cached_tokens=9)
FIRST = Choice("a", FinishReason.STOP)
SECOND = Choice("b", FinishReason.LENGTH)


def test_the_prompt_of_answers_side_by_side_counts_once():
    assert USAGE.beside(OTHER) == Usage(
        prompt_tokens=10, completion_tokens=12, reasoning_tokens=3, cached_tokens=9
    )


def test_no_usage_beside_another_is_the_other():
    assert Usage().beside(USAGE) == USAGE
    assert USAGE.beside(Usage()) == USAGE


def test_answers_side_by_side_keep_their_order():
    one = ChatResponse("tiny", (FIRST,), USAGE)
    two = ChatResponse("tiny-2", (SECOND,), OTHER)
    assert one.beside(two) == ChatResponse("tiny", (FIRST, SECOND), USAGE.beside(OTHER))


def test_a_usage_that_one_answer_lacks_is_the_others():
    with_usage, without = ChatResponse("m", (FIRST,), USAGE), ChatResponse("m", (SECOND,))
    assert with_usage.beside(without).usage == USAGE
    assert without.beside(with_usage).usage == USAGE
    assert without.beside(without).usage is None


def test_answers_are_not_shown():
    assert "secret" not in repr(Choice("secret", FinishReason.STOP, reasoning="secret"))
