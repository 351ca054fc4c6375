import re

import pytest

from localaik import readings

READ = [
    (readings.any_text, "x y", "x y"),
    (readings.port_number, "0", 0),
    (readings.port_number, " 8090 ", 8090),
    (readings.port_number, "65535", 65535),
    (readings.count, "1", 1),
    (readings.count, "4096", 4096),
    (readings.layer_count, "-1", -1),
    (readings.layer_count, "0", 0),
    (readings.layer_count, "99", 99),
    (readings.byte_size, "4096", 4096),
    (readings.byte_size, "1k", 1024),
    (readings.byte_size, "64M", 64 * 1024**2),
    (readings.byte_size, "64MB", 64 * 1024**2),
    (readings.byte_size, " 1GiB ", 1024**3),
    (readings.byte_size, "10b", 10),
    (readings.seconds, "0", 0.0),
    (readings.seconds, "1.5", 1.5),
    (readings.seconds, "10s", 10.0),
    (readings.positive_seconds, "0.1", 0.1),
    *[(readings.switch, text, True) for text in ("1", "true", "YES", " on ")],
    *[(readings.switch, text, False) for text in ("0", "False", "no", "off")],
    (readings.one_of("text", "json"), "JSON", "json"),
    (readings.flash_attn, "on", "on"),
    (readings.flash_attn, "1", "on"),
    (readings.flash_attn, "Off", "off"),
    (readings.flash_attn, " AUTO", "auto"),
    (readings.base_url, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    (readings.base_url, " https://host/ ", "https://host"),
    (readings.base_url, "http://host:80/v1", "http://host:80"),
    (readings.base_url, "http://host/v1/", "http://host"),
    (readings.base_url, "http://host/a/v1", "http://host/a"),
    (readings.base_url, "http://host//v1//", "http://host"),
    (readings.base_url, "http://v1", "http://v1"),
    (readings.base_url, "http://v1/v1", "http://v1"),
    (readings.base_url, "http://[::1]:8080/v1", "http://[::1]:8080"),
    (readings.base_url, "http://user:key@host/", "http://user:key@host"),
    (readings.header_line, "Authorization: Bearer k=:x", "Authorization: Bearer k=:x"),
    (readings.header_line, " X-Key:k ", "X-Key: k"),
]


@pytest.mark.parametrize(("read", "text", "value"), READ)
def test_a_text_becomes_its_value(read, text, value):
    found = read(text)
    assert (found, type(found)) == (value, type(value))


PORT = "a port number from 0 to 65535"
ABOVE_0 = "a whole number above 0"
SIZE = "a size in bytes such as 64M"
URL = "expected an http:// or https:// URL"
BARE_URL = "expected a URL without a query, a fragment or blanks"
HEADER = "expected a header line such as 'Authorization: Bearer ...'"
REFUSED = [
    (readings.any_text, "", "expected some text, got none"),
    (readings.any_text, " \t", "expected some text, got none"),
    *[
        (readings.port_number, text, f"expected {PORT}, got {text!r}")
        for text in ("", "-1", "65536", "x", "80.0", "\u0661", "+80", "0x50")
    ],
    *[
        (readings.count, text, f"expected {ABOVE_0}, got {text!r}")
        for text in ("0", "-1", "x", "")
    ],
    *[
        (
            readings.layer_count,
            text,
            f"expected a whole number, or -1 for all layers, got {text!r}",
        )
        for text in ("-2", "all", "1.5")
    ],
    *[
        (readings.byte_size, text, f"expected {SIZE}, got {text!r}")
        for text in ("", "0", "M", "-1M", "1.5M", "64T", "64 M", "1kk")
    ],
    *[
        (readings.seconds, text, f"expected a number of seconds, got {text!r}")
        for text in ("", "-1", "inf", "nan", "1m", "s")
    ],
    (readings.positive_seconds, "0", "expected a number of seconds above 0, got '0'"),
    (readings.positive_seconds, "-1", "expected a number of seconds, got '-1'"),
    (readings.switch, "maybe", "expected on or off, got 'maybe'"),
    (readings.switch, "", "expected on or off, got ''"),
    (readings.one_of("text", "json"), "xml", "expected one of text, json; got 'xml'"),
    (readings.flash_attn, "2", "expected on, off or auto; got '2'"),
    *[
        (readings.base_url, text, URL)
        for text in ("", "host", "host:80", "ftp://host", "http:/host", "http://", "http:///v1")
    ],
    *[(readings.base_url, text, URL) for text in ("http://:80", "http://user@", "http://:")],
    *[
        (readings.base_url, text, BARE_URL)
        for text in ("http://host?key=1", "http://host/#x", "http://a b", "http://host/\nx")
    ],
    *[
        (readings.header_line, text, HEADER)
        for text in (
            "",
            "secret",
            ": secret",
            "X Key: secret",
            "X-Key:",
            "X-Key: ",
            "X\u00e9: secret",
        )
    ],
    *[
        (readings.header_line, text, "expected a header value of printable ASCII characters")
        for text in ("X: secret\r\nY: z", "X: secr\u00e9t", "X: secret\0")
    ],
]


@pytest.mark.parametrize(("read", "text", "told"), REFUSED)
def test_a_text_that_cannot_be_read_is_told_with_what_was_expected(read, text, told):
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        read(text)
