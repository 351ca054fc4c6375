"""One trial."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from asking import Answer


@dataclass(frozen=True)
class Trial:
    """A request's body, and what decides about the answer."""

    body: dict[str, Any]
    wanted: str
    right: Callable[[Answer], bool]

    @property
    def asked(self) -> str:
        """The messages, for a report."""
        return str([message["content"] for message in self.body["messages"]])[:600]


def exactly(body: dict[str, Any], wanted: str) -> Trial:
    """Return a trial whose answer is one text and nothing else."""

    def right(answer: Answer) -> bool:
        return answer.text == wanted and not answer.calls and answer.finish == "stop"

    return Trial(body, wanted, right)
