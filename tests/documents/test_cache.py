import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from localaik.documents.cache import RenderCache


class Oven:
    """Makes what it is asked for, when the test says so."""

    def __init__(self):
        self.baking = []
        self.cancelled = 0

    def __call__(self):
        self.baking.append(Deferred(lambda _: self._cancel()))
        return self.baking[-1]

    def _cancel(self):
        self.cancelled += 1


@pytest.fixture
def oven():
    return Oven()


def result(deferred):
    got = []
    deferred.addBoth(got.append)
    return got


def test_what_was_made_is_kept(oven):
    cache = RenderCache(100, len)
    first = result(cache.get("a", oven))
    oven.baking[0].callback("bread")
    assert first == ["bread"]
    assert result(cache.get("a", oven)) == ["bread"]
    assert len(oven.baking) == 1


def test_whoever_asks_meanwhile_waits_for_the_same(oven):
    cache = RenderCache(100, len)
    both = result(cache.get("a", oven)), result(cache.get("a", oven))
    oven.baking[0].callback("bread")
    assert both == (["bread"], ["bread"])
    assert len(oven.baking) == 1


def test_it_is_given_up_when_all_have_left(oven):
    cache = RenderCache(100, len)
    waiting = cache.get("a", oven), cache.get("a", oven)
    results = [result(one) for one in waiting]
    waiting[0].cancel()
    assert oven.cancelled == 0
    waiting[1].cancel()
    assert oven.cancelled == 1
    assert all(one[0].check(CancelledError) for one in results)
    again = result(cache.get("a", oven))
    oven.baking[1].callback("bread")
    assert again == ["bread"]


def test_a_failure_is_told_to_all_and_not_kept(oven):
    cache = RenderCache(100, len)
    both = result(cache.get("a", oven)), result(cache.get("a", oven))
    oven.baking[0].errback(ValueError())
    assert [type(one[0]) for one in both] == [Failure, Failure]
    cache.get("a", oven)
    assert len(oven.baking) == 2


def test_what_was_not_used_for_the_longest_time_goes_first(oven):
    cache = RenderCache(10, len)
    for key in "abac":
        if len(result(cache.get(key, oven))) == 0:
            oven.baking[-1].callback("1234")
    assert cache.size == 8
    assert result(cache.get("a", oven)) == ["1234"]
    assert result(cache.get("b", oven)) == []


@pytest.mark.parametrize("most", [0, 3])
def test_what_is_too_large_is_not_kept(oven, most):
    cache = RenderCache(most, len)
    cache.get("a", oven)
    oven.baking[0].callback("1234")
    assert cache.size == 0
    assert result(cache.get("a", oven)) == []
