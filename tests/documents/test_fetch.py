"""Fetching by policy: names are resolved and checked here, before anything is connected to."""

import pytest
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.web.http_headers import Headers

from localaik.documents.fetch import LARGEST, PATIENCE, Fetcher
from localaik.errors import BadRequest

ADDRESSES = {
    "public.test": ["93.184.216.34"],
    "other.test": ["93.184.216.35"],
    "inside.test": ["10.0.0.1"],
    "both.test": ["93.184.216.34", "127.0.0.1"],
    "10.0.0.1": ["10.0.0.1"],
    "::1": ["::1"],
}


class Web:
    """A web whose pages are given by the test; it keeps who was connected to."""

    def __init__(self):
        self.pages = {}
        self.resolved = []
        self.asked = []

    def resolve(self, host):
        self.resolved.append(host)
        return succeed(ADDRESSES.get(host, []))

    def agent_for(self, address):
        web = self

        class Agent:
            def request(self, method, uri, headers=None, bodyProducer=None):  # noqa: N803
                web.asked.append((address, uri.decode()))
                page = web.pages[uri.decode()]
                return page if isinstance(page, Deferred) else succeed(page)

        return Agent()


class Page:
    """A response."""

    def __init__(self, body=b"", code=200, **headers):
        self.code = code
        self.body = body
        self.length = len(body)
        self.headers = Headers({name.encode(): [text] for name, text in headers.items()})
        self.closed = False

    def deliverBody(self, protocol):  # noqa: N802
        from twisted.python.failure import Failure
        from twisted.web.client import ResponseDone

        protocol.makeConnection(self)
        for at in range(0, len(self.body), 2**20):
            if not self.closed:
                protocol.dataReceived(self.body[at : at + 2**20])
        protocol.connectionLost(Failure(ResponseDone()))

    def loseConnection(self):  # noqa: N802
        self.closed = True


@pytest.fixture
def web():
    return Web()


@pytest.fixture
def fetch(web, clock):
    def begin(url, policy="public"):
        got = []
        fetched = Fetcher(policy, web.resolve, web.agent_for, clock).fetch(url)
        fetched.addBoth(got.append)
        fetched.got = got
        return fetched

    return begin


def told(fetched):
    (failure,) = fetched.got
    assert failure.check(BadRequest)
    return failure.value.message


def test_a_document_is_fetched_from_the_address_that_was_checked(web, fetch):
    web.pages["http://public.test/a"] = Page(b"abc", **{"content-type": b"text/plain"})
    assert fetch("http://public.test/a").got == [(b"abc", "text/plain")]
    assert web.asked == [("93.184.216.34", "http://public.test/a")]
    assert web.resolved == ["public.test"]


@pytest.mark.parametrize("host", ["inside.test", "both.test", "10.0.0.1", "[::1]"])
def test_a_name_that_leads_inside_is_refused_unless_allowed(web, fetch, host):
    assert "not public" in told(fetch(f"http://{host}/"))
    assert web.asked == []
    web.pages[f"http://{host}/"] = Page(b"abc")
    assert fetch(f"http://{host}/", "allow").got == [(b"abc", None)]


def test_nothing_is_fetched_where_that_is_denied(web, fetch):
    assert "--fetch public permits it" in told(fetch("http://public.test/", "deny"))
    assert (web.asked, web.resolved) == ([], [])


def test_each_redirect_is_checked(web, fetch):
    web.pages["http://public.test/"] = Page(code=302, location=b"//other.test/x")
    web.pages["http://other.test/x"] = Page(code=307, location=b"http://inside.test/")
    assert "not public" in told(fetch("http://public.test/"))
    assert [address for address, _ in web.asked] == ["93.184.216.34", "93.184.216.35"]


@pytest.mark.parametrize("location", [b"file:///etc/passwd", b"gopher://public.test/"])
def test_a_redirect_to_another_scheme_is_refused(web, fetch, location):
    web.pages["http://public.test/"] = Page(code=302, location=location)
    assert "expected an http:// or https:// URL" in told(fetch("http://public.test/"))
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(code=404), "status 404"),
        (Page(code=302), "to nowhere"),
        (Page(code=302, location=b"/"), "more than 5 times"),
        (Page(b"x" * (LARGEST + 1)), "larger than"),
    ],
)
def test_an_answer_that_is_no_document_is_told(web, fetch, page, reason):
    web.pages["http://public.test/"] = page
    assert reason in told(fetch("http://public.test/"))


def test_a_body_without_a_length_is_cut_at_the_limit(web, fetch):
    page = web.pages["http://public.test/"] = Page(b"x" * (LARGEST + 2**20))
    page.length = "UNKNOWN_LENGTH"
    assert "larger than" in told(fetch("http://public.test/"))
    assert page.closed


def test_a_host_without_an_address_is_told(fetch):
    assert "cannot be found" in told(fetch("http://none.test/"))


@pytest.mark.parametrize(
    "url", ["http://", "http:///a", "http://é.test/", "http://u:p@public.test"]
)
def test_a_url_that_cannot_be_used_is_told(web, fetch, url):
    assert told(fetch(url))
    assert web.asked == []


def test_time_is_limited(web, fetch, clock):
    cancelled = []
    web.pages["http://public.test/"] = Deferred(cancelled.append)
    fetched = fetch("http://public.test/")
    clock.advance(PATIENCE)
    assert "within 30 seconds" in told(fetched)
    assert len(cancelled) == 1


def test_a_fetch_is_cancelled_with_its_request(web, fetch):
    cancelled = []
    web.pages["http://public.test/"] = Deferred(cancelled.append)
    fetched = fetch("http://public.test/")
    fetched.cancel()
    assert fetched.got[0].check(CancelledError)
    assert len(cancelled) == 1


def test_what_the_network_does_is_told_without_details(web, fetch):
    failing = web.pages["http://public.test/"] = Deferred()
    fetched = fetch("http://public.test/")
    failing.errback(OSError("secret"))
    assert told(fetched) == "the URL cannot be fetched"
