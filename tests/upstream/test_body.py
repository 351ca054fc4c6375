"""The reader of a body: its timer, its pauses and its ends."""

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone, ResponseFailed
from twisted.web.http import PotentialDataLoss

from localaik.errors import UpstreamFailed, UpstreamTimeout
from localaik.upstream.body import BodyReader, BytesProducer

SILENCE = 30.0


class Source:
    """The transport of a body; remembers what it was told."""

    def __init__(self):
        self.told = []

    def pauseProducing(self):  # noqa: N802
        self.told.append("pause")

    def resumeProducing(self):  # noqa: N802
        self.told.append("resume")

    def loseConnection(self):  # noqa: N802
        self.told.append("close")


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def pieces():
    return []


@pytest.fixture
def reader(pieces, clock, source):
    reader = BodyReader(pieces.append, clock, SILENCE)
    reader.makeConnection(source)
    return reader


@pytest.fixture
def ends(reader):
    """What `done` fired with, as it comes."""
    got = []
    reader.done.addBoth(got.append)
    return got


@pytest.mark.parametrize("end", [ResponseDone(), PotentialDataLoss()])
def test_pieces_are_handed_on_until_the_end(reader, pieces, ends, clock, end):
    reader.dataReceived(b"a")
    reader.dataReceived(b"b")
    assert (pieces, ends) == ([b"a", b"b"], [])
    reader.connectionLost(Failure(end))
    assert ends == [None]
    assert clock.getDelayedCalls() == []


def test_a_cut_body_fails(reader, ends, clock):
    reader.connectionLost(Failure(ResponseFailed([Failure(ConnectionLost())])))
    assert ends[0].check(UpstreamFailed)
    assert clock.getDelayedCalls() == []


def test_silence_fails_and_closes(reader, ends, clock, source):
    clock.advance(SILENCE)
    assert ends[0].check(UpstreamTimeout)
    assert source.told == ["close"]


def test_each_piece_breaks_the_silence(reader, ends, clock):
    for _ in range(5):
        clock.advance(SILENCE - 1)
        reader.dataReceived(b"x")
    assert ends == []
    clock.advance(SILENCE)
    assert ends[0].check(UpstreamTimeout)


def test_silence_stands_still_during_a_pause(reader, ends, clock, source):
    reader.pauseProducing()
    assert clock.getDelayedCalls() == []
    clock.advance(10 * SILENCE)
    # What was under way when the pause began still comes.
    reader.dataReceived(b"x")
    clock.advance(10 * SILENCE)
    reader.resumeProducing()
    clock.advance(SILENCE - 1)
    assert ends == []
    clock.advance(1)
    assert ends[0].check(UpstreamTimeout)
    assert source.told == ["pause", "resume", "close"]


def test_pausing_twice_is_pausing(reader, ends, clock):
    reader.pauseProducing()
    reader.pauseProducing()
    reader.resumeProducing()
    reader.resumeProducing()
    assert len(clock.getDelayedCalls()) == 1


def test_what_receive_raises_is_the_end(clock, source):
    def receive(data):
        raise KeyError("a bug")

    reader = BodyReader(receive, clock, SILENCE)
    reader.makeConnection(source)
    got = []
    reader.done.addBoth(got.append)
    reader.dataReceived(b"x")
    reader.dataReceived(b"y")
    reader.connectionLost(Failure(ResponseDone()))
    (failure,) = got
    assert failure.check(KeyError)
    assert source.told == ["close"]
    assert clock.getDelayedCalls() == []


def test_cancelling_closes_at_once(reader, pieces, ends, clock, source):
    reader.done.cancel()
    assert ends[0].check(CancelledError)
    assert source.told == ["close"]
    reader.dataReceived(b"late")
    reader.resumeProducing()
    reader.connectionLost(Failure(ResponseDone()))
    assert (pieces, len(ends)) == ([], 1)
    assert clock.getDelayedCalls() == []


def test_cancelling_before_the_body_begins_leaves_nothing(clock, source):
    reader = BodyReader(lambda _: None, clock, SILENCE)
    got = []
    reader.done.addBoth(got.append)
    reader.done.cancel()
    assert got[0].check(CancelledError)


def test_the_end_of_the_consumer_is_left_to_cancellation(reader, ends):
    reader.stopProducing()
    assert ends == []
    reader.done.cancel()
    assert ends[0].check(CancelledError)


def test_a_body_in_memory_is_written_at_once_and_again():
    producer = BytesProducer(b"body")
    for _ in range(2):
        written = []
        done = []

        class Consumer:
            write = written.append

        producer.startProducing(Consumer()).addCallback(done.append)
        assert (written, done) == ([b"body"], [None])
    assert producer.length == 4
