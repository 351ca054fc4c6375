from localaik.chat.events import Finished, ReasoningDelta, TextDelta
from localaik.chat.response import FinishReason


def test_events_are_about_the_first_answer_unless_they_say_otherwise():
    assert TextDelta("a") == TextDelta("a", choice=0, logprobs=())
    assert ReasoningDelta("a") == ReasoningDelta("a", choice=0)
    assert Finished(FinishReason.STOP) == Finished(FinishReason.STOP, choice=0)


def test_answers_and_thoughts_are_not_shown():
    assert "secret" not in repr([TextDelta("secret"), ReasoningDelta("secret")])
