"""Reads the contents and parts of a Gemini request."""

from collections.abc import Callable, Mapping

from localaik.chat.request import ImagePart, Message, Part, Role, TextPart
from localaik.errors import Unimplemented
from localaik.faces.gemini.names import PART_MODIFIERS, ROLES
from localaik.wire.datauri import DataURI, first_bytes, standard_base64
from localaik.wire.reader import ObjectReader, Reader

# The pictures that llama.cpp's decoder (stb_image) reads, by the first bytes of the file.
_SIGNATURES: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}
_LONGEST_SIGNATURE = 8  # bytes


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
    mime_type = fields.require("mimeType").string().partition(";")[0].strip().lower()
    fields.skip("displayName")
    if not mime_type.startswith("image/"):
        raise Unimplemented(f"{blob.path}: inline data of type {mime_type!a} is not served yet")
    data = _base64(fields)
    return (ImagePart(DataURI(_image_type(blob, mime_type, data), data)),)


def _base64(fields: ObjectReader) -> str:
    found = fields.require("data")
    try:
        data = standard_base64(found.string())
    except ValueError as error:
        raise found.wrong(str(error)) from None
    if not data:
        raise found.wrong("expected some data, got none")
    return data


def _image_type(blob: Reader, declared: str, data: str) -> str:
    # The content decides: a wrong label is common and harmless, a wrong format is not.
    start = first_bytes(data, _LONGEST_SIGNATURE)
    for signature, mime_type in _SIGNATURES.items():
        if start.startswith(signature):
            return mime_type
    if declared in _SIGNATURES.values() or declared == "image/jpg":
        raise blob.child(None, f"{blob.path}.data").wrong(f"expected a picture ({declared!a})")
    raise Unimplemented(f"{blob.path}: pictures of type {declared!a} are not served yet")


def _unimplemented(what: str) -> Callable[[Reader], tuple[Part, ...]]:
    def refuse(part: Reader) -> tuple[Part, ...]:
        raise Unimplemented(f"{part.path}: {what} not served yet")

    return refuse


_KINDS: Mapping[str, Callable[[Reader], tuple[Part, ...]]] = {
    "text": _text,
    "inlineData": _inline_data,
    "fileData": _unimplemented("files are"),
    "functionCall": _unimplemented("function calls are"),
    "functionResponse": _unimplemented("function responses are"),
    "executableCode": _unimplemented("code execution is"),
    "codeExecutionResult": _unimplemented("code execution is"),
    "toolCall": _unimplemented("server-side tool calls are"),
    "toolResponse": _unimplemented("server-side tool responses are"),
}
