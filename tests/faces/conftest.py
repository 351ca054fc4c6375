import base64
import struct
import zlib

import pytest
from hypothesis import strategies as st


@pytest.fixture(scope="session")
def png():
    """A picture of one pixel."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixel = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + head + pixel + chunk(b"IEND", b"")).decode()


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, -1.5, 1e300, -1e308, 2**31, 2**64, 10**400]),
    st.sampled_from(["", "x", "NaN", "-Infinity", "1e999", "40", "9" * 5000, "é\u2028", "TEXT"]),
    st.sampled_from(
        [[], {}, [None], [[]], [{}], {"text": 1}, {"": None}, [1, "x"], {"parts": {}}]
    ),
)


def places(value, path=()):
    """List the paths of everything inside a JSON value."""
    found = [path]
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in inner:
        found += places(item, (*path, key))
    return found


def place(value, path, junk):
    """Copy a JSON value with something else at one place."""
    if not path:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = place(value[path[0]], path[1:], junk)
    return copy


@pytest.fixture(scope="session")
def mutations():
    """Make a strategy of requests like the given ones with junk in one to three places."""

    @st.composite
    def mutate(draw, requests):
        value = draw(st.sampled_from(requests))
        for _ in range(draw(st.integers(1, 3))):
            path = draw(st.sampled_from(places(value)))
            value = place(value, path, draw(JUNK))
        return value

    return mutate
