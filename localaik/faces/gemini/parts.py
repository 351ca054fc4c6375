"""Reads the contents and parts of a Gemini request."""

import re
from collections.abc import Callable, Mapping

from localaik.chat.request import (
    DocumentPart,
    ImagePart,
    InlineSource,
    LinkSource,
    Message,
    Part,
    Role,
    TextPart,
)
from localaik.errors import Unimplemented
from localaik.faces.gemini.names import PART_MODIFIERS, ROLES
from localaik.wire.datauri import DataURI, first_bytes, standard_base64
from localaik.wire.pictures import read_header
from localaik.wire.reader import Reader

# Bytes of base64; checking more than a small picture's would hold up other requests.
_SMALL = 256 * 1024
# The host may be another than ours, as containers and proxies give it other names.
_UPLOADED = re.compile(r"(https?://[^/]+/(v1|v1beta|v1alpha)/)?files/[^/]+")


def read_content(content: Reader, default: Role = Role.USER) -> Message:
    """Read a Content object; a plain string stands for one with a single text part."""
    if isinstance(content.value, str):
        return Message(default, _text(content))
    fields = content.object()
    named = fields.get("role")
    # Proto3 writes an unset string as "", and some clients send that for a role.
    role = default if named is None or named.value == "" else named.choice(ROLES)
    if "text" in fields.names() and fields.get("parts") is None:
        return Message(role, read_part(content))
    parts = [part for item in fields.array("parts") for part in read_part(item)]
    return Message(role, tuple(parts))


def read_part(part: Reader) -> tuple[Part, ...]:
    """Read a Part; an empty one, or a thought of an earlier answer, gives nothing.

    Raises: BadRequest when it is malformed, Unimplemented when its kind is not served.
    """
    fields = part.object()
    present = [name for name in fields.names() if name in _KINDS]
    if len(present) > 1:
        raise part.wrong(f"expected one kind of content, got {' and '.join(present)}")
    thought = fields.boolean("thought")
    fields.skip(*PART_MODIFIERS)
    if not present:
        return ()
    content = fields.require(present[0])
    parts = _KINDS[present[0]](content)
    return () if thought else parts


def _text(text: Reader) -> tuple[Part, ...]:
    content = text.string()
    return (TextPart(content),) if content else ()


def _inline_data(blob: Reader) -> tuple[Part, ...]:
    fields = blob.object()
    mime_type = _mime_type(fields.require("mimeType"))
    name = fields.string("displayName")
    found = fields.require("data")
    data = found.string()
    if not data:
        raise found.wrong("expected some data, got none")
    picture = _plain_picture(mime_type, data)
    if picture is not None:
        return (picture,)
    return (DocumentPart(InlineSource(data), found.path, mime_type, name),)


def _file_data(file: Reader) -> tuple[Part, ...]:
    fields = file.object()
    uri = fields.require("fileUri")
    declared = fields.get("mimeType")
    name = fields.string("displayName")
    link = uri.string()
    if not link:
        raise uri.wrong("expected a URI, got none")
    if _UPLOADED.fullmatch(link):
        raise Unimplemented(f"{file.path}: files are not served yet")
    mime_type = None if declared is None else _mime_type(declared)
    return (DocumentPart(LinkSource(link), uri.path, mime_type, name),)


def _mime_type(declared: Reader) -> str:
    return declared.string().partition(";")[0].strip().lower()


def _plain_picture(declared: str, data: str) -> ImagePart | None:
    """Take a small picture as it is, if every model server can; its content decides its type."""
    if not declared.startswith("image/") or len(data) > _SMALL:
        return None
    try:
        standard = standard_base64(data)
        header = read_header(first_bytes(standard, _SMALL))
    except ValueError:
        return None
    if header is None or not header.plain or header.is_bomb:
        return None
    return ImagePart(DataURI(header.mime_type, standard))


def _unimplemented(what: str) -> Callable[[Reader], tuple[Part, ...]]:
    def refuse(part: Reader) -> tuple[Part, ...]:
        raise Unimplemented(f"{part.path}: {what} not served yet")

    return refuse


_KINDS: Mapping[str, Callable[[Reader], tuple[Part, ...]]] = {
    "text": _text,
    "inlineData": _inline_data,
    "fileData": _file_data,
    "functionCall": _unimplemented("function calls are"),
    "functionResponse": _unimplemented("function responses are"),
    "executableCode": _unimplemented("code execution is"),
    "codeExecutionResult": _unimplemented("code execution is"),
    "toolCall": _unimplemented("server-side tool calls are"),
    "toolResponse": _unimplemented("server-side tool responses are"),
}
