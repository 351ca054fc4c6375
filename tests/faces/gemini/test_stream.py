import json

import attrs
import pytest

from localaik.chat.events import Counted, Finished, ReasoningDelta, Started, TextDelta
from localaik.chat.request import ChatRequest, Reasoning
from localaik.chat.response import Alternative, FinishReason, TokenLogprob, Usage
from localaik.errors import RateLimited, UpstreamFailed
from localaik.faces.face import Answer
from localaik.faces.gemini.stream import ChunkRenderer, array, event_stream

REQUEST = ChatRequest("gemma", ())
TAIL = {"modelVersion": "tiny", "responseId": "answer-1"}
STARTED = Started("tiny")
STOP = Finished(FinishReason.STOP)


def answer(**asked):
    return Answer(attrs.evolve(REQUEST, **asked), answer_id="answer-1", created=0)


def candidate(text, index=0, **more):
    part = {"text": text, "thought": True} if more.pop("thought", False) else {"text": text}
    return {"content": {"role": "model", "parts": [part]}, "index": index, **more}


def render(*events, **asked):
    chunks = ChunkRenderer(answer(**asked))
    grown = [json.loads(chunk) for event in events for chunk in chunks.feed(event)]
    return grown, [json.loads(chunk) for chunk in chunks.finish()]


def test_text_is_rendered_at_once_but_for_a_last_character_and_the_end_in_one_chunk():
    events = [STARTED, TextDelta("Hel"), TextDelta("lo"), STOP, Counted(Usage(3, 2))]
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}
    assert render(*events) == (
        [{"candidates": [candidate("He")], **TAIL}, {"candidates": [candidate("ll")], **TAIL}],
        [{"candidates": [candidate("o", finishReason="STOP")], "usageMetadata": usage, **TAIL}],
    )


@pytest.mark.parametrize(
    "texts", [["Hel", "lo"], ["a"], ["a", "b", "c"], ["👋🏽"], ["x", "👋"], ["ab", ""], ["\n"]]
)
def test_the_last_chunk_of_an_answer_with_text_is_never_empty(texts):
    events = [TextDelta(text, choice) for text in texts for choice in (0, 1)]
    grown, (last,) = render(STARTED, *events, STOP, Finished(FinishReason.STOP, 1), candidates=2)
    for choice in (0, 1):
        pieces = [
            found["content"]["parts"][0]["text"]
            for chunk in (*grown, last)
            for found in chunk["candidates"]
            if found["index"] == choice
        ]
        assert "".join(pieces) == "".join(texts)
        assert all(pieces)


def test_an_empty_answer_is_one_chunk_with_a_part():
    last = {"candidates": [candidate("", finishReason="MAX_TOKENS")], **TAIL}
    assert render(STARTED, Finished(FinishReason.LENGTH)) == ([], [last])


@pytest.mark.parametrize("events", [[], [Started("")]])
def test_a_model_without_a_name_is_called_as_the_client_calls_it(events):
    tail = {"modelVersion": "gemma", "responseId": "answer-1"}
    assert render(*events, TextDelta("ab"), STOP) == (
        [{"candidates": [candidate("a")], **tail}],
        [{"candidates": [candidate("b", finishReason="STOP")], **tail}],
    )


def test_thoughts_are_shown_if_they_are_wanted():
    events = [STARTED, ReasoningDelta("Hm."), TextDelta("ab"), STOP]
    last = {"candidates": [candidate("b", finishReason="STOP")], **TAIL}
    text = {"candidates": [candidate("a")], **TAIL}
    thought = {"candidates": [candidate("Hm.", thought=True)], **TAIL}
    assert render(*events, reasoning=Reasoning(shown=True)) == ([thought, text], [last])
    assert render(*events) == ([text], [last])


def test_several_answers_are_told_apart_and_end_together_in_order():
    events = [
        STARTED,
        TextDelta("b-", 1),
        TextDelta("a", 0),
        Finished(FinishReason.LENGTH, 1),
        TextDelta("A", 0),
        Finished(FinishReason.STOP, 0),
    ]
    assert render(*events, candidates=2) == (
        [
            {"candidates": [candidate("b", 1)], **TAIL},
            {"candidates": [candidate("a")], **TAIL},
        ],
        [
            {
                "candidates": [
                    candidate("A", finishReason="STOP"),
                    candidate("-", 1, finishReason="MAX_TOKENS"),
                ],
                **TAIL,
            }
        ],
    )


def tokens(*logprobs):
    return tuple(
        TokenLogprob(Alternative("a", logprob, 1), (Alternative("b", -2.0, 2),))
        for logprob in logprobs
    )


CHOSEN = {"token": "a", "logProbability": -0.5, "tokenId": 1}
TOP = {"candidates": [{"token": "b", "logProbability": -2.0, "tokenId": 2}]}


@pytest.mark.parametrize(
    ("wanted", "result"),
    [
        (0, {"chosenCandidates": [CHOSEN]}),
        (1, {"chosenCandidates": [CHOSEN], "topCandidates": [TOP]}),
    ],
)
def test_log_probabilities_come_with_their_text_and_the_average_at_the_end(wanted, result):
    events = [STARTED, TextDelta("ab", 0, tokens(-0.5)), TextDelta("c", 0, tokens(-0.25, -1.5))]
    grown, end = render(*events, STOP, logprobs=wanted)
    assert grown[0] == {"candidates": [candidate("a", logprobsResult=result)], **TAIL}
    assert len(grown[1]["candidates"][0]["logprobsResult"]["chosenCandidates"]) == 2
    average = candidate("c", finishReason="STOP", avgLogprobs=-0.75)
    assert end == [{"candidates": [average], **TAIL}]


def test_log_probabilities_of_a_text_that_waits_come_with_it():
    grown, end = render(STARTED, TextDelta("a", 0, tokens(-0.5)), STOP, logprobs=0)
    result = {"chosenCandidates": [CHOSEN]}
    last = candidate("a", finishReason="STOP", logprobsResult=result, avgLogprobs=-0.5)
    assert (grown, end) == ([], [{"candidates": [last], **TAIL}])


def test_each_answer_has_its_own_average():
    events = [STARTED, TextDelta("a", 0, tokens(-0.5)), TextDelta("b", 1, tokens(-1.5))]
    _, end = render(*events, STOP, Finished(FinishReason.STOP, 1), logprobs=0, candidates=2)
    assert [end["avgLogprobs"] for end in end[0]["candidates"]] == [-0.5, -1.5]


def test_log_probabilities_that_nobody_wanted_are_left_out():
    events = [STARTED, TextDelta("ab", 0, tokens(-0.5)), STOP]
    assert render(*events) == (
        [{"candidates": [candidate("a")], **TAIL}],
        [{"candidates": [candidate("b", finishReason="STOP")], **TAIL}],
    )


TEXT = 'Hé 👋🏽\u2028\u0085"\\\n\r\t\0</script>'


def test_any_text_is_one_line_of_json():
    (chunk,) = ChunkRenderer(answer()).feed(TextDelta(TEXT + "."))
    assert json.loads(chunk)["candidates"] == [candidate(TEXT)]
    assert not {b"\n", b"\r"} & {chunk[at : at + 1] for at in range(len(chunk))}


def test_half_a_surrogate_pair_does_not_break_the_stream():
    (chunk,) = ChunkRenderer(answer()).feed(TextDelta("a\ud83d."))
    assert json.loads(chunk)["candidates"] == [candidate("a\ufffd")]


A = (
    b'{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"index":0}],'
    b'"modelVersion":"tiny","responseId":"answer-1"}'
)
LAST = (
    b'{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"index":0,'
    b'"finishReason":"STOP"}],"modelVersion":"tiny","responseId":"answer-1"}'
)
ERROR = b'{"error":{"code":502,"message":"why","status":"UNAVAILABLE"}}'


def frames(renderer, *events):
    return [frame for event in events for frame in renderer.feed(event)]


def test_events_are_framed_exactly_as_the_sdks_expect():
    renderer = event_stream(answer())
    assert frames(renderer, STARTED, TextDelta("aa"), STOP) == [b"data: " + A + b"\r\n\r\n"]
    assert list(renderer.finish()) == [b"data: " + LAST + b"\r\n\r\n"]


def test_an_error_among_events_is_told_bare_and_as_data():
    renderer = event_stream(answer())
    frames(renderer, STARTED, TextDelta("aa"))
    failed = renderer.fail(UpstreamFailed("why"))
    held = b"data: " + A + b"\r\n\r\n"
    assert b"".join(failed) == held + ERROR + b"\r\n\r\ndata: " + ERROR + b"\r\n\r\n"


def test_an_array_grows_item_by_item():
    renderer = array(answer())
    assert frames(renderer, STARTED, TextDelta("a"), TextDelta("a"), TextDelta("a"), STOP) == [
        b"[" + A,
        b",\r\n" + A,
    ]
    assert list(renderer.finish()) == [b",\r\n" + LAST, b"]"]


def test_an_array_of_an_empty_answer_has_its_end():
    renderer = array(answer())
    assert frames(renderer, STARTED, STOP) == []
    assert b"".join(renderer.finish()) == b"[" + LAST.replace(b'"text":"a"', b'"text":""') + b"]"


def test_an_error_in_an_array_is_its_last_item():
    renderer = array(answer())
    frames(renderer, STARTED, TextDelta("aa"))
    failed = b"".join(renderer.fail(UpstreamFailed("why")))
    assert failed == b",\r\n" + A + b",\r\n" + ERROR + b"]"
    assert b"".join(array(answer()).fail(UpstreamFailed("why"))) == b"[" + ERROR + b"]"


def test_an_error_in_the_middle_tells_when_to_come_back():
    (failed,) = event_stream(answer()).fail(RateLimited("busy", retry_after=2.0))
    (_, line) = failed.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")
    assert json.loads(line.removeprefix(b"data: "))["error"]["details"][0]["retryDelay"] == "2s"
