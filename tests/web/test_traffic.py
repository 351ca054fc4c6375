"""Stopping: answers that run may end, and nothing is left open."""

import pytest
from twisted.internet.defer import Deferred


@pytest.fixture
def site(make_site):
    return make_site()


@pytest.fixture
def drain(clock):
    """Begin to drain a site; the list gets an item when that is done."""

    def begin(site, seconds):
        done = []
        Deferred.fromCoroutine(site.traffic.drain(seconds, clock)).addCallback(done.append)
        clock.advance(0)
        return done

    return begin


def test_without_connections_it_is_done_at_once(site, drain):
    assert drain(site, 10) == [None]


def test_idle_connections_are_closed_at_once(site, join, drain, clock):
    client = join(site)
    assert client.get("/livez").status == 200
    assert drain(site, 10) == [None]
    assert client.wire.closed
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("tag", ["gemini", "openai"])
def test_a_running_answer_may_end_and_arrives_whole(
    site, join, drain, upstream, stream, clock, tag
):
    client, idle = join(site), join(site)
    stream(client, tag)
    answer = upstream.asked().begin()
    answer.delta("Hel")
    done = drain(site, 10)
    assert idle.wire.closed
    clock.advance(5)
    assert not client.wire.closed
    answer.delta("lo!")
    answer.finish()
    # The last bytes are on their way when the answer ends: closing must not lose them.
    clock.advance(0)
    # Gemini's face keeps the last character for its last chunk.
    ends = {"gemini": [b'"llo"', b'"!"'], "openai": [b'"lo!"']}[tag]
    body = client.reply().body
    assert [body.count(end) for end in ends] == [1] * len(ends)
    clock.advance(0)
    assert (done, client.wire.closed) == ([None], True)
    assert clock.getDelayedCalls() == []


def test_an_answer_that_takes_too_long_is_cut(site, join, drain, upstream, stream, clock, logged):
    client = join(site)
    stream(client, "openai")
    answer = upstream.asked().begin()
    answer.delta("Hel")
    done = drain(site, 10)
    clock.advance(9.9)
    assert done == []
    clock.advance(0.1)
    clock.advance(0)
    assert (done, client.wire.closed, answer.left) == ([None], True, True)
    assert logged.lines("localaik.access") == ["openai POST /v1/chat/completions 499 10000.0 ms"]


def test_a_client_that_does_not_read_its_answer_does_not_hold_up_the_stop(
    site, join, drain, upstream, stream, clock
):
    client = join(site)
    stream(client, "openai")
    answer = upstream.asked().begin()
    answer.delta("x" * 100_000)
    assert answer.paused
    done = drain(site, 10)
    clock.advance(10)
    clock.advance(0)
    assert (done, client.wire.closed) == ([None], True)


def test_no_time_to_drain_cuts_at_once(site, join, drain, upstream, stream):
    client = join(site)
    stream(client, "openai")
    assert drain(site, 0) == [None]
    assert upstream.asked().cancelled
    assert client.wire.closed


def test_a_client_that_leaves_lets_the_stop_go_on(site, join, drain, stream, clock):
    client = join(site)
    stream(client, "openai")
    done = drain(site, 10)
    client.leave()
    clock.advance(0)
    assert done == [None]
    assert clock.getDelayedCalls() == []
