"""How often each skill comes up in training, and rows packed into batches."""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from conversations import calls, echo, lengthy, orders, pictures, records, talk
from conversations.chat import Maker
from encoding import encode_chat, picture_numbers
from vocabulary import build_vocabulary

LENGTHS = (64, 96, 144, 320)
TOKENS = 3072

SHARES: Sequence[tuple[float, Maker]] = (
    (18, echo.echo),
    (1.5, echo.long_echo),
    (10, echo.obey),
    (4, talk.greeting),
    (5, talk.capital),
    (4, talk.thing),
    (10, talk.addition),
    (3, talk.counting),
    (7, talk.recall),
    (3, talk.later),
    (6, orders.capitals),
    (5, orders.one_word),
    (6, orders.ending),
    (2, orders.starting),
    (1.5, orders.fixed),
    (2, orders.idle),
    (12, records.record),
    (1, records.free_answer),
    (10, calls.call),
    (2, calls.result),
    (2.5, calls.no_call),
    (0.7, calls.forced_call),
    (2, pictures.coloured),
    (2, pictures.counted_pictures),
    (1, pictures.blank),
    (2, pictures.described),
    (1, lengthy.after_much),
    (0.5, lengthy.too_long),
)

FIRST_SHARES: Sequence[tuple[float, Maker]] = (
    (60, echo.short_echo),
    (20, echo.short_obey),
    (5, talk.greeting),
    (5, talk.addition),
    (10, records.free_answer),
)


class Batch(NamedTuple):
    """Rows of one length, and the places (row by row) whose next id is learnt.

    ``pictures`` numbers the pictures in a row; ``targets`` and ``weights``
    belong to ``places``.
    """

    ids: npt.NDArray[np.int32]
    pictures: npt.NDArray[np.int32]
    places: npt.NDArray[np.int32]
    targets: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]


def batches(seed: int, first: int) -> Iterator[Batch]:
    """Endless batches, the same for the same seed; the ``first`` ones teach to copy."""
    dice = random.Random(seed)
    early = _rows(dice, FIRST_SHARES)
    for _ in range(first):
        yield next(early)
    yield from _rows(dice, SHARES)


def _rows(dice: random.Random, shares: Sequence[tuple[float, Maker]]) -> Iterator[Batch]:
    vocabulary = build_vocabulary()
    makers = [maker for _, maker in shares]
    odds = [share for share, _ in shares]
    shelves: dict[int, list[tuple[list[int], list[float]]]] = {length: [] for length in LENGTHS}
    while True:
        chat = dice.choices(makers, odds)[0](dice)
        ids, weights = encode_chat(vocabulary, chat, dice)
        if len(ids) > LENGTHS[-1]:
            ids, weights = ids[-LENGTHS[-1] :], weights[-LENGTHS[-1] :]
        length = next(length for length in LENGTHS if length >= len(ids))
        shelf = shelves[length]
        shelf.append((ids, weights))
        if len(shelf) * length >= TOKENS:
            yield _batch(shelf, length, len(vocabulary))
            shelves[length] = []


def _batch(shelf: list[tuple[list[int], list[float]]], length: int, size: int) -> Batch:
    ids = np.zeros((len(shelf), length), np.int32)
    weights = np.zeros((len(shelf), length), np.float32)
    for row, (some_ids, some_weights) in enumerate(shelf):
        ids[row, : len(some_ids)] = some_ids
        weights[row, : len(some_weights)] = some_weights
    places = np.flatnonzero(weights[:, 1:].ravel() > 0)
    places = places + places // (length - 1)
    room = TOKENS // 3
    kept = np.zeros(room, np.int32)
    count = min(room, len(places))
    kept[:count] = np.random.default_rng(len(places)).permutation(places)[:count]
    chosen = np.zeros(room, np.float32)
    chosen[:count] = weights.ravel()[kept[:count] + 1]
    targets = ids.ravel()[np.minimum(kept + 1, ids.size - 1)]
    return Batch(ids, picture_numbers(ids, size), kept, np.minimum(targets, size - 1), chosen)
