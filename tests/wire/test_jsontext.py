import pytest

from localaik.errors import BadRequest
from localaik.wire.jsontext import dump_json, load_json

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a":[1,2.5,"x",true,null]}', {"a": [1, 2.5, "x", True, None]}),
        (b' \r\n\t{"a": 1}\n\n', {"a": 1}),
        (BOM + b'{"a":1}', {"a": 1}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'"\\u0041\\ud83d\\ude00"', "A\U0001f600"),
        ('"\u2028\u2029\u0085"'.encode(), "\u2028\u2029\u0085"),
        (b"18446744073709551616", 2**64),
    ],
)
def test_json_is_read(text, value):
    assert load_json(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\uDE00x"', "\ufffdx"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\\ud83d \ud83d"', "\\ud83d \ufffd"),
        (rb'{"\ud83d":"\n\ud83d\""}', {"\ufffd": '\n\ufffd"'}),
    ],
)
def test_half_a_surrogate_pair_becomes_a_replacement_character(text, value):
    assert load_json(text) == value


@pytest.mark.parametrize("text", [b"", b"  \r\n", BOM, BOM + b"\n"])
def test_an_empty_body_is_told(text):
    with pytest.raises(BadRequest, match=r"^the body is empty; expected JSON$"):
        load_json(text)


@pytest.mark.parametrize(
    "text",
    [
        b"{secret}",
        b'{"secret":}',
        b'{"secret":1} secret',
        b'{"secret":1}{}',
        b"[secret,]",
        b"[1,]",
        b"[NaN]",
        b"[Infinity]",
        b"[01]",
        b"'secret'",
        b'"secret\x01"',
        b'"secret',
        b'"secret \\x"',
        b"1e999",
        b"9" * 5000,
        b"secret=1&b=2",
        "[]".encode("utf-16"),
    ],
)
def test_what_is_no_json_is_told_without_showing_it(text):
    with pytest.raises(BadRequest, match=r"^the JSON cannot be read: .") as caught:
        load_json(text)
    assert "secret" not in caught.value.message
    assert caught.value.status == 400


@pytest.mark.parametrize("text", [b'"\xff"', b'"\xc3"', b'"\xed\xa0\xbd"', b'{"\xe4":1}'])
def test_other_encodings_than_utf_8_are_told(text):
    with pytest.raises(BadRequest, match=r"^the JSON is not UTF-8: "):
        load_json(text)


def test_broken_json_with_half_a_surrogate_pair_stays_broken():
    with pytest.raises(BadRequest, match=r"^the JSON cannot be read: "):
        load_json(rb'{"a":"\ud83d"')


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_refused(opening):
    with pytest.raises(BadRequest, match=r"^the JSON is nested too deeply$"):
        load_json(opening * 100_000)


def test_ordinary_nesting_is_read():
    value = load_json(b"[" * 200 + b"]" * 200)
    for _ in range(199):
        (value,) = value
    assert value == []


def test_json_is_written_compact_and_in_utf_8():
    value = {"a": [1, 2.5, None, True], "b": 'é\u2028\n"\\'}
    assert dump_json(value) == '{"a":[1,2.5,null,true],"b":"é\u2028\\n\\"\\\\"}'.encode()


def test_json_is_written_on_one_line():
    assert b"\n" not in dump_json({"a": "x\r\ny", "b": [{}, {}]})
    assert b"\r" not in dump_json({"a": "x\r\ny", "b": [{}, {}]})


def test_half_a_surrogate_pair_is_written_as_a_replacement_character():
    value = {"\ud83d": ["x\ude00", ("\ud83d\ude00", 1)], "n": None}
    assert dump_json(value) == '{"\ufffd":["x\ufffd",["\U0001f600",1]],"n":null}'.encode()


def test_numbers_that_json_lacks_are_written_as_null():
    assert dump_json([float("nan"), float("inf")]) == b"[null,null]"
