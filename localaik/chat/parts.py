"""Finds the documents of a request, and puts what they became in their places."""

from collections.abc import Sequence
from itertools import chain

import attrs

from localaik.chat.request import ChatRequest, DocumentPart, ImagePart, Part, TextPart


def find_documents(request: ChatRequest) -> tuple[DocumentPart, ...]:
    """List the documents of a request in their order."""
    parts = chain.from_iterable(message.parts for message in request.messages)
    return tuple(part for part in parts if isinstance(part, DocumentPart))


def has_pictures(request: ChatRequest) -> bool:
    """Say whether a request holds pictures, which make it large."""
    parts = chain.from_iterable(message.parts for message in request.messages)
    return any(isinstance(part, ImagePart) for part in parts)


def replace_documents(request: ChatRequest, expanded: Sequence[tuple[Part, ...]]) -> ChatRequest:
    """Put the parts that each document became in its place."""
    waiting = iter(expanded)
    messages = []
    for message in request.messages:
        pieces = [
            next(waiting) if isinstance(part, DocumentPart) else (part,) for part in message.parts
        ]
        messages.append(attrs.evolve(message, parts=_joined(pieces)))
    return attrs.evolve(request, messages=tuple(messages))


def _joined(pieces: Sequence[tuple[Part, ...]]) -> tuple[Part, ...]:
    """Join pieces in their order; texts that meet become one, as paragraphs.

    Otherwise the last word of a question would run into the first of a file.
    """
    joined: list[Part] = []
    for part in chain.from_iterable(pieces):
        last = joined[-1] if joined else None
        if isinstance(part, TextPart) and isinstance(last, TextPart):
            joined[-1] = TextPart(f"{last.text}\n\n{part.text}")
        else:
            joined.append(part)
    return tuple(joined)
