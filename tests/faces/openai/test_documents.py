import base64
import io
import json

import pytest
from PIL import Image

from localaik.chat.request import DocumentPart, ImagePart, InlineSource, LinkSource, TextPart
from localaik.completions.request import encode_part
from localaik.errors import BadRequest, Unimplemented
from localaik.faces.openai.request import check_request
from localaik.wire.datauri import DataURI


def picture(form, mode="RGB", mime_type=None):
    written = io.BytesIO()
    Image.new(mode, (8, 4)).save(written, form)
    data = base64.b64encode(written.getvalue()).decode()
    return f"data:{mime_type or f'image/{form.lower()}'};base64,{data}"


def image_part(url):
    return {"type": "image_url", "image_url": {"url": url, "detail": "low"}}


def file_part(**fields):
    return {"type": "file", "file": fields}


def check(*parts, **more):
    messages = [{"role": "user", "content": "Hi"}, {"role": "user", "content": list(parts)}]
    return check_request(json.dumps({"messages": messages, **more}).encode())


@pytest.mark.parametrize("url", [picture("PNG"), picture("JPEG"), picture("PNG", "RGBA")])
def test_plain_pictures_and_other_parts_stay(url):
    audio = {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}}
    assert check({"type": "text", "text": "x"}, image_part(url), audio).documents == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://host/a.png",
        "file:///a.png",
        picture("GIF"),
        picture("WEBP"),
        picture("PNG", "I;16"),
        picture("JPEG", "CMYK"),
        picture("JPEG", mime_type="image/png"),
        picture("PNG").replace("/", "_"),
        "data:image/png;base64,",
        "data:image/png;base64,***",
        "data:application/pdf;base64,JVBERi0=",
    ],
)
def test_other_pictures_are_documents(url):
    (found,) = check(image_part(url)).documents
    field = "messages[1].content[0].image_url.url"
    assert found.part == DocumentPart(LinkSource(url), field)


def test_files_are_documents_bare_and_as_data_uris():
    uri = "data:application/pdf;base64,JVBERi0="
    found = check(file_part(file_data="JVBERi0=", filename="a.pdf"), file_part(file_data=uri))
    field = "messages[1].content[{}].file.file_data"
    assert [one.part for one in found.documents] == [
        DocumentPart(InlineSource("JVBERi0="), field.format(0), None, "a.pdf"),
        DocumentPart(LinkSource(uri), field.format(1)),
    ]


def test_what_they_became_takes_their_places_and_the_rest_stays():
    text = {"type": "text", "text": "x", "unknown": [1]}
    tools = [{"type": "function", "function": {"name": "f"}}]
    body = check(file_part(file_data="QQ=="), text, image_part("http://host/a"), tools=tools)
    red = ImagePart(DataURI("image/png", "QQ=="))
    expanded = [(TextPart("page"), red), (red,)]
    shown = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}
    assert json.loads(body.rewritten(expanded, encode_part)) == {
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "user", "content": [{"type": "text", "text": "page"}, shown, text, shown]},
        ],
        "tools": tools,
    }


def test_documents_in_tool_results_are_found():
    call = {"role": "tool", "tool_call_id": "1", "content": [file_part(file_data="QQ==")]}
    body = check_request(json.dumps({"messages": [call]}).encode())
    assert [(one.message, one.position) for one in body.documents] == [(0, 0)]


def test_files_by_id_are_not_served_yet():
    with pytest.raises(Unimplemented, match=r"file\.file_id: files are not served yet$"):
        check(file_part(file_id="file-1"))


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"type": "file"}, "messages[1].content[0].file: required"),
        (file_part(), "messages[1].content[0].file.file_data: required"),
        (file_part(file_data=1), "messages[1].content[0].file.file_data: expected a string"),
        (file_part(file_data=""), "messages[1].content[0].file.file_data: expected some data"),
    ],
)
def test_a_malformed_file_is_refused_by_its_field(part, told):
    with pytest.raises(BadRequest) as caught:
        check(part)
    assert caught.value.message.startswith(told)
