"""Request bodies on the way to the upstream."""

import pytest

from localaik.upstream.body import BytesProducer

LARGE = b"0123456789abcdef" * 65536


class Connection:
    """Takes a body, and may want a pause after each piece."""

    def __init__(self, producer, *, pausing):
        self.pieces = []
        self._producer = producer
        self._pausing = pausing

    def write(self, data):
        self.pieces.append(data)
        if self._pausing:
            self._producer.pauseProducing()


def start(body, *, pausing):
    producer = BytesProducer(body)
    connection = Connection(producer, pausing=pausing)
    ended = []
    producer.startProducing(connection).addBoth(ended.append)
    return producer, connection, ended


@pytest.mark.parametrize("body", [b"", b"{}", LARGE])
def test_a_body_is_written_at_once_where_nothing_pauses_it(body):
    producer, connection, ended = start(body, pausing=False)
    assert (b"".join(connection.pieces), ended, producer.length) == (body, [None], len(body))


def test_a_large_body_is_written_at_the_pace_of_the_connection():
    producer, connection, ended = start(LARGE, pausing=True)
    assert len(connection.pieces) == 1
    while not ended:
        written = len(connection.pieces)
        producer.resumeProducing()
        assert len(connection.pieces) == written + 1
    assert (b"".join(connection.pieces), ended) == (LARGE, [None])
    producer.resumeProducing()
    assert b"".join(connection.pieces) == LARGE


def test_a_body_that_is_stopped_is_written_no_further():
    producer, connection, ended = start(LARGE, pausing=True)
    producer.stopProducing()
    producer.resumeProducing()
    assert (len(connection.pieces), ended) == (1, [])


def test_a_body_may_be_sent_again():
    producer, _, _ = start(LARGE, pausing=True)
    again = Connection(producer, pausing=False)
    producer.startProducing(again)
    assert b"".join(again.pieces) == LARGE
