"""The data's way, without HTTP below or above."""

import json

import pytest
from twisted.internet.defer import CancelledError, Deferred

from localaik.errors import UpstreamFailed, UpstreamTimeout
from localaik.exchange import Exchange
from localaik.faces import gemini, openai
from localaik.settings import UpstreamSettings
from localaik.upstream.client import Upstream

HI = b'{"contents": [{"parts": [{"text": "Hi"}]}]}'
TWO = b'{"contents": [{"parts": [{"text": "Hi"}]}], "generationConfig": {"candidateCount": 2}}'


class FakeSink:
    """Takes an answer, and remembers what it was told in order."""

    def __init__(self):
        self.told = []
        self.body = b""
        self.begun = False
        self.producer = None

    def send(self, content_type, content, headers):
        self.told.append(("send", content_type))
        self.body += content
        self.begun = True

    def begin(self, content_type, headers=None):
        self.told.append(("begin", content_type))
        self.begun = True

    def write(self, data):
        assert self.begun
        if self.told[-1] != "write":
            self.told.append("write")
        self.body += data

    def draw_from(self, producer):
        self.told.append("draw")
        self.producer = producer

    def end(self):
        self.told.append("end")


@pytest.fixture
def sink():
    return FakeSink()


@pytest.fixture
def exchange(upstream, clock, logged):
    url = "http://model.test"
    below = Upstream(upstream, lambda: url, UpstreamSettings(url=url), clock)
    return Exchange(below, clock, lambda: "id-1")


def start(coroutine):
    got = []
    running = Deferred.fromCoroutine(coroutine)
    running.addBoth(got.append)
    return running, got


def stream(exchange, sink, body=HI, within=None):
    answer = exchange.answer_to(gemini.FACE.parse_request(body, "gemma"))
    return start(exchange.stream(gemini.FACE, answer, sink, within))


def test_an_answer_knows_its_id_and_its_time(exchange, clock):
    clock.advance(1234.5)
    request = gemini.FACE.parse_request(HI, "gemma")
    answer = exchange.answer_to(request)
    assert (answer.request, answer.answer_id, answer.created) == (request, "id-1", 1234)


def test_a_stream_draws_begins_writes_and_ends(exchange, sink, upstream):
    _, got = stream(exchange, sink)
    answer = upstream.asked().begin()
    assert sink.told == ["draw"]
    answer.delta("Hel")
    assert sink.told == ["draw", ("begin", "text/event-stream"), "write"]
    answer.delta("lo")
    answer.finish()
    assert sink.told == ["draw", ("begin", "text/event-stream"), "write", "end"]
    assert got == [None]


def test_a_stream_that_fails_before_it_began_raises(exchange, sink, upstream):
    _, got = stream(exchange, sink)
    upstream.asked().answer(b"", status=500)
    assert got[0].check(UpstreamFailed)
    assert (sink.told, sink.body) == (["draw", "end"], b"")


def test_a_stream_that_fails_later_is_told_in_the_stream(exchange, sink, upstream):
    _, got = stream(exchange, sink)
    answer = upstream.asked().begin()
    answer.delta("Hel")
    answer.cut()
    assert got == [None]
    assert sink.told[-1] == "end"
    assert sink.body.count(b'{"error":{"code":502') == 2


def test_a_stream_that_is_no_stream_is_a_failure(exchange, sink, upstream):
    _, got = stream(exchange, sink)
    upstream.asked().say("whole")
    assert got[0].value.message == "the model server did not stream its answer"


def test_a_cancelled_stream_closes_the_upstream_and_ends(exchange, sink, upstream, clock):
    running, got = stream(exchange, sink)
    answer = upstream.asked().begin()
    answer.delta("Hel")
    body = sink.body
    running.cancel()
    assert got[0].check(CancelledError)
    assert (answer.left, sink.told[-1], sink.body) == (True, "end", body)
    assert clock.getDelayedCalls() == []


def test_the_producer_pauses_all_answers_and_those_to_come(exchange, sink, upstream):
    stream(exchange, sink, TWO)
    first, waiting = upstream.asked().begin(), upstream.asked()
    sink.producer.pauseProducing()
    second = waiting.begin()
    assert (first.paused, second.paused) == (True, True)
    sink.producer.resumeProducing()
    assert (first.paused, second.paused) == (False, False)
    sink.producer.stopProducing()
    assert (first.left, second.left) == (False, False)


def test_the_usage_of_all_answers_is_told_once_at_the_end(exchange, sink, upstream):
    stream(exchange, sink, TWO)
    first, second = upstream.asked().begin(), upstream.asked().begin()
    first.finish(usage={"prompt_tokens": 5, "completion_tokens": 1})
    second.finish(usage={"prompt_tokens": 5, "completion_tokens": 3})
    (event,) = sink.body.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")
    assert json.loads(event.removeprefix(b"data: "))["usageMetadata"] == {
        "promptTokenCount": 5,
        "candidatesTokenCount": 4,
        "totalTokenCount": 9,
    }


def test_the_limit_counts_from_the_beginning(exchange, sink, upstream, clock):
    _, got = stream(exchange, sink, within=10)
    clock.advance(9)
    answer = upstream.asked().begin()
    clock.advance(1)
    assert got[0].check(UpstreamTimeout)
    assert answer.left
    assert clock.getDelayedCalls() == []


def test_a_whole_answer_is_rendered(exchange, upstream):
    answer = exchange.answer_to(gemini.FACE.parse_request(HI, "gemma"))
    _, got = start(exchange.whole(gemini.FACE, answer))
    upstream.asked().say("Hello")
    body = json.loads(got[0])
    assert body["candidates"][0]["content"]["parts"] == [{"text": "Hello"}]
    assert body["responseId"] == "id-1"


def test_a_cancelled_whole_answer_cancels_all_its_requests(exchange, upstream):
    answer = exchange.answer_to(gemini.FACE.parse_request(TWO, "gemma"))
    running, got = start(exchange.whole(gemini.FACE, answer))
    running.cancel()
    assert got[0].check(CancelledError)
    assert [upstream.asked().cancelled, upstream.asked().cancelled] == [True, True]


def relay(exchange, sink, body=b"{}"):
    return start(exchange.relay(body, sink, openai.render_failure))


def test_a_relayed_whole_answer_is_sent_at_once(exchange, sink, upstream):
    _, got = relay(exchange, sink)
    answer = upstream.asked().begin(headers={"Content-Type": "application/json"})
    answer.send(b"{")
    assert sink.told == []
    answer.send(b"}")
    answer.end()
    assert (sink.told, sink.body, got) == ([("send", "application/json")], b"{}", [None])


def test_a_relayed_stream_is_written_as_it_comes(exchange, sink, upstream):
    _, got = relay(exchange, sink)
    answer = upstream.asked().begin()
    assert sink.told == ["draw"]
    answer.finish()
    assert sink.told == ["draw", ("begin", "text/event-stream"), "write", "end"]
    assert sink.body.endswith(b"data: [DONE]\n\n")
    assert got == [None]


def test_a_relayed_stream_is_paused_by_the_sink(exchange, sink, upstream):
    relay(exchange, sink)
    answer = upstream.asked().begin()
    sink.producer.pauseProducing()
    answer.delta("x")
    assert (answer.paused, sink.body) == (True, b"")
    sink.producer.resumeProducing()
    assert b'"x"' in sink.body


def test_a_cancelled_relay_closes_the_upstream(exchange, sink, upstream, clock):
    running, got = relay(exchange, sink)
    answer = upstream.asked().begin()
    answer.delta("x")
    running.cancel()
    assert got[0].check(CancelledError)
    assert (answer.left, sink.told[-1]) == (True, "end")
    assert clock.getDelayedCalls() == []
