"""Reader: a JSON value and its path, with typed getters whose errors name the field.

JSON from outside is read through here only.  Two spellings are known: `EXACT`, where a
name is a name, and `PROTO`, Google's proto3 JSON mapping, where ``maxOutputTokens`` and
``max_output_tokens`` are the same field and numbers may come as strings
(https://protobuf.dev/programming-guides/json/).  In both, null counts as absent.
"""

import enum
import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from localaik.errors import BadRequest

T = TypeVar("T")


class Spelling(enum.Enum):
    """How strictly names and numbers are spelled in a protocol's JSON."""

    EXACT = "exact"
    PROTO = "proto"


@functools.lru_cache(maxsize=4096)
def lower_camel(name: str) -> str:
    """Turn a snake_case name into proto3's lowerCamelCase; others stay as they are.

    Underscores in front are part of the name: Google has a field ``_responseJsonSchema``.
    """
    body = name.lstrip("_")
    head, *rest = body.split("_")
    front = "_" * (len(name) - len(body))
    return front + head + "".join(word[:1].upper() + word[1:] for word in rest)


class Reader:
    """A JSON value, the path that led to it, and typed ways to take it.

    A root reader remembers every object that was opened below it, so that `unread` can
    tell which fields nobody looked at.
    """

    __slots__ = ("_object", "_opened", "path", "spelling", "value")

    def __init__(
        self,
        value: Any,
        spelling: Spelling = Spelling.EXACT,
        path: str = "",
        _opened: "list[ObjectReader] | None" = None,
    ) -> None:
        self.value = value
        self.spelling = spelling
        self.path = path
        self._opened: list[ObjectReader] = [] if _opened is None else _opened
        self._object: ObjectReader | None = None

    def wrong(self, message: str) -> BadRequest:
        """Make the error for this field; the caller raises it."""
        return BadRequest(message, field=self.path or "body")

    def object(self) -> "ObjectReader":
        """Open the value as an object; each time the same, so that it knows all that was read."""
        if self._object is None:
            if not isinstance(self.value, dict):
                raise self.wrong(f"expected an object, got {kind(self.value)}")
            self._object = ObjectReader(self)
            self._opened.append(self._object)
        return self._object

    def array(self) -> "Sequence[Reader]":
        """Open the value as an array; in PROTO a single item stands for an array of one."""
        items = self.value
        if not isinstance(items, list):
            if self.spelling is Spelling.PROTO and isinstance(items, dict):
                return [self]
            raise self.wrong(f"expected an array, got {kind(items)}")
        return [
            Reader(item, self.spelling, f"{self.path}[{index}]", self._opened)
            for index, item in enumerate(items)
        ]

    def string(self) -> str:
        """Take the value as a string."""
        if not isinstance(self.value, str):
            raise self.wrong(f"expected a string, got {kind(self.value)}")
        return self.value

    def boolean(self) -> bool:
        """Take the value as a boolean."""
        if not isinstance(self.value, bool):
            raise self.wrong(f"expected true or false, got {kind(self.value)}")
        return self.value

    def integer(self, minimum: int | None = None, maximum: int | None = None) -> int:
        """Take the value as an integer; ``40.0`` is one, and in PROTO ``"40"`` too."""
        number = self._number()
        if not float(number).is_integer():
            raise self.wrong(f"expected an integer, got {number}")
        self._check_bounds(number, minimum, maximum)
        return int(number)

    def number(self, minimum: float | None = None, maximum: float | None = None) -> float:
        """Take the value as a finite number."""
        number = float(self._number())
        self._check_bounds(number, minimum, maximum)
        return number

    def choice(self, choices: Mapping[str, T]) -> T:
        """Take the value as one of the named choices; in PROTO in any case."""
        text = self.string()
        found = choices.get(text.upper() if self.spelling is Spelling.PROTO else text)
        if found is None:
            raise self.wrong(f"expected one of {', '.join(choices)}")
        return found

    def unread(self) -> tuple[str, ...]:
        """List the paths of the fields that no one has looked at, in objects that were opened."""
        return tuple(path for opened in self._opened for path in opened.unread())

    def child(self, value: Any, path: str) -> "Reader":
        """Make the reader of a value below this one."""
        return Reader(value, self.spelling, path, self._opened)

    def _number(self) -> int | float:
        value = self.value
        if isinstance(value, str) and self.spelling is Spelling.PROTO:
            value = _number_from_text(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(f"expected a number, got {kind(self.value)}")
        # Beyond a double's range an int cannot be compared with bounds or sent on.
        if abs(value) > 1e300 or not math.isfinite(value):
            raise self.wrong("expected a finite number")
        return value

    def _check_bounds(self, number: float, minimum: float | None, maximum: float | None) -> None:
        if minimum is not None and number < minimum:
            raise self.wrong(f"expected at least {minimum}, got {number}")
        if maximum is not None and number > maximum:
            raise self.wrong(f"expected at most {maximum}, got {number}")


class ObjectReader:
    """An object opened field by field; names are given in the protocol's canonical spelling."""

    __slots__ = ("_fields", "_reader", "_seen")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._seen: set[str] = set()
        present = [item for item in reader.value.items() if item[1] is not None]
        if reader.spelling is Spelling.PROTO:
            self._fields = {lower_camel(key): (key, value) for key, value in present}
        else:
            self._fields = {key: (key, value) for key, value in present}

    @property
    def path(self) -> str:
        """The path of the object itself."""
        return self._reader.path

    def names(self) -> Sequence[str]:
        """List the fields that are present and not null, in canonical spelling and wire order."""
        return list(self._fields)

    def wrong(self, message: str) -> BadRequest:
        """Make the error for the object as a whole."""
        return self._reader.wrong(message)

    def get(self, name: str) -> Reader | None:
        """Take a field; None when it is absent or null."""
        self._seen.add(name)
        found = self._fields.get(name)
        if found is None:
            return None
        key, value = found
        return self._reader.child(value, self._path_of(key))

    def require(self, name: str) -> Reader:
        """Take a field that must be there."""
        found = self.get(name)
        if found is None:
            raise BadRequest("required", field=self._path_of(name))
        return found

    def object(self, name: str) -> "ObjectReader | None":
        """Open a field as an object; None when absent."""
        found = self.get(name)
        return None if found is None else found.object()

    def array(self, name: str) -> Sequence[Reader]:
        """Open a field as an array; empty when absent."""
        found = self.get(name)
        return () if found is None else found.array()

    def string(self, name: str) -> str | None:
        """Take a field as a string."""
        found = self.get(name)
        return None if found is None else found.string()

    def boolean(self, name: str) -> bool | None:
        """Take a field as a boolean."""
        found = self.get(name)
        return None if found is None else found.boolean()

    def integer(
        self, name: str, minimum: int | None = None, maximum: int | None = None
    ) -> int | None:
        """Take a field as an integer within bounds."""
        found = self.get(name)
        return None if found is None else found.integer(minimum, maximum)

    def number(
        self, name: str, minimum: float | None = None, maximum: float | None = None
    ) -> float | None:
        """Take a field as a finite number within bounds."""
        found = self.get(name)
        return None if found is None else found.number(minimum, maximum)

    def raw(self, name: str) -> Any:
        """Take a field's JSON as it stands: free-form values whose inner names are not ours."""
        found = self.get(name)
        return None if found is None else found.value

    def skip(self, *names: str) -> None:
        """Count fields as read that are accepted and have no effect here, by design."""
        self._seen.update(names)

    def unread(self) -> Sequence[str]:
        """List the paths of the fields that were never asked for."""
        return [
            self._path_of(key) for name, (key, _) in self._fields.items() if name not in self._seen
        ]

    def _path_of(self, key: str) -> str:
        return f"{self._reader.path}.{key}" if self._reader.path else key


def kind(value: Any) -> str:
    """Name a JSON value's type for an error message, without showing the value."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def _number_from_text(text: str) -> int | float | None:
    try:
        return int(text) if text.strip().lstrip("+-").isdigit() else float(text)
    except ValueError:
        return None
