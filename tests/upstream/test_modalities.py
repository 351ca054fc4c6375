"""Whether the model can see, by what its server tells."""

import pytest
from twisted.internet.task import Clock

from localaik.errors import UpstreamFailed
from localaik.settings import UpstreamSettings
from localaik.upstream.client import Upstream
from localaik.upstream.modalities import Modalities


@pytest.fixture
def modalities(upstream, clock):
    settings = UpstreamSettings(url="http://model.test")
    return Modalities(Upstream(upstream, lambda: settings.url, settings, clock), clock)


def ask(modalities):
    got = []
    modalities.can_see().addBoth(got.append)
    return got


@pytest.mark.parametrize(
    ("status", "body", "sees"),
    [
        (200, {"modalities": {"vision": True}}, True),
        (200, {"modalities": {"vision": False}}, False),
        (200, {}, True),
        (200, {"modalities": 1}, True),
        (200, b"no JSON", True),
        (404, b"", True),
    ],
)
def test_a_server_that_does_not_tell_is_taken_to_see(modalities, upstream, status, body, sees):
    got = ask(modalities)
    asked = upstream.asked()
    assert asked.url == "http://model.test/props"
    asked.answer(body, status=status)
    assert got == [sees]


def test_the_answer_is_kept_for_a_while(modalities, upstream, clock: Clock):
    ask(modalities)
    upstream.asked().answer({"modalities": {"vision": False}})
    clock.advance(59)
    assert ask(modalities) == [False]
    assert upstream.idle()
    clock.advance(2)
    got = ask(modalities)
    upstream.asked().answer({"modalities": {"vision": True}})
    assert got == [True]


def test_a_server_that_is_loading_is_asked_again(modalities, upstream):
    got = ask(modalities)
    upstream.asked().answer({}, status=503)
    assert got[0].check(UpstreamFailed)
    got = ask(modalities)
    upstream.asked().answer({"modalities": {"vision": True}})
    assert got == [True]
