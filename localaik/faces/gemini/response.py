"""Renders whole answers, and the pieces that whole and streamed answers share."""

from collections.abc import Mapping, Sequence
from typing import Any

from localaik.chat.response import Alternative, ChatResponse, Choice, TokenLogprob, Usage
from localaik.faces.face import Answer
from localaik.faces.gemini.names import FINISH_REASONS
from localaik.wire.jsontext import dump_json


def render_response(response: ChatResponse, answer: Answer) -> bytes:
    """Render the body of generateContent."""
    body: dict[str, Any] = {
        "candidates": [
            _candidate(choice, index, answer) for index, choice in enumerate(response.choices)
        ],
    }
    if response.usage is not None:
        body["usageMetadata"] = render_usage(response.usage)
    body["modelVersion"] = response.model or answer.request.model
    body["responseId"] = answer.answer_id
    return dump_json(body)


def render_usage(usage: Usage) -> Mapping[str, Any]:
    """Render usageMetadata; Gemini counts thoughts beside the candidates' tokens."""
    counts = {
        "promptTokenCount": usage.prompt_tokens,
        "candidatesTokenCount": usage.completion_tokens - usage.reasoning_tokens,
        "totalTokenCount": usage.prompt_tokens + usage.completion_tokens,
    }
    if usage.reasoning_tokens:
        counts["thoughtsTokenCount"] = usage.reasoning_tokens
    return counts


def render_parts(text: str, reasoning: str, *, shown: bool) -> Sequence[Mapping[str, Any]]:
    """Render the parts of an answer: never none, since SDK chats forget a turn without any."""
    thoughts = [{"text": reasoning, "thought": True}] if reasoning and shown else []
    return [*thoughts, {"text": text}]


def render_logprobs(tokens: Sequence[TokenLogprob], wanted: int) -> Mapping[str, Any]:
    """Render logprobsResult with the wanted number of alternatives for each token."""
    rendered: dict[str, Any] = {
        "chosenCandidates": [_alternative(token.chosen) for token in tokens]
    }
    if wanted:
        rendered["topCandidates"] = [
            {"candidates": list(map(_alternative, token.top[:wanted]))} for token in tokens
        ]
    return rendered


def average_logprob(tokens: Sequence[TokenLogprob]) -> float:
    """Average the chosen tokens' log probabilities."""
    return sum(token.chosen.logprob for token in tokens) / len(tokens)


def _candidate(choice: Choice, index: int, answer: Answer) -> Mapping[str, Any]:
    shown = answer.request.reasoning.shown
    candidate: dict[str, Any] = {
        "content": {
            "role": "model",
            "parts": render_parts(choice.text, choice.reasoning, shown=shown),
        },
        "finishReason": FINISH_REASONS[choice.finish_reason],
        "index": index,
    }
    wanted = answer.request.logprobs
    if choice.logprobs and wanted is not None:
        candidate["avgLogprobs"] = average_logprob(choice.logprobs)
        candidate["logprobsResult"] = render_logprobs(choice.logprobs, wanted)
    return candidate


def _alternative(token: Alternative) -> Mapping[str, Any]:
    rendered: dict[str, Any] = {"token": token.token, "logProbability": token.logprob}
    if token.token_id is not None:
        rendered["tokenId"] = token.token_id
    return rendered
