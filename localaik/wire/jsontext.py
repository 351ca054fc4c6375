"""JSON text to values and back; the only place that knows which library does it."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from localaik.errors import BadRequest

_BOM = b"\xef\xbb\xbf"
# In JSON text a zero byte is always escaped, so that this one is ours.
_PLACE = msgspec.Raw(b"\0")
# Escapes are consumed from left to right, so that an escaped backslash before a "u" is
# not taken for the start of a surrogate.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def load_json(text: bytes) -> Any:
    """Read UTF-8 JSON text; a byte-order mark is skipped and the last of equal keys wins.

    Half a surrogate pair, which JavaScript sends when it cuts a string inside an emoji,
    becomes U+FFFD.

    Raises: BadRequest that tells the position, never the text.
    """
    body = text.removeprefix(_BOM)
    if not body.strip():
        raise BadRequest("the body is empty; expected JSON")
    try:
        return _decode(body)
    except RecursionError:
        raise BadRequest("the JSON is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise BadRequest(f"the JSON is not UTF-8: {error.reason}") from None
    except msgspec.MsgspecError as error:
        raise BadRequest(f"the JSON cannot be read: {error}") from None


class PlainText:
    """A long ASCII string without quotes and escapes, such as base64, in JSON to be written.

    `dump_json` copies its pieces instead of looking at each character, which takes half the
    time for pictures of many MB.
    """

    __slots__ = ("pieces",)

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces


def dump_json(value: Any) -> bytes:
    """Write compact UTF-8 JSON text without line breaks; half surrogate pairs become U+FFFD."""
    try:
        # Every stream chunk comes through here, and hardly any holds what needs more.
        return msgspec.json.encode(value)
    except (TypeError, UnicodeEncodeError):
        return _dump_with_care(value)


def _dump_with_care(value: Any) -> bytes:
    plain: list[PlainText] = []

    def hold(found: Any) -> msgspec.Raw:
        if not isinstance(found, PlainText):
            raise TypeError(f"{type(found).__name__} cannot be written as JSON")
        plain.append(found)
        return _PLACE

    try:
        text = msgspec.json.encode(value, enc_hook=hold)
    except UnicodeEncodeError:
        plain.clear()
        text = msgspec.json.encode(_whole_characters(value), enc_hook=hold)
    return _filled(text, plain) if plain else text


def _filled(text: bytes, plain: Sequence[PlainText]) -> bytes:
    first, *others = text.split(bytes(_PLACE))
    pieces = [first]
    for found, rest in zip(plain, others, strict=True):
        pieces += [b'"', *(piece.encode("ascii") for piece in found.pieces), b'"', rest]
    return b"".join(pieces)


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        mended = _ESCAPE.sub(lambda m: rb"\ufffd" if m.group(1) else m.group(0), body)
        if mended == body:
            raise
        return msgspec.json.decode(mended)


def _whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole_characters(item) for item in value]
    return value
