import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaik.wire.datauri import DataURI, decode_base64, first_bytes, standard_base64


@pytest.mark.parametrize(
    ("text", "standard"),
    [
        ("", ""),
        ("====", ""),
        ("QQ==", "QQ=="),
        ("QQ", "QQ=="),
        ("QUI", "QUI="),
        ("QUJD", "QUJD"),
        ("-__-__-_Pg==", "+//+//+/Pg=="),
        ("-__-__-_Pg", "+//+//+/Pg=="),
        ("+//-", "+//+"),
        ("QU\r\nJD\n QQ = =", "QUJDQQ=="),
    ],
)
def test_base64_of_any_kind_becomes_standard_and_padded(text, standard):
    assert standard_base64(text) == standard


@pytest.mark.parametrize(
    "text", ["A", "QUJDR", "Q*==", "QQ==QQ==", "data:image/png;base64,QQ==", "é", "\u0661", "\0"]
)
def test_other_text_is_no_base64(text):
    for decode in (standard_base64, decode_base64):
        with pytest.raises(ValueError, match=r"^expected base64$"):
            decode(text)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=40), st.booleans(), st.booleans())
def test_every_spelling_of_the_same_bytes_is_decoded(content, url_safe, padded):
    standard = base64.b64encode(content).decode()
    text = base64.urlsafe_b64encode(content).decode() if url_safe else standard
    text = text if padded else text.rstrip("=")
    assert standard_base64(text) == standard
    assert decode_base64(text) == content


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=40), st.integers(0, 12))
def test_the_first_bytes_are_decoded_without_the_rest(content, count):
    assert first_bytes(base64.b64encode(content).decode(), count) == content[:count]


def test_a_data_uri_is_written():
    assert str(DataURI("image/png", "QQ==")) == "data:image/png;base64,QQ=="


def test_a_data_uri_shows_no_content():
    assert repr(DataURI("image/png", "QQ==")) == "DataURI(mime_type='image/png')"
