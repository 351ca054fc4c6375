"""Wrappers of IAgent: what is done to every upstream request, below every face.

The client code never learns of them; recording, replaying and faults belong here too.
"""

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

from localaik.upstream.failures import UNANSWERED, was_cancelled, was_closed


@implementer(IAgent)
class HeaderAgent:
    """Adds header lines to each request: localaik's own credentials.

    Redirects are never followed, so that these reach no other host than the upstream's.
    """

    def __init__(self, agent: IAgent, headers: Headers) -> None:
        self._agent = agent
        self._headers = headers

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803
    ) -> Deferred[IResponse]:
        """Issue the request with the header lines on top."""
        joined = Headers() if headers is None else headers.copy()
        for name, values in self._headers.getAllRawHeaders():
            joined.setRawHeaders(name, list(values))
        return self._agent.request(method, uri, joined, bodyProducer)


@implementer(IAgent)
class FreshConnectionAgent:
    """Repeats a request once that was lost with its connection before any answer came.

    A kept connection may be closed by the server at the moment it is used again (Twisted's
    ticket 7843); Twisted's own pool repeats only GET and the like.  Asking a model twice
    changes nothing, and body producers here can start again.
    """

    def __init__(self, agent: IAgent) -> None:
        self._agent = agent

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803
    ) -> Deferred[IResponse]:
        """Issue the request, and once more if the first connection turns out dead."""

        def again(failure: Failure) -> Deferred[IResponse]:
            failure.trap(*UNANSWERED)
            # An answer that cannot be parsed was "never received" as well.
            if was_cancelled(failure) or not was_closed(failure):
                failure.raiseException()
            return self._agent.request(method, uri, headers, bodyProducer)

        return self._agent.request(method, uri, headers, bodyProducer).addErrback(again)
