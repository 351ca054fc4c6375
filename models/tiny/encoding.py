"""From a chat to the ids and loss weights of one training row.

The prompt goes through the shipped chat template, and pictures stand in the
text as private-use characters, one for each soft token, between Gemma's
picture marks; their ids lie past the vocabulary.
"""

import json
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt
from conversations.chat import Chat
from vocabulary import BOS, END_OF_TURN, START_OF_TURN, Vocabulary

FIRST_PICTURE_CHARACTER = 0xE000
PICTURE_CHARACTERS = 64


def _tojson(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = _tojson
    source = (Path(__file__).parent / "template.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)


def render(chat: Chat) -> str:
    """Return the prompt of a chat as llama.cpp renders it, its opening token included."""
    tools = list(chat.tools) or None
    return _template().render(
        messages=list(chat.messages), tools=tools, bos_token=BOS, add_generation_prompt=True
    )


def encode_text(vocabulary: Vocabulary, text: str) -> list[int]:
    """Ids of a text in which private-use characters stand for pictures."""
    ids: list[int] = []
    start = 0
    for place, character in enumerate(text):
        code = ord(character) - FIRST_PICTURE_CHARACTER
        if 0 <= code < PICTURE_CHARACTERS:
            ids += vocabulary.encode(text[start:place])
            ids.append(len(vocabulary) + code)
            start = place + 1
    return ids + vocabulary.encode(text[start:])


def broken_ids(vocabulary: Vocabulary, text: str, dice: random.Random) -> list[int]:
    """Ids of a text cut at random places, which still read as the same text."""
    ids: list[int] = []
    start = 0
    while start < len(text):
        step = dice.randint(1, 3)
        ids += vocabulary.encode(text[start : start + step])
        start += step
    return ids


def encode_chat(
    vocabulary: Vocabulary, chat: Chat, dice: random.Random
) -> tuple[list[int], list[float]]:
    """Ids of the whole chat, and for each id how much predicting it counts."""
    ids = encode_text(vocabulary, render(chat))
    weights = _weights_of_turns(vocabulary, ids)
    for piece in chat.answer:
        if piece.broken:
            more = broken_ids(vocabulary, piece.text, dice)
        else:
            more = encode_text(vocabulary, piece.text)
        ids += more
        weights += [piece.weight] * len(more)
    ids.append(vocabulary.ids[END_OF_TURN])
    weights.append(1.0)
    return ids, weights


def _weights_of_turns(vocabulary: Vocabulary, ids: list[int]) -> list[float]:
    """1 for the model's earlier turns, 0 elsewhere."""
    opening = vocabulary.encode(f"{START_OF_TURN}model\n")
    end = vocabulary.ids[END_OF_TURN]
    weights = [0.0] * len(ids)
    inside = False
    for place in range(len(opening), len(ids)):
        if ids[place - len(opening) : place] == opening:
            inside = True
        if inside:
            weights[place] = 1.0
            inside = ids[place] != end
    return weights


def picture_numbers(ids: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.int32]:
    """For each place the number of its picture in the row, 0 for text."""
    inside = ids >= size
    starts = inside & ~np.pad(inside, ((0, 0), (1, 0)))[:, :-1]
    numbers: npt.NDArray[np.int32] = np.where(inside, np.cumsum(starts, axis=1), 0).astype(
        np.int32
    )
    return numbers
