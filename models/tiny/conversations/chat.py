"""One synthetic chat: what is asked, and the answer to learn with its weights."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
Tool = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """A stretch of the answer and how much its loss counts.

    ``broken`` cuts its words at random places, as a grammar that forces a
    name may do.
    """

    text: str
    weight: float = 1.0
    broken: bool = False


@dataclass(frozen=True)
class Chat:
    """Messages up to the last question, the declared tools, and the answer."""

    messages: Sequence[Message]
    answer: Sequence[Piece]
    tools: Sequence[Tool] = field(default=())

    @property
    def text(self) -> str:
        """The answer as one string."""
        return "".join(piece.text for piece in self.answer)


Maker = Callable[[random.Random], Chat]


def user(content: str) -> Message:
    """Return a message of the user."""
    return {"role": "user", "content": content}


def model(content: str) -> Message:
    """Return an earlier answer of the model."""
    return {"role": "assistant", "content": content}


def system(content: str) -> Message:
    """Return an instruction."""
    return {"role": "system", "content": content}


def said(prompt: str, answer: str) -> Chat:
    """Return a chat of one question."""
    return Chat((user(prompt),), (Piece(answer),))
