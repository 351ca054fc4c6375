import re

import pytest

from localaik.errors import BadRequest
from localaik.wire.reader import Reader, Spelling, kind, lower_camel


def exact(value):
    return Reader(value)


def proto(value):
    return Reader(value, Spelling.PROTO)


def wrong(message):
    return pytest.raises(BadRequest, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_kinds_are_named_without_the_value(value, name):
    assert kind(value) == name


@pytest.mark.parametrize(
    ("snake", "camel"),
    [
        ("max_output_tokens", "maxOutputTokens"),
        ("maxOutputTokens", "maxOutputTokens"),
        ("topK", "topK"),
        ("top_k", "topK"),
        ("text", "text"),
        ("_responseJsonSchema", "_responseJsonSchema"),
        ("_response_json_schema", "_responseJsonSchema"),
        ("a__b_", "aB"),
        ("_", "_"),
        ("", ""),
    ],
)
def test_snake_case_becomes_lower_camel_case(snake, camel):
    assert lower_camel(snake) == camel


GETTERS = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "boolean": "true or false",
    "integer": "a number",
    "number": "a number",
}
VALUES = {"object": {}, "array": [], "string": "x", "boolean": True, "integer": 1, "number": 1.5}


WRONG = [
    (getter, given)
    for getter in GETTERS
    for given in VALUES
    if getter != given and {getter, given} != {"integer", "number"}
]


@pytest.mark.parametrize(("getter", "given"), WRONG)
def test_a_value_of_another_type_is_told_with_its_path(getter, given):
    reader = exact({"contents": [0, 0, {"parts": VALUES[given]}]})
    parts = reader.object().array("contents")[2].object().require("parts")
    expected = f"contents[2].parts: expected {GETTERS[getter]}, got {kind(VALUES[given])}"
    with wrong(expected) as caught:
        getattr(parts, getter)()
    assert caught.value.field == "contents[2].parts"
    assert caught.value.status == 400


def test_the_right_types_are_taken():
    fields = exact({"o": {"p": 1}, "a": [1, 2], "s": "x", "b": False, "i": 3, "n": 2.5}).object()
    inner = fields.object("o")
    assert inner.path == "o"
    assert inner.raw("p") == 1
    assert [item.integer() for item in fields.array("a")] == [1, 2]
    assert fields.string("s") == "x"
    assert fields.boolean("b") is False
    assert fields.integer("i") == 3
    assert fields.number("n") == 2.5


@pytest.mark.parametrize("spelling", Spelling)
@pytest.mark.parametrize("value", [{}, {"x": None}])
def test_an_absent_field_and_a_null_are_the_same(spelling, value):
    fields = Reader(value, spelling).object()
    assert fields.names() == []
    assert fields.get("x") is None
    assert fields.object("x") is None
    assert fields.array("x") == ()
    assert fields.string("x") is None
    assert fields.boolean("x") is None
    assert fields.integer("x") is None
    assert fields.number("x") is None
    assert fields.raw("x") is None
    with wrong("x: required"):
        fields.require("x")


def test_the_root_is_called_the_body():
    with wrong("body: expected an object, got an array"):
        exact([]).object()
    with wrong("[1]: expected a string, got null"):
        exact(["a", None]).array()[1].string()
    with wrong("body: too much"):
        raise exact({}).object().wrong("too much")


def test_a_required_field_of_an_inner_object_is_named_in_full():
    fields = exact({"messages": [{}]}).object()
    with wrong("messages[0].role: required"):
        fields.array("messages")[0].object().require("role")


def test_an_error_keeps_the_spelling_of_the_client():
    fields = proto({"generation_config": {"maxOutputTokens": "x"}}).object()
    config = fields.object("generationConfig")
    with wrong("generation_config.maxOutputTokens: expected a number, got a string"):
        config.integer("maxOutputTokens")


def test_both_spellings_of_proto_may_be_mixed():
    fields = proto({"generation_config": {"topK": 1, "top_p": 0.5}, "systemInstruction": {}})
    config = fields.object().object("generationConfig")
    assert config.names() == ["topK", "topP"]
    assert (config.integer("topK"), config.number("topP")) == (1, 0.5)


def test_exact_spelling_knows_one_name_only():
    fields = exact({"top_p": 1, "topP": 2}).object()
    assert (fields.raw("top_p"), fields.raw("topP")) == (1, 2)
    assert exact({"max_tokens": 1}).object().get("maxTokens") is None


@pytest.mark.parametrize("order", [("a_b", "aB"), ("aB", "a_b")])
def test_a_null_in_one_spelling_does_not_hide_a_value_in_the_other(order):
    value = {name: (5 if name == "a_b" else None) for name in order}
    assert proto(value).object().integer("aB") == 5


@pytest.mark.parametrize("value", [40, 40.0, "40", " 40 ", "+40", "40.0", "4e1"])
def test_an_integer_may_come_as_a_string_in_proto_spelling(value):
    taken = proto(value).integer()
    assert (taken, type(taken)) == (40, int)


def test_a_long_integer_in_a_string_keeps_all_its_digits():
    assert proto("9007199254740993").integer() == 9007199254740993


def test_a_number_may_come_as_a_string_in_proto_spelling():
    assert proto("0.5").number() == 0.5
    assert proto("-3").number() == -3.0


def test_a_number_must_be_one_in_exact_spelling():
    with wrong("body: expected a number, got a string"):
        exact("40").integer()
    assert exact(40.0).integer() == 40


@pytest.mark.parametrize("value", ["", "x", "1x", "--1", "+-1", "²", "9" * 5000, "0x10"])
def test_other_strings_are_no_numbers(value):
    with pytest.raises(BadRequest, match=r"^body: expected a (finite )?number"):
        proto(value).integer()


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", 10**400, -(10**400)])
def test_a_number_must_be_finite(value):
    for getter in (proto(value).number, proto(value).integer):
        with wrong("body: expected a finite number"):
            getter()


def test_an_integer_has_no_fraction():
    with wrong("body: expected an integer, got 1.5"):
        exact(1.5).integer()
    with wrong("body: expected an integer, got 1.5"):
        proto("1.5").integer()


def test_bounds_are_inclusive_and_told():
    assert [exact(value).integer(1, 3) for value in (1, 2, 3)] == [1, 2, 3]
    assert [exact(value).number(0.0, 2.0) for value in (0, 2)] == [0.0, 2.0]
    with wrong("body: expected at least 1, got 0"):
        exact(0).integer(1, 3)
    with wrong("body: expected at most 3, got 4"):
        exact(4).integer(1, 3)
    with wrong("body: expected at least 0.0, got -0.5"):
        exact(-0.5).number(0.0, 2.0)
    with wrong("body: expected at most 2.0, got 2.5"):
        exact(2.5).number(0.0, 2.0)


def test_bounds_hold_for_fields_too():
    fields = exact({"n": 4, "t": 2.5}).object()
    with wrong("n: expected at most 3, got 4"):
        fields.integer("n", 1, 3)
    with wrong("t: expected at most 2.0, got 2.5"):
        fields.number("t", 0.0, 2.0)


def test_a_boolean_is_no_number_and_a_number_no_boolean():
    with wrong("body: expected a number, got a boolean"):
        exact(True).integer()
    with wrong("body: expected true or false, got a number"):
        exact(1).boolean()
    with wrong("body: expected true or false, got a string"):
        proto("true").boolean()


def test_a_choice_is_taken_in_any_case_in_proto_spelling():
    choices = {"LOW": 1, "HIGH": 2}
    assert [proto(text).choice(choices) for text in ("LOW", "low", "High")] == [1, 1, 2]
    assert exact("LOW").choice(choices) == 1
    for reader in (exact("low"), proto("middle")):
        with wrong("body: expected one of LOW, HIGH"):
            reader.choice(choices)
    with wrong("body: expected a string, got a number"):
        proto(1).choice(choices)


def test_one_object_stands_for_an_array_of_one_in_proto_spelling():
    fields = proto({"contents": {"parts": {"text": "x"}}}).object()
    (content,) = fields.array("contents")
    (part,) = content.object().array("parts")
    assert part.path == "contents.parts"
    assert part.object().string("text") == "x"
    with wrong("contents: expected an array, got an object"):
        exact({"contents": {}}).object().array("contents")
    with wrong("stop: expected an array, got a string"):
        proto({"stop": "x"}).object().array("stop")


def test_fields_that_nobody_read_are_told_with_the_clients_spelling():
    reader = proto({"a": {"x_y": 1, "z": 2}, "b": [{"c": 1}, {"c": 2, "d": 3}], "e": {"f": 1}})
    fields = reader.object()
    fields.object("a").integer("z")
    for item in fields.array("b"):
        item.object().integer("c")
    assert reader.unread() == ("e", "a.x_y", "b[1].d")


def test_a_null_is_never_unread():
    reader = exact({"a": None})
    reader.object()
    assert reader.unread() == ()


def test_fields_may_be_skipped_by_design():
    reader = exact({"a": 1, "b": 2, "c": 3})
    reader.object().skip("a", "b", "other")
    assert reader.unread() == ("c",)


def test_a_free_form_value_is_read_as_a_whole():
    reader = proto({"args": {"file_uri": {"max_items": 1}}})
    assert reader.object().raw("args") == {"file_uri": {"max_items": 1}}
    assert reader.unread() == ()


def test_an_object_that_is_opened_twice_counts_all_that_was_read():
    reader = exact({"a": 1, "b": 2, "c": 3})
    reader.object().integer("a")
    reader.object().integer("b")
    assert reader.unread() == ("c",)
