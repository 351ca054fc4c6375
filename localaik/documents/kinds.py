"""Tells what a document is, by its content and by what the client says of it."""

import enum
from collections.abc import Mapping

import attrs

from localaik.wire.pictures import picture_type


class Kind(enum.Enum):
    """What is done with a document."""

    PDF = "PDF"
    PICTURE = "picture"
    TEXT = "text"


@attrs.frozen
class Identity:
    """What a document turned out to be; `mime_type` is that of its content."""

    kind: Kind
    mime_type: str


# A PDF may have junk before its header (PDF 32000-1, annex H, note 13).
_PDF_WITHIN = 1024
_PIECE = 1024**2  # bytes that are looked at without a pause
_UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream", "*/*"})
_PDF_TYPES = frozenset({"application/pdf", "application/x-pdf"})
_TEXT_TYPES = frozenset(
    {
        "application/csv", "application/ecmascript", "application/graphql",
        "application/javascript", "application/json", "application/jsonl",
        "application/ld+json", "application/markdown", "application/ndjson", "application/rtf",
        "application/sql", "application/toml", "application/typescript",
        "application/x-httpd-php", "application/x-javascript", "application/x-jsonlines",
        "application/x-ndjson", "application/x-perl", "application/x-php",
        "application/x-python", "application/x-python-code", "application/x-ruby",
        "application/x-sh", "application/x-shellscript", "application/x-tex",
        "application/x-typescript", "application/x-yaml", "application/xhtml+xml",
        "application/xml", "application/yaml", "image/svg+xml", "message/rfc822",
    }
)  # fmt: skip
# What else people send, to be named in the error.
_OTHERS: Mapping[bytes, str] = {
    b"ID3": "audio/mpeg",
    b"fLaC": "audio/flac",
    b"OggS": "audio/ogg",
    b"\x1aE\xdf\xa3": "video/webm",
    b"PK\x03\x04": "application/zip",
    b"\x1f\x8b": "application/gzip",
    b"\xd0\xcf\x11\xe0": "application/x-ole-storage",
    b"\x7fELF": "application/x-executable",
}
_BYTE_ORDER_MARKS: Mapping[bytes, str] = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# Control characters that texts do not hold; tab, line ends, form feed and escape are fine.
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\x0b\x0c\r\x1b"))


def identify(content: bytes, declared: str | None) -> Identity:
    """Tell what a document is; between pictures the content decides, else both must agree.

    Raises: ValueError that names the type, for what is neither a PDF, nor a picture, nor text.
    """
    said = (declared or "").partition(";")[0].strip().lower()
    found = _sniff(content)
    if found is None and (_is_text_type(said) or said in _UNKNOWN) and _looks_like_text(content):
        return Identity(Kind.TEXT, said if _is_text_type(said) else "text/plain")
    actual = found or "unknown content"
    kind, expected = _kind(found or ""), _kind(said)
    if said in _UNKNOWN or (kind is not None and kind is expected):
        if kind is None:
            raise ValueError(_unreadable(actual))
        return Identity(kind, actual)
    if expected is None:
        raise ValueError(_unreadable(said))
    if found is None and expected is not Kind.TEXT:
        raise ValueError(f"expected {said!a}, but the content is none")
    raise ValueError(f"expected {said!a}, got {actual if found else 'binary content'}")


def decode_text(content: bytes) -> str:
    """Decode a text file: by its byte-order mark, as UTF-8, and else as Latin-1."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _sniff(content: bytes) -> str | None:
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return "application/pdf"
    start = content[:32]
    found = picture_type(start)
    if found == "image/bmp" and len(content) >= 6 and content[6:10] != bytes(4):
        # Two letters are a weak signature; the reserved bytes behind them are always 0.
        found = None
    if found is not None:
        return found
    if start[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(start[8:12])
    if start[4:8] == b"ftyp":
        return "audio/mp4" if start[8:11] == b"M4A" else "video/mp4"
    return next((kind for mark, kind in _OTHERS.items() if start.startswith(mark)), None)


def _kind(mime_type: str) -> Kind | None:
    if mime_type in _PDF_TYPES:
        return Kind.PDF
    if _is_text_type(mime_type):
        return Kind.TEXT
    return Kind.PICTURE if mime_type.startswith("image/") else None


def _is_text_type(mime_type: str) -> bool:
    return mime_type.startswith("text/") or mime_type in _TEXT_TYPES


def _looks_like_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    pieces = (content[at : at + _PIECE] for at in range(0, len(content), _PIECE))
    return all(len(piece.translate(None, _CONTROLS)) == len(piece) for piece in pieces)


def _unreadable(mime_type: str) -> str:
    return f"documents of type {mime_type!a} cannot be read; expected a PDF, a picture or text"
