"""Base64 as SDKs send it, and data URIs.

Python's Gemini SDK sends URL-safe base64, JavaScript's and Go's the standard alphabet,
some clients leave out the padding or break lines; what leaves localaik is always standard
and padded, the only form that Go's and llama.cpp's decoders take.
"""

import binascii
import re

import attrs

_FOREIGN = re.compile(r"[^A-Za-z0-9+/]")
_BLANKS = re.compile(r"\s+")
_URL_SAFE = str.maketrans("-_", "+/")


@attrs.frozen
class DataURI:
    """The media type (lower case, without parameters) and the standard base64 of a data URI."""

    mime_type: str
    data: str = attrs.field(repr=False)

    def __str__(self) -> str:
        return f"data:{self.mime_type};base64,{self.data}"


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


def first_bytes(data: str, count: int) -> bytes:
    """Decode just the first bytes of standard base64, to look at a file's signature."""
    return binascii.a2b_base64(data[: -(-count // 3) * 4])[:count]
