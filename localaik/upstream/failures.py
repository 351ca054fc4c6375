"""What goes wrong on the way to the upstream, as errors for clients."""

from twisted.internet.defer import CancelledError
from twisted.internet.error import (
    ConnectError,
    ConnectingCancelledError,
    ConnectionClosed,
    DNSLookupError,
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

from localaik.errors import LocalaikError, UpstreamFailed, UpstreamUnavailable

# Seconds; a model server that is being restarted is usually back by then.
RETRY_AFTER = 1.0

# The connection broke before a byte of the answer came.
UNANSWERED = (ResponseNeverReceived, RequestTransmissionFailed)

_UNREACHABLE = (ConnectError, DNSLookupError, UnknownHostError, ConnectTimeoutError)
_BROKEN = (
    *UNANSWERED,
    ResponseFailed,
    RequestGenerationFailed,
    ConnectionClosed,
    PotentialDataLoss,
    # Twisted's parser says ValueError for a status line or a chunk that is none.
    ValueError,
)


def translate(failure: Failure) -> LocalaikError:
    """Find the error that a client is told for a failed upstream request.

    Raises: CancelledError when it was we who gave the request up, and whatever is not the
    network's doing, for that is a bug.
    """
    if isinstance(failure.value, LocalaikError):
        return failure.value
    if was_cancelled(failure):
        raise CancelledError
    if failure.check(*_UNREACHABLE):
        return UpstreamUnavailable("the model server cannot be reached", retry_after=RETRY_AFTER)
    if failure.check(*UNANSWERED):
        return UpstreamFailed("the model server closed the connection without an answer")
    failure.trap(*_BROKEN)
    return UpstreamFailed("the model server broke off its answer")


def was_cancelled(failure: Failure) -> bool:
    """Say whether a request failed because its Deferred was cancelled."""
    return _reason_is(failure, CancelledError, ConnectingCancelledError)


def was_closed(failure: Failure) -> bool:
    """Say whether a request failed because its connection was closed."""
    return _reason_is(failure, ConnectionClosed)


def _reason_is(failure: Failure, *kinds: type[BaseException]) -> bool:
    reasons: list[Failure] = getattr(failure.value, "reasons", [])
    return any(reason.check(*kinds) for reason in (failure, *reasons))
