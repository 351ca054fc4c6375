"""What clients are told of a failed upstream request."""

import pytest
from twisted.internet import error
from twisted.internet.defer import CancelledError
from twisted.internet.error import (
    ConnectBindError,
    ConnectError,
    ConnectingCancelledError,
    ConnectionDone,
    ConnectionLost,
    DNSLookupError,
    NoRouteError,
    UnknownHostError,
)
from twisted.internet.error import TimeoutError as ConnectTimeoutError
from twisted.python.failure import Failure
from twisted.web.client import (
    RequestGenerationFailed,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
)
from twisted.web.http import PotentialDataLoss

from localaik.errors import BadRequest, UpstreamFailed, UpstreamUnavailable
from localaik.upstream.failures import translate, was_cancelled, was_closed

LOST = [Failure(ConnectionLost())]
UNANSWERED = "the model server closed the connection without an answer"
BROKEN = "the model server broke off its answer"


@pytest.mark.parametrize(
    "error",
    [
        ConnectError(),
        ConnectBindError(),
        error.ConnectionRefusedError(),
        ConnectTimeoutError(),
        DNSLookupError(),
        NoRouteError(),
        UnknownHostError(),
    ],
)
def test_a_server_that_cannot_be_reached_is_unavailable(error):
    told = translate(Failure(error))
    assert (type(told), told.message, told.retry_after) == (
        UpstreamUnavailable,
        "the model server cannot be reached",
        1.0,
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ResponseNeverReceived(LOST), UNANSWERED),
        (RequestTransmissionFailed(LOST), UNANSWERED),
        (ResponseFailed(LOST), BROKEN),
        (RequestGenerationFailed(LOST), BROKEN),
        (ConnectionLost(), BROKEN),
        (ConnectionDone(), BROKEN),
        (PotentialDataLoss(), BROKEN),
        (ValueError(), BROKEN),
    ],
)
def test_an_answer_that_breaks_off_is_a_failure(error, message):
    told = translate(Failure(error))
    assert (type(told), told.message) == (UpstreamFailed, message)


def test_an_error_of_ours_is_told_as_it_is():
    error = BadRequest("x")
    assert translate(Failure(error)) is error


@pytest.mark.parametrize(
    "error",
    [
        CancelledError(),
        ConnectingCancelledError(None),
        ResponseNeverReceived([Failure(CancelledError())]),
    ],
)
def test_what_we_gave_up_is_no_failure(error):
    with pytest.raises(CancelledError):
        translate(Failure(error))


def test_a_bug_stays_a_bug():
    with pytest.raises(KeyError):
        translate(Failure(KeyError("a bug")))


def test_reasons_are_looked_into():
    assert was_cancelled(Failure(CancelledError()))
    assert was_cancelled(Failure(ResponseFailed([*LOST, Failure(CancelledError())])))
    assert not was_cancelled(Failure(ResponseFailed(LOST)))
    assert was_closed(Failure(ResponseFailed(LOST)))
    assert was_closed(Failure(ConnectionDone()))
    assert not was_closed(Failure(ResponseFailed([Failure(KeyError())])))
