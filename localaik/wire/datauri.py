"""Base64 as SDKs send it, and data URIs.

Python's Gemini SDK sends URL-safe base64, JavaScript's and Go's the standard alphabet,
some clients leave out the padding or break lines; what leaves localaik is always standard
and padded, the only form that Go's and llama.cpp's decoders take.
"""

import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import attrs

from localaik.wire.jsontext import PlainText

_FOREIGN = re.compile(r"[^A-Za-z0-9+/]")
_BLANKS = re.compile(r"\s+")
_URL_SAFE = str.maketrans("-_", "+/")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_BLANK_BYTES = b" \t\n\r\f\v"
_SLICE = 256 * 1024  # characters


@attrs.frozen
class DataURI:
    """The media type (lower case, without parameters) and the standard base64 of a data URI."""

    mime_type: str
    data: str = attrs.field(repr=False)

    def __str__(self) -> str:
        return f"data:{self.mime_type};base64,{self.data}"

    def plain_text(self) -> PlainText:
        """Give it for JSON, without a copy."""
        return PlainText("data:", self.mime_type, ";base64,", self.data)


def split_data_uri(uri: str) -> tuple[str | None, str]:
    """Take a data URI apart: its media type, without parameters, and its content as base64.

    The base64 is as the client wrote it, unchecked; content that is none is encoded.

    Raises: ValueError when it is no data URI.
    """
    head, comma, content = uri.partition(",")
    scheme, colon, described = head.partition(":")
    if scheme.strip().lower() != "data" or not colon or not comma:
        raise ValueError("expected a data URI")
    mime_type, *parameters = described.split(";")
    if not any(parameter.strip().lower() == "base64" for parameter in parameters):
        content = binascii.b2a_base64(unquote_to_bytes(content), newline=False).decode()
    elif "%" in content:
        content = unquote_to_bytes(content).decode("latin-1")
    return mime_type.strip().lower() or None, content


def standard_base64(text: str) -> str:
    """Bring base64 of either alphabet, padded or not, into the standard padded form.

    Raises: ValueError when the text is no base64.
    """
    if not text.isascii():
        raise ValueError("expected base64")
    body = _BLANKS.sub("", text).rstrip("=").translate(_URL_SAFE)
    if _FOREIGN.search(body) or len(body) % 4 == 1:
        raise ValueError("expected base64")
    return body + "=" * (-len(body) % 4)


def decode_base64(text: str) -> bytes:
    """Decode base64 of either alphabet, padded or not.

    Raises: ValueError when the text is no base64.
    """
    return binascii.a2b_base64(standard_base64(text))


def decode_slices(text: str) -> Iterator[bytes]:
    """Decode base64 of either alphabet, padded or not, a slice at a time.

    For large texts in threads: between the slices other threads have their turn.

    Raises: ValueError when the text is no base64.
    """
    held = b""
    for start in range(0, len(text), _SLICE):
        held += text[start : start + _SLICE].encode("ascii").translate(_STANDARD, _BLANK_BYTES)
        if b"=" in held:
            # Only the end may be padded.
            held += text[start + _SLICE :].encode("ascii").translate(_STANDARD, _BLANK_BYTES)
            break
        ready = len(held) // 4 * 4
        yield binascii.a2b_base64(held[:ready], strict_mode=True)
        held = held[ready:]
    rest = held.rstrip(b"=")
    yield binascii.a2b_base64(rest + b"=" * (-len(rest) % 4), strict_mode=True)


def encode_slices(content: bytes) -> str:
    """Write bytes as standard base64, a slice at a time, as `decode_slices` reads it."""
    step = _SLICE // 4 * 3
    starts = range(0, len(content), step)
    pieces = [binascii.b2a_base64(content[at : at + step], newline=False) for at in starts]
    return b"".join(pieces).decode()


def first_bytes(data: str, count: int) -> bytes:
    """Decode just the first bytes of base64, to look at a file's signature.

    Raises: ValueError when the text is no base64 there.
    """
    return decode_base64(data[: -(-count // 3) * 4])[:count]
