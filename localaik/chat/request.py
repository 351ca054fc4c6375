"""The canonical request: what every face parses into and the upstream is asked."""

import enum
from collections.abc import Mapping
from typing import Any

import attrs

from localaik.wire.datauri import DataURI


class Role(enum.Enum):
    """Who speaks a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@attrs.frozen
class TextPart:
    """Text of a message."""

    text: str = attrs.field(repr=False)


@attrs.frozen
class ImagePart:
    """A picture inside a message, in a form that every model server decodes: PNG or JPEG."""

    source: DataURI


@attrs.frozen
class InlineSource:
    """A document inside the request: base64 of either alphabet, as the client wrote it.

    It is decoded where it does not hold up other requests.
    """

    data: str = attrs.field(repr=False)


@attrs.frozen
class LinkSource:
    """A document at a ``data:``, ``http:``, ``https:`` or ``file:`` URI, or at a path."""

    uri: str = attrs.field(repr=False)


@attrs.frozen
class DocumentPart:
    """A file that is still to be turned into texts and pictures.

    `mime_type` is what the client says, in lower case and without parameters; `field` is
    the path of the source in the client's request, for errors; `name` is the file's.
    """

    source: InlineSource | LinkSource
    field: str
    mime_type: str | None = None
    name: str | None = attrs.field(default=None, repr=False)


Part = TextPart | ImagePart | DocumentPart


@attrs.frozen
class Message:
    """One turn, or a piece of one, before turns are merged."""

    role: Role
    parts: tuple[Part, ...]


@attrs.frozen
class Sampling:
    """How tokens are drawn; None leaves a value to the model server.

    `max_tokens` counts tokens of the answer; `seed` is unsigned, below 2**32 - 1.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


@attrs.frozen
class Reasoning:
    """How much the model may think before it answers, and whether the client sees it.

    `enabled` None leaves it to the model; `budget` is in tokens; `effort` is one of the
    words that model servers know (``low``, ``medium``, ``high``, ...).
    """

    enabled: bool | None = None
    budget: int | None = None
    effort: str | None = None
    shown: bool = False


@attrs.frozen
class ResponseFormat:
    """The answer must be JSON."""


@attrs.frozen
class ChatRequest:
    """A whole request for one or more answers to a conversation.

    `logprobs` is the number of alternatives wanted for each token, None for no
    log probabilities at all.  `extra` holds sampling keys in llama.cpp's own names, which
    travel on as they are.  `ignored` lists the paths of fields that have no effect here.
    """

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    candidates: int = 1
    logprobs: int | None = None
    reasoning: Reasoning = Reasoning()
    response_format: ResponseFormat | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict)
    ignored: tuple[str, ...] = ()

    def singles(self) -> "tuple[ChatRequest, ...]":
        """Split into requests for one answer each, since a server has few slots or no ``n``.

        A seed is counted up, so that equal seeds still give different answers.
        """
        if self.candidates == 1:
            return (self,)
        seed = self.sampling.seed
        return tuple(
            attrs.evolve(
                self,
                candidates=1,
                sampling=attrs.evolve(
                    self.sampling, seed=None if seed is None else (seed + index) % (2**32 - 1)
                ),
            )
            for index in range(self.candidates)
        )
