import base64
import re

import pytest

from localaik.chat.request import ImagePart, Message, Role, TextPart
from localaik.errors import BadRequest, Unimplemented
from localaik.faces.gemini.names import PART_MODIFIERS
from localaik.faces.gemini.parts import read_content, read_part
from localaik.wire.datauri import DataURI
from localaik.wire.reader import Reader, Spelling

CONTENTS = {
    "image/png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/gif": b"GIF89a\1\0\1\0",
    "image/bmp": b"BM\x1a\0\0\0",
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


@pytest.mark.parametrize("mime_type", CONTENTS)
def test_a_picture_is_read(mime_type):
    data = encode(CONTENTS[mime_type])
    expected = (ImagePart(DataURI(mime_type, data)),)
    assert part(inlineData={"mimeType": mime_type, "data": data}) == expected
    assert part(inline_data={"mime_type": mime_type.upper(), "data": data}) == expected


def test_the_base64_of_a_picture_becomes_standard():
    content = b"\x89PNG\r\n\x1a\n\xfb\xff\xfe\xfb"
    url_safe = base64.urlsafe_b64encode(content).decode().rstrip("=")
    assert set("-_") & set(url_safe)
    expected = (ImagePart(DataURI("image/png", encode(content))),)
    assert part(inlineData={"data": url_safe, "mime_type": "image/png"}) == expected


@pytest.mark.parametrize("declared", ["image/jpg", "image/webp", "image/png; q=1", "image/*"])
def test_the_content_of_a_picture_beats_its_label(declared):
    data = encode(CONTENTS["image/jpeg"])
    expected = (ImagePart(DataURI("image/jpeg", data)),)
    assert part(inlineData={"mimeType": declared, "data": data}) == expected


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
        "parts[0].inlineData.data: expected base64",
        {"inlineData": {"mimeType": "image/png", "data": "data:image/png;base64,QQ=="}},
    ),
    (
        "parts[0].inlineData.data: expected some data, got none",
        {"inlineData": {"mimeType": "image/png", "data": ""}},
    ),
    (
        "parts[0].inlineData.data: expected a picture ('image/png')",
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
    ),
    (
        "parts[0].inlineData.data: expected a picture ('image/jpg')",
        {"inlineData": {"mimeType": "image/jpg", "data": "QQ=="}},
    ),
]


@pytest.mark.parametrize(("told", "value"), WRONG, ids=[told for told, _ in WRONG])
def test_a_wrong_part_is_refused_by_its_field(told, value):
    with pytest.raises(BadRequest, match=f"^{re.escape(told)}$") as caught:
        read_part(reader(value))
    assert caught.value.field == told.partition(": ")[0]


UNSERVED = [
    ("fileData: files are not served yet", {"fileUri": "files/1"}),
    ("file_data: files are not served yet", {"file_uri": "files/1"}),
    ("functionCall: function calls are not served yet", {"name": "f", "args": {}}),
    ("functionResponse: function responses are not served yet", {"name": "f"}),
    ("executableCode: code execution is not served yet", {"code": "1"}),
    ("codeExecutionResult: code execution is not served yet", {"outcome": "OUTCOME_OK"}),
    ("toolCall: server-side tool calls are not served yet", {}),
    ("toolResponse: server-side tool responses are not served yet", {}),
    (
        "inlineData: inline data of type 'application/pdf' is not served yet",
        {"mimeType": "application/pdf", "data": "QQ=="},
    ),
    (
        "inlineData: inline data of type 'audio/wav' is not served yet",
        {"mimeType": "audio/wav", "data": "QQ=="},
    ),
    ("inlineData: inline data of type '' is not served yet", {"mimeType": "", "data": "QQ=="}),
    (
        "inlineData: pictures of type 'image/webp' are not served yet",
        {"mimeType": "image/webp", "data": "UklGRg=="},
    ),
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
    data = encode(CONTENTS["image/gif"])
    picture = {"inlineData": {"mimeType": "image/gif", "data": data}}
    assert content({"parts": [{"text": "a"}, {}, picture, {"text": "b"}]}) == Message(
        Role.USER, (TextPart("a"), ImagePart(DataURI("image/gif", data)), TextPart("b"))
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
