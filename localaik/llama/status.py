"""What the parts of this package tell each other about the model child."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import attrs


class State(StrEnum):
    """Where the model child is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"
    STOPPING = "stopping"
    FAILED = "failed"


@attrs.frozen
class Status:
    """How the model child is.

    `url` is its base URL while it is ready, `reason` why it is not, if there is one beyond
    its state; `attempt` counts the starts since somebody asked for it.
    """

    state: State
    url: str | None = None
    reason: str | None = None
    attempt: int = 0


class Child(Protocol):
    """A running child."""

    def terminate(self) -> None:
        """Ask it to end (SIGTERM)."""

    def kill(self) -> None:
        """End it (SIGKILL)."""


class ChildListener(Protocol):
    """Hears of a child: ready at most once, then one of the others exactly once, last."""

    def child_ready(self, url: str, /) -> None:
        """Hear that it serves at this base URL."""

    def child_failed(self, reason: str, /) -> None:
        """Hear that it is gone, and that another start would end the same way."""

    def child_ended(self, reason: str, /) -> None:
        """Hear that it is gone."""


Spawn = Callable[[ChildListener], Child]
