import pytest

from localaik.documents.kinds import Identity, Kind, decode_text, identify

PDF = b"%PDF-1.4\n"
PNG = b"\x89PNG\r\n\x1a\n"
WAV = b"RIFF\0\0\0\0WAVEfmt "


@pytest.mark.parametrize("declared", ["application/pdf", "APPLICATION/PDF; v=1", "", None])
def test_a_pdf_is_known_by_its_content(declared):
    assert identify(PDF, declared) == Identity(Kind.PDF, "application/pdf")
    assert identify(b"junk" * 200 + PDF, declared).kind is Kind.PDF


@pytest.mark.parametrize("declared", ["image/png", "image/jpeg", "application/octet-stream", None])
def test_the_content_of_a_picture_beats_its_label(declared):
    assert identify(PNG, declared) == Identity(Kind.PICTURE, "image/png")


@pytest.mark.parametrize(
    "declared",
    [
        "text/plain",
        "text/x-python",
        "text/csv; charset=utf-8",
        "application/json",
        "image/svg+xml",
    ],
)
def test_text_is_what_is_called_so_and_holds_no_control_characters(declared):
    assert identify("é\tb\r\n".encode(), declared).kind is Kind.TEXT
    assert identify(b"\xff\xfea\0", declared).kind is Kind.TEXT
    with pytest.raises(ValueError, match="got binary content"):
        identify(b"a\0b", declared)


def test_content_without_a_label_may_be_text():
    assert identify(b"hello", None) == Identity(Kind.TEXT, "text/plain")
    assert identify(b"BMW is a car", None).kind is Kind.TEXT


@pytest.mark.parametrize(
    ("content", "declared", "told"),
    [
        (PNG, "application/pdf", "expected 'application/pdf', got image/png"),
        (PDF, "image/png", "expected 'image/png', got application/pdf"),
        (PDF, "text/plain", "expected 'text/plain', got application/pdf"),
        (b"hello", "application/pdf", "expected 'application/pdf', but the content is none"),
        (b"hello", "image/png", "expected 'image/png', but the content is none"),
        (WAV, None, "documents of type 'audio/wav' cannot be read"),
        (WAV, "audio/wav", "documents of type 'audio/wav' cannot be read"),
        (b"x", "video/mp4", "documents of type 'video/mp4' cannot be read"),
        (b"PK\x03\x04", None, "documents of type 'application/zip' cannot be read"),
        (b"a\0b", None, "documents of type 'unknown content' cannot be read"),
        (b"x", "a\nb/c", r"documents of type 'a\\nb/c' cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(content, declared, told):
    with pytest.raises(ValueError, match=told):
        identify(content, declared)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig", "latin-1"])
def test_texts_are_decoded_by_their_marks(encoding):
    assert decode_text("é".encode(encoding)) == "é"
