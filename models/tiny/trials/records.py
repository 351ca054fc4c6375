"""Trials of structured output: random schemas, prompts that name the fields."""

import json
import random
from collections.abc import Sequence
from typing import Any

from asking import Answer
from conversations.records import LEADS, Branch, Field, Leaf, compact, fields, leaves, written

from trials.trial import Trial


def schema_of(some: Sequence[Field]) -> dict[str, Any]:
    """Return the JSON schema of an object with these fields, all required."""
    properties = {one.name: _schema(one) for one in some}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _schema(one: Field) -> dict[str, Any]:
    if isinstance(one, Branch):
        inner = schema_of(one.fields)
        return {"type": "array", "items": inner, "minItems": 1} if one.listed else inner
    value = one.value
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "integer"}
    if isinstance(value, float):
        return {"type": "number"}
    if isinstance(value, list):
        kind = "string" if not value or isinstance(value[0], str) else "number"
        return {"type": "array", "items": {"type": kind}}
    return {"type": "string"}


def schema_trial(dice: random.Random) -> Trial:
    """Compact JSON that ends by itself, each mentioned string field with its value."""
    while True:
        some = fields(dice, 1, set(), dice.choice((0.0, 0.0, 0.15)))
        told = [
            one for one in leaves(some) if one.written is not None and isinstance(one.value, str)
        ]
        if told:
            break
    asked = dice.choice(LEADS) + written(dice, some)
    schema = {"name": "record", "strict": True, "schema": schema_of(some)}
    body = {
        "messages": [{"role": "user", "content": asked}],
        "response_format": {"type": "json_schema", "json_schema": schema},
    }
    return Trial(body, compact(_value(some)), lambda answer: _right(answer, told))


def _right(answer: Answer, told: Sequence[Leaf]) -> bool:
    try:
        got = json.loads(answer.text)
    except ValueError:
        return False
    flat = dict(_flat(got))
    return (
        answer.finish == "stop"
        and answer.text == compact(got)
        and all(flat.get(one.name) == one.value for one in told)
    )


def _flat(value: object) -> list[tuple[str, object]]:
    if isinstance(value, list):
        return [pair for item in value for pair in _flat(item)]
    if isinstance(value, dict):
        return [pair for name, item in value.items() for pair in [(name, item), *_flat(item)]]
    return []


def _value(some: Sequence[Field]) -> dict[str, object]:
    value: dict[str, object] = {}
    for one in some:
        if isinstance(one, Leaf):
            value[one.name] = one.value
        else:
            inner = _value(one.fields)
            value[one.name] = [inner] if one.listed else inner
    return value
