import base64
import io
import re

import pytest
from PIL import Image

from localaik.chat.request import (
    DocumentPart,
    ImagePart,
    InlineSource,
    LinkSource,
    Message,
    Role,
    TextPart,
)
from localaik.errors import BadRequest, Unimplemented
from localaik.faces.gemini.names import PART_MODIFIERS
from localaik.faces.gemini.parts import read_content, read_part
from localaik.wire.datauri import DataURI
from localaik.wire.reader import Reader, Spelling


def file(form, mode="RGB"):
    written = io.BytesIO()
    Image.new(mode, (8, 4)).save(written, form)
    return written.getvalue()


PLAIN = {"image/png": file("PNG"), "image/jpeg": file("JPEG")}
OTHERS = {
    "application/pdf": b"%PDF-1.4",
    "audio/wav": b"RIFF",
    "text/plain": b"a",
    "": b"a",
    "image/gif": file("GIF"),
    "image/webp": file("WEBP"),
    "image/png": file("PNG", "I;16"),
    "image/jpeg": file("JPEG", "CMYK"),
}


def reader(value):
    return Reader(value, Spelling.PROTO, "parts[0]")


def part(**fields):
    return read_part(reader(fields))


def content(value, *default):
    return read_content(reader(value), *default)


def encode(data):
    return base64.b64encode(data).decode()


def test_a_text_is_read():
    assert part(text="é\u2028👋") == (TextPart("é\u2028👋"),)
    assert part(text=" ") == (TextPart(" "),)


@pytest.mark.parametrize("fields", [{}, {"text": ""}, {"text": None}, {"unknown": 1}])
def test_an_empty_part_is_nothing(fields):
    assert part(**fields) == ()


@pytest.mark.parametrize(
    "fields", [{"text": "secret"}, {"thoughtSignature": "AQL__g=="}, {"thought_signature": "***"}]
)
def test_a_thought_of_an_earlier_answer_is_not_repeated(fields):
    assert part(thought=True, **fields) == ()


def test_what_modifies_a_part_has_no_effect():
    modifiers = {name: {} for name in PART_MODIFIERS if name != "thought"}
    read = reader({"text": "a", "thought": False, **modifiers})
    assert read_part(read) == (TextPart("a"),)
    assert read.unread() == ()


@pytest.mark.parametrize("mime_type", PLAIN)
def test_a_plain_picture_is_taken_as_it_is(mime_type):
    data = encode(PLAIN[mime_type])
    expected = (ImagePart(DataURI(mime_type, data)),)
    assert part(inlineData={"mimeType": mime_type, "data": data}) == expected
    assert part(inline_data={"mime_type": mime_type.upper(), "data": data}) == expected


def test_the_base64_of_a_plain_picture_becomes_standard():
    content = PLAIN["image/png"] + b"\xfb\xff\xfe\xfb"
    url_safe = base64.urlsafe_b64encode(content).decode().rstrip("=")
    assert set("-_") & set(url_safe)
    expected = (ImagePart(DataURI("image/png", encode(content))),)
    assert part(inlineData={"data": url_safe, "mime_type": "image/png"}) == expected


@pytest.mark.parametrize("declared", ["image/jpg", "image/webp", "image/png; q=1", "image/*"])
def test_the_content_of_a_plain_picture_beats_its_label(declared):
    data = encode(PLAIN["image/jpeg"])
    expected = (ImagePart(DataURI("image/jpeg", data)),)
    assert part(inlineData={"mimeType": declared, "data": data}) == expected


@pytest.mark.parametrize("mime_type", OTHERS)
def test_other_inline_data_is_a_document(mime_type):
    data = encode(OTHERS[mime_type])
    blob = {"mimeType": f"{mime_type}; v=1", "data": data, "displayName": "a.bin"}
    field = "parts[0].inlineData.data"
    expected = DocumentPart(InlineSource(data), field, mime_type, "a.bin")
    assert part(inlineData=blob) == (expected,)


@pytest.mark.parametrize("data", ["QQ==", "***", "data:image/png;base64,QQ=="])
def test_whether_data_can_be_read_is_found_out_later(data):
    expected = DocumentPart(InlineSource(data), "parts[0].inlineData.data", "image/png")
    assert part(inlineData={"mimeType": "image/png", "data": data}) == (expected,)


def test_a_large_picture_is_a_document():
    data = encode(PLAIN["image/png"] + bytes(200_000))
    (found,) = part(inlineData={"mimeType": "image/png", "data": data})
    assert isinstance(found, DocumentPart)


@pytest.mark.parametrize(
    "uri",
    [
        "https://host/a.pdf",
        "https://host/files/a.pdf",
        "http://host/v1/x/files/a",
        "file:///srv/files/a",
        "gs://bucket/a",
        "data:application/pdf;base64,QQ==",
    ],
)
def test_a_link_is_a_document(uri):
    expected = DocumentPart(LinkSource(uri), "parts[0].file_data.file_uri", "application/pdf")
    assert part(file_data={"file_uri": uri, "mime_type": "Application/PDF"}) == (expected,)
    assert part(fileData={"fileUri": uri})[0].mime_type is None


WRONG = [
    ("parts[0]: expected an object, got a string", "Hi"),
    ("parts[0].text: expected a string, got a number", {"text": 1}),
    ("parts[0].thought: expected true or false, got a string", {"text": "a", "thought": "yes"}),
    (
        "parts[0]: expected one kind of content, got text and inlineData",
        {"text": "a", "inline_data": {}},
    ),
    ("parts[0].inlineData: expected an object, got a string", {"inlineData": "QQ=="}),
    ("parts[0].inlineData.mimeType: required", {"inlineData": {"data": "QQ=="}}),
    ("parts[0].inline_data.data: required", {"inline_data": {"mime_type": "image/png"}}),
    (
        "parts[0].inlineData.mime_type: expected a string, got a number",
        {"inlineData": {"mime_type": 1, "data": "QQ=="}},
    ),
    (
        "parts[0].inlineData.data: expected a string, got an array",
        {"inlineData": {"mimeType": "image/png", "data": [1]}},
    ),
    (
        "parts[0].inlineData.data: expected some data, got none",
        {"inlineData": {"mimeType": "image/png", "data": ""}},
    ),
    ("parts[0].fileData.fileUri: required", {"fileData": {"mimeType": "text/plain"}}),
    ("parts[0].fileData.fileUri: expected a URI, got none", {"fileData": {"fileUri": ""}}),
]


@pytest.mark.parametrize(("told", "value"), WRONG, ids=[told for told, _ in WRONG])
def test_a_wrong_part_is_refused_by_its_field(told, value):
    with pytest.raises(BadRequest, match=f"^{re.escape(told)}$") as caught:
        read_part(reader(value))
    assert caught.value.field == told.partition(": ")[0]


UNSERVED = [
    ("fileData: files are not served yet", {"fileUri": "files/1"}),
    ("file_data: files are not served yet", {"file_uri": "https://host/v1beta/files/1"}),
    ("functionCall: function calls are not served yet", {"name": "f", "args": {}}),
    ("functionResponse: function responses are not served yet", {"name": "f"}),
    ("executableCode: code execution is not served yet", {"code": "1"}),
    ("codeExecutionResult: code execution is not served yet", {"outcome": "OUTCOME_OK"}),
    ("toolCall: server-side tool calls are not served yet", {}),
    ("toolResponse: server-side tool responses are not served yet", {}),
]


@pytest.mark.parametrize(("told", "value"), UNSERVED, ids=[told for told, _ in UNSERVED])
@pytest.mark.parametrize("modifiers", [{}, {"thought": True}])
def test_a_kind_that_is_not_served_is_told(told, value, modifiers):
    with pytest.raises(Unimplemented, match=f"^{re.escape('parts[0].' + told)}$"):
        part(**{told.partition(":")[0]: value}, **modifiers)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("user", Role.USER),
        ("USER", Role.USER),
        ("model", Role.ASSISTANT),
        ("assistant", Role.ASSISTANT),
        ("function", Role.USER),
        ("system", Role.SYSTEM),
        ("", Role.USER),
        (None, Role.USER),
    ],
)
def test_roles_are_read(role, expected):
    assert content({"role": role, "parts": [{"text": "a"}]}) == Message(expected, (TextPart("a"),))


def test_a_content_has_its_parts_in_order():
    data = encode(PLAIN["image/png"])
    picture = {"inlineData": {"mimeType": "image/png", "data": data}}
    assert content({"parts": [{"text": "a"}, {}, picture, {"text": "b"}]}) == Message(
        Role.USER, (TextPart("a"), ImagePart(DataURI("image/png", data)), TextPart("b"))
    )


@pytest.mark.parametrize("value", [{}, {"parts": []}, {"parts": None}, {"parts": [{}]}, ""])
def test_a_content_may_be_empty(value):
    assert content(value) == Message(Role.USER, ())


def test_a_content_may_be_a_string_or_a_part():
    assert content("a", Role.SYSTEM) == Message(Role.SYSTEM, (TextPart("a"),))
    assert content({"text": "a"}) == Message(Role.USER, (TextPart("a"),))
    assert content({"role": "model", "text": "a", "parts": None}) == Message(
        Role.ASSISTANT, (TextPart("a"),)
    )


def test_parts_beat_a_text_beside_them():
    read = reader({"text": "a", "parts": [{"text": "b"}]})
    assert read_content(read) == Message(Role.USER, (TextPart("b"),))
    assert read.unread() == ("parts[0].text",)


def test_a_text_in_place_of_parts_counts_as_read():
    read = reader({"role": "user", "text": "a"})
    read_content(read)
    assert read.unread() == ()
