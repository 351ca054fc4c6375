from localaik import errors
from localaik.chat.response import FinishReason
from localaik.faces.gemini.names import FINISH_REASONS, STATUSES


def kinds(kind):
    return [kind, *(below for child in kind.__subclasses__() for below in kinds(child))]


def test_every_finish_reason_has_a_word():
    assert set(FINISH_REASONS) == set(FinishReason)


def test_every_error_has_a_status():
    assert {kind.status for kind in kinds(errors.LocalaikError)} - set(STATUSES) == set()
