"""Finds the documents of a chat completion request, and writes into it what they became.

All else in the request stays as it is, so that what this face does not know still travels.
Sources: https://platform.openai.com/docs/guides/pdf-files for ``file`` parts, and
https://platform.openai.com/docs/guides/images-vision for ``image_url``.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import attrs

from localaik.chat.request import DocumentPart, InlineSource, LinkSource, Part
from localaik.errors import Unimplemented
from localaik.wire.datauri import first_bytes, split_data_uri
from localaik.wire.jsontext import dump_json
from localaik.wire.pictures import ENOUGH, read_header
from localaik.wire.reader import ObjectReader, Reader

# How the upstream takes a part; whoever sends the request on knows it.
EncodePart = Callable[[Part], Mapping[str, Any]]


@attrs.frozen
class PlacedDocument:
    """A document, and where its part stands: number of the message, and of the part in it."""

    message: int
    position: int
    part: DocumentPart


@attrs.frozen
class ChatBody:
    """A checked request as JSON, and its documents in their order."""

    _value: Any = attrs.field(repr=False)
    documents: tuple[PlacedDocument, ...]

    def rewritten(self, expanded: Sequence[tuple[Part, ...]], encode: EncodePart) -> bytes:
        """Write the request with the parts that each document became in its place."""
        places = [(one.message, one.position) for one in self.documents]
        encoded = [list(map(encode, parts)) for parts in expanded]
        became = dict(zip(places, encoded, strict=True))
        concerned = {message for message, _ in became}
        messages = [
            _rewritten(message, number, became) if number in concerned else message
            for number, message in enumerate(self._value["messages"])
        ]
        return dump_json({**self._value, "messages": messages})


def find_documents(messages: Reader) -> tuple[PlacedDocument, ...]:
    """List what the model server cannot take as it is: files, and pictures that are not plain.

    Raises: BadRequest when a part is malformed, Unimplemented for files by id.
    """
    found = []
    for number, message in enumerate(messages.array()):
        content = message.object().get("content")
        if content is None or not isinstance(content.value, list):
            continue
        for position, part in enumerate(content.array()):
            document = _document(part.object())
            if document is not None:
                found.append(PlacedDocument(number, position, document))
    return tuple(found)


def _document(part: ObjectReader) -> DocumentPart | None:
    match part.string("type"):
        case "file":
            return _file(part.require("file").object())
        case "image_url":
            return _picture(part.require("image_url").object().require("url"))
        case _:
            return None


def _file(file: ObjectReader) -> DocumentPart:
    content = file.get("file_data")
    if content is None:
        if file.get("file_id") is not None:
            raise Unimplemented(f"{file.path}.file_id: files are not served yet")
        content = file.require("file_data")
    text = content.string()
    if not text:
        raise content.wrong("expected some data, got none")
    # Base64 has no colon, and a data URI one in front.
    linked = text[:5].lower() == "data:"
    source = LinkSource(text) if linked else InlineSource(text)
    return DocumentPart(source, content.path, None, file.string("filename"))


def _picture(url: Reader) -> DocumentPart | None:
    text = url.string()
    return None if _is_plain(text) else DocumentPart(LinkSource(text), url.path)


def _is_plain(url: str) -> bool:
    """Tell whether a picture may pass as it is, by its header; its rest is not looked at."""
    if not url.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
        return False
    try:
        declared, data = split_data_uri(url[: ENOUGH * 2])
        header = read_header(first_bytes(data[: len(data) // 4 * 4], ENOUGH))
    except ValueError:
        return False
    if header is None or not header.plain or header.is_bomb or "-" in data or "_" in data:
        return False
    return header.mime_type == declared


def _rewritten(
    message: Mapping[str, Any], number: int, became: Mapping[tuple[int, int], Sequence[Any]]
) -> Mapping[str, Any]:
    pieces = [
        became.get((number, position), [part]) for position, part in enumerate(message["content"])
    ]
    return {**message, "content": list(chain.from_iterable(pieces))}
