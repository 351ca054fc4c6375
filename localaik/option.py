"""Option: what a row of the settings table says."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs


@attrs.frozen
class Option:
    """A row of the settings table.

    `group` and `field` name the attribute it fills; `read` turns its text into the value and
    raises ValueError with what was expected.  A repeatable option gives a tuple of values,
    and its variable holds them with blanks between.
    """

    name: str
    variable: str
    group: str
    field: str
    read: Callable[[str], Any]
    help: str
    metavar: str = "TEXT"
    default: str = ""
    secret: bool = False
    repeatable: bool = False

    def show(self, text: str | Sequence[str]) -> str:
        """Write the setting's value for people, without credentials."""
        if self.secret:
            return "(hidden)"
        shown = text if isinstance(text, str) else " ".join(text)
        return redact_url(shown) if "://" in shown else shown

    def describe(self) -> str:
        """Write the option's line of help."""
        default = f"; default: {self.default}" if self.default else ""
        return f"{self.help} [{self.variable}{default}]"


def redact_url(url: str) -> str:
    """Take user, password, query and fragment out of a URL: that is where credentials hide."""
    head, separator, rest = url.partition("://")
    if not separator:
        return url
    for mark in "?#":
        rest = rest.partition(mark)[0]
    authority, slash, path = rest.partition("/")
    return f"{head}://{authority.rpartition('@')[2]}{slash}{path}"
