"""Readings: how the text of a setting becomes its value.

Each raises ValueError that says what was expected; none repeats a text that may be secret.
"""

from collections.abc import Callable

_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def any_text(text: str) -> str:
    """Read any text that is not blank."""
    if not text.strip():
        raise ValueError("expected some text, got none")
    return text


def port_number(text: str) -> int:
    """Read a TCP port; 0 asks for a free one."""
    number = _whole(text, "a port number from 0 to 65535")
    if number > 65535:
        raise ValueError(f"expected a port number from 0 to 65535, got {text!r}")
    return number


def count(text: str) -> int:
    """Read a whole number above 0."""
    number = _whole(text, "a whole number above 0")
    if number < 1:
        raise ValueError(f"expected a whole number above 0, got {text!r}")
    return number


def layer_count(text: str) -> int:
    """Read how many layers go to the GPU; -1 means all."""
    # llama.cpp takes -1 for "all of them"; 99 and the like mean the same in practice.
    if text.strip() == "-1":
        return -1
    return _whole(text, "a whole number, or -1 for all layers")


def _whole(text: str, expected: str) -> int:
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdigit()):
        raise ValueError(f"expected {expected}, got {text!r}")
    return int(stripped)


def byte_size(text: str) -> int:
    """Read a size in bytes, with a binary unit: ``64M``, ``1GiB``, ``4096``."""
    stripped = text.strip().lower().removesuffix("b").removesuffix("i")
    unit = stripped[-1:] if stripped[-1:] in _UNITS else ""
    number = stripped.removesuffix(unit)
    if not (number.isascii() and number.isdigit()) or int(number) < 1:
        raise ValueError(f"expected a size in bytes such as 64M, got {text!r}")
    return int(number) * _UNITS[unit]


def cache_size(text: str) -> int:
    """Read a size in bytes, or 0 or off for no cache."""
    if text.strip().lower() in _FALSE:
        return 0
    return byte_size(text)


def dots_per_inch(text: str) -> int:
    """Read a resolution from 10 to 1200 dots per inch."""
    number = _whole(text, "a whole number from 10 to 1200")
    if not 10 <= number <= 1200:
        raise ValueError(f"expected a whole number from 10 to 1200, got {text!r}")
    return number


def pixels(text: str) -> int:
    """Read a length from 16 to 32767 pixels."""
    # cairo draws nothing that is longer.
    number = _whole(text, "a whole number from 16 to 32767")
    if not 16 <= number <= 32767:
        raise ValueError(f"expected a whole number from 16 to 32767, got {text!r}")
    return number


def seconds(text: str) -> float:
    """Read a duration in seconds."""
    stripped = text.strip().removesuffix("s")
    try:
        number = float(stripped)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"expected a number of seconds, got {text!r}")
    return number


def positive_seconds(text: str) -> float:
    """Read a duration in seconds above 0."""
    number = seconds(text)
    if number == 0:
        raise ValueError(f"expected a number of seconds above 0, got {text!r}")
    return number


def switch(text: str) -> bool:
    """Read on or off, in the usual spellings."""
    lowered = text.strip().lower()
    if lowered not in _TRUE | _FALSE:
        raise ValueError(f"expected on or off, got {text!r}")
    return lowered in _TRUE


def one_of(*choices: str) -> Callable[[str], str]:
    """Make a reading that takes one of the choices, in any case."""

    def read(text: str) -> str:
        lowered = text.strip().lower()
        if lowered not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}; got {text!r}")
        return lowered

    return read


def flash_attn(text: str) -> str:
    """Read on, off or auto."""
    lowered = text.strip().lower()
    if lowered in _TRUE | {"auto"} | _FALSE:
        return lowered if lowered == "auto" else ("on" if lowered in _TRUE else "off")
    raise ValueError(f"expected on, off or auto; got {text!r}")


def base_url(text: str) -> str:
    """Read a server's base URL; a trailing ``/v1`` is dropped, since routes carry their own."""
    url = text.strip()
    scheme, separator, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    named = bool(host.strip(":[]")) and not host.startswith(":")
    if scheme not in ("http", "https") or not separator or not named:
        raise ValueError("expected an http:// or https:// URL")
    if any(mark in url for mark in "?# \t\r\n"):
        raise ValueError("expected a URL without a query, a fragment or blanks")
    base = f"/{path}".rstrip("/").removesuffix("/v1").rstrip("/")
    return f"{scheme}://{authority}{base}"


def header_line(text: str) -> str:
    """Read a whole header line, ``Name: value``."""
    name, separator, value = text.partition(":")
    token = name.strip()
    legal = token.isascii() and all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in token)
    # The message must not repeat the text, which holds a credential.
    if not separator or not token or not legal or not value.strip():
        raise ValueError("expected a header line such as 'Authorization: Bearer ...'")
    if not value.isprintable() or not value.isascii():
        raise ValueError("expected a header value of printable ASCII characters")
    return f"{token}: {value.strip()}"
