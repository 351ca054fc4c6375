from localaik.chat.parts import find_documents, replace_documents
from localaik.chat.request import (
    ChatRequest,
    DocumentPart,
    ImagePart,
    InlineSource,
    LinkSource,
    Message,
    Role,
    TextPart,
)
from localaik.wire.datauri import DataURI

FIRST = DocumentPart(InlineSource("QQ=="), "a")
SECOND = DocumentPart(LinkSource("http://host/b"), "b")
PICTURE = ImagePart(DataURI("image/png", "QQ=="))


def request(*messages):
    return ChatRequest("m", tuple(Message(Role.USER, parts) for parts in messages))


def test_documents_are_found_in_their_order():
    asked = request((TextPart("x"), FIRST), (), (PICTURE, SECOND))
    assert find_documents(asked) == (FIRST, SECOND)
    assert find_documents(request((TextPart("x"), PICTURE))) == ()


def test_what_they_became_takes_their_places():
    asked = request((TextPart("x"), FIRST, TextPart("y")), (SECOND,))
    expanded = [(PICTURE, PICTURE), (TextPart("z"),)]
    assert replace_documents(asked, expanded) == request(
        (TextPart("x"), PICTURE, PICTURE, TextPart("y")), (TextPart("z"),)
    )


def test_texts_that_meet_are_paragraphs():
    asked = request((TextPart("x"), FIRST, SECOND, TextPart("y")))
    expanded = [(TextPart("1"),), (TextPart("2"), PICTURE)]
    assert replace_documents(asked, expanded) == request(
        (TextPart("x\n\n1\n\n2"), PICTURE, TextPart("y"))
    )
