import json

import pytest

from localaik.wire.datauri import DataURI
from localaik.wire.jsontext import PlainText, dump_json


def test_plain_texts_are_written_as_strings_in_their_places():
    value = {
        "a": PlainText("x", "y"),
        "b": [PlainText(""), {"c": PlainText("z")}],
        "d": "\0\u2028",
    }
    assert json.loads(dump_json(value)) == {"a": "xy", "b": ["", {"c": "z"}], "d": "\0\u2028"}


def test_they_stand_beside_half_surrogate_pairs():
    value = {"a": PlainText("x"), "b": "\ud83d", "c": PlainText("y")}
    assert json.loads(dump_json(value)) == {"a": "x", "b": "\ufffd", "c": "y"}


def test_a_data_uri_is_one():
    uri = DataURI("image/png", "QQ==")
    assert json.loads(dump_json([uri.plain_text(), str(uri)])) == [str(uri)] * 2


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        dump_json({"a": object()})
