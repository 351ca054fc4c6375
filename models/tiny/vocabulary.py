"""The tokenizer: a small SentencePiece vocabulary that splits text the same way everywhere.

A piece never holds a space, and a digit, a punctuation mark or a newline is a
piece of its own. So a word is cut alike at the start of a prompt, after a
space and inside quotes, which is what makes copying easy to learn. The pieces
of letters come in three cases with the same scores, so ``hello``, ``Hello``
and ``HELLO`` are cut at the same places.
"""

import heapq
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from words import COMMON_WORDS, invented_word

PAD, EOS, BOS, UNKNOWN = "<pad>", "<eos>", "<bos>", "<unk>"
START_OF_TURN, END_OF_TURN = "<start_of_turn>", "<end_of_turn>"
START_OF_IMAGE, END_OF_IMAGE = "<start_of_image>", "<end_of_image>"
TOOL_CALL, END_OF_TOOL_CALL = "<tool_call>", "</tool_call>"
CONTROLS = (PAD, EOS, BOS, UNKNOWN, START_OF_TURN, END_OF_TURN, START_OF_IMAGE, END_OF_IMAGE)
MARKERS = (TOOL_CALL, END_OF_TOOL_CALL)
SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
MERGES = 420
SEED = 20260101

ASCII = "".join(chr(code) for code in range(33, 127))


class Vocabulary:
    """Pieces with their scores, and llama.cpp's way of cutting text with them."""

    def __init__(self, merged: Sequence[str]) -> None:
        self.pieces: list[str] = [*CONTROLS, *MARKERS]
        self.first_byte = len(self.pieces)
        self.pieces += [f"<0x{byte:02X}>" for byte in range(256)]
        self.first_normal = len(self.pieces)
        self.scores: list[float] = [0.0] * self.first_normal
        for rank, piece in enumerate(merged):
            for cased in dict.fromkeys((piece, piece.capitalize(), piece.upper())):
                self._append(cased, -1.0 - rank)
        for character in ("\n", SPACE, *ASCII):
            self._append(character, -1000.0)
        self.ids = {piece: number for number, piece in enumerate(self.pieces)}
        self._cut_word = lru_cache(maxsize=200_000)(self._cut)

    def _append(self, piece: str, score: float) -> None:
        self.pieces.append(piece)
        self.scores.append(score)

    def __len__(self) -> int:
        return len(self.pieces)

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text that may hold control tokens and markers."""
        ids: list[int] = []
        for part in _split(text, (*CONTROLS, *MARKERS)):
            if part in self.ids and self.ids[part] < self.first_byte:
                ids.append(self.ids[part])
            else:
                for run in _runs(part.replace(" ", SPACE)):
                    ids.extend(self._cut_word(run))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids; control tokens are written out."""
        raw = bytearray()
        for number in ids:
            if self.first_byte <= number < self.first_normal:
                raw.append(number - self.first_byte)
            else:
                raw += self.pieces[number].replace(SPACE, " ").encode()
        return raw.decode("utf-8", "replace")

    def _cut(self, run: str) -> tuple[int, ...]:
        """Merge the best pair first, the leftmost of equals, as SentencePiece BPE does."""
        parts = list(run)
        while True:
            best = None
            for place in range(len(parts) - 1):
                number = self.ids.get(parts[place] + parts[place + 1])
                if number is not None and number >= self.first_normal:
                    score = self.scores[number]
                    if best is None or score > best[0]:
                        best = (score, place)
            if best is None:
                break
            place = best[1]
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        ids: list[int] = []
        for part in parts:
            if part in self.ids:
                ids.append(self.ids[part])
            else:
                ids.extend(self.first_byte + byte for byte in part.encode())
        return tuple(ids)


def _split(text: str, marks: Sequence[str]) -> list[str]:
    """Cut a text at every mark, the marks kept."""
    parts = [text]
    for mark in marks:
        if mark not in text:
            continue
        cut: list[str] = []
        for part in parts:
            for number, piece in enumerate(part.split(mark)):
                if number:
                    cut.append(mark)
                if piece:
                    cut.append(piece)
        parts = cut
    return parts


def _runs(text: str) -> Iterable[str]:
    """Cut a text into runs of ASCII letters and single other characters."""
    start = 0
    for place, character in enumerate(text):
        if not (character.isascii() and character.isalpha()):
            if start < place:
                yield text[start:place]
            yield character
            start = place + 1
    if start < len(text):
        yield text[start:]


def learn_pieces(words: Iterable[str], merges: int) -> list[str]:
    """Byte-pair encoding over lowercase words: the merged pieces, best first."""
    counted = Counter(words)
    cut = {word: list(word) for word in counted}
    pieces: list[str] = []
    while len(pieces) < merges:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in cut.items():
            for pair in pairwise(parts):
                pairs[pair] += counted[word]
        best = heapq.nsmallest(1, pairs.items(), key=lambda item: (-item[1], item[0]))[0][0]
        joined = "".join(best)
        if joined not in pieces:
            pieces.append(joined)
        for parts in cut.values():
            place = 0
            while place < len(parts) - 1:
                if parts[place] == best[0] and parts[place + 1] == best[1]:
                    parts[place : place + 2] = [joined]
                place += 1
    return pieces


@lru_cache(maxsize=1)
def build_vocabulary() -> Vocabulary:
    """Return the vocabulary of the shipped model; the same on every run."""
    dice = random.Random(SEED)
    words = [word.lower() for word in COMMON_WORDS for _ in range(4)]
    words += [invented_word(dice) for _ in range(2000)]
    return Vocabulary(learn_pieces(words, MERGES))
