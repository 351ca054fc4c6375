"""Reads generationConfig: every field of it, by the contract of the API's reference."""

from typing import Any

import attrs

from localaik.chat.request import Reasoning, ResponseFormat, Sampling
from localaik.errors import Unimplemented
from localaik.faces.gemini.names import SAMPLING_EXTENSIONS, THINKING_LEVELS, WITHOUT_EFFECT
from localaik.wire.reader import ObjectReader, Reader

_MOST_CANDIDATES = 8  # the API's own limit
_MOST_ALTERNATIVES = 20
_SEEDS = 2**32 - 1  # llama.cpp takes 2**32 - 1 itself for "draw one"


@attrs.frozen
class GenerationConfig:
    """What generationConfig asks for, in canonical terms."""

    sampling: Sampling = Sampling()
    candidates: int = 1
    logprobs: int | None = None
    reasoning: Reasoning = Reasoning()
    response_format: ResponseFormat | None = None
    extra: dict[str, Any] = attrs.field(factory=dict)


def read_generation_config(config: ObjectReader | None) -> GenerationConfig:
    """Read generationConfig; an absent one asks for nothing."""
    if config is None:
        return GenerationConfig()
    _check_modalities(config)
    config.skip(*WITHOUT_EFFECT)
    return GenerationConfig(
        sampling=_sampling(config),
        candidates=config.integer("candidateCount", 1, _MOST_CANDIDATES) or 1,
        logprobs=_logprobs(config),
        reasoning=_reasoning(config.object("thinkingConfig")),
        response_format=_response_format(config),
        extra=_extensions(config),
    )


def _sampling(config: ObjectReader) -> Sampling:
    seed = config.integer("seed", -(2**31), 2**32 - 1)
    return Sampling(
        temperature=config.number("temperature", 0.0, 2.0),
        top_p=config.number("topP", 0.0, 1.0),
        top_k=config.integer("topK", 0, 2**31 - 1),
        max_tokens=config.integer("maxOutputTokens", 1, 2**31 - 1),
        # An empty stop string would end the answer at once.
        stop=tuple(text for item in config.array("stopSequences") if (text := item.string())),
        seed=None if seed is None else seed % _SEEDS,
        presence_penalty=config.number("presencePenalty", -2.0, 2.0),
        frequency_penalty=config.number("frequencyPenalty", -2.0, 2.0),
    )


def _logprobs(config: ObjectReader) -> int | None:
    wanted = config.boolean("responseLogprobs")
    count = config.get("logprobs")
    alternatives = None if count is None else count.integer(0, _MOST_ALTERNATIVES)
    if count is not None and alternatives and not wanted:
        raise count.wrong("needs responseLogprobs to be true")
    return (alternatives or 0) if wanted else None


def _reasoning(config: ObjectReader | None) -> Reasoning:
    if config is None:
        return Reasoning()
    budget = config.integer("thinkingBudget", -1, 2**31 - 1)
    level = config.get("thinkingLevel")
    effort = None if level is None else level.choice(THINKING_LEVELS)
    return Reasoning(
        # A budget of 0 switches thinking off; -1 leaves its length to the model.
        enabled=None if budget is None and not effort else budget != 0,
        budget=budget if budget and budget > 0 else None,
        effort=effort or None,
        shown=bool(config.boolean("includeThoughts")),
    )


def _response_format(config: ObjectReader) -> ResponseFormat | None:
    for name in ("responseSchema", "responseJsonSchema", "_responseJsonSchema"):
        schema = config.get(name)
        if schema is not None:
            raise Unimplemented(f"{schema.path}: response schemas are not served yet")
    mime_type = config.get("responseMimeType")
    if mime_type is None:
        return None
    match mime_type.string():
        case "" | "text/plain":
            return None
        case "application/json":
            return ResponseFormat()
        case "text/x.enum":
            raise Unimplemented(f"{mime_type.path}: enum answers are not served yet")
        case _:
            raise mime_type.wrong("expected text/plain, application/json or text/x.enum")


def _check_modalities(config: ObjectReader) -> None:
    wanted = config.get("responseModalities")
    if wanted is None:
        return
    modalities: list[Reader] = list(wanted.array())
    if modalities and not any(item.string().upper() == "TEXT" for item in modalities):
        raise wanted.wrong("expected TEXT among them; localaik answers in text only")


def _extensions(config: ObjectReader) -> dict[str, Any]:
    return {
        name: value
        for wire, name in SAMPLING_EXTENSIONS.items()
        if (value := config.raw(wire)) is not None
    }
