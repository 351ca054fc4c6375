"""How the log is written: Twisted's text, or one JSON object a line."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from twisted.logger import ILogObserver, formatEvent, textFileLogObserver
from zope.interface import implementer

from localaik.wire.jsontext import dump_json

# What every event has for its own, and what is not for reading.
_OWN = frozenset(
    {
        "log_format", "log_level", "log_namespace", "log_source", "log_time", "log_logger",
        "log_failure", "log_trace", "log_flattened", "log_system", "log_text", "log_io",
        "log_legacy", "format", "isError", "failure", "why", "message", "time", "system",
        "warning", "category", "filename", "lineno",
    }
)  # fmt: skip


def make_observer(log_format: str, output: TextIO) -> ILogObserver:
    """Make the observer for a log format, `text` or `json`."""
    if log_format == "json":
        return JSONLinesObserver(output)
    return textFileLogObserver(output)


@implementer(ILogObserver)
class JSONLinesObserver:
    """Writes each event as one line: time, level, namespace, message, and the event's fields."""

    def __init__(self, output: TextIO) -> None:
        self._output = output

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Write an event."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(event.get("log_time", 0), UTC).isoformat(),
            "level": getattr(event.get("log_level"), "name", "info"),
            "namespace": event.get("log_namespace", ""),
            "message": formatEvent(dict(event)),
        }
        failure = event.get("log_failure")
        if failure is not None:
            line["traceback"] = failure.getTraceback()
        fields = {name: value for name, value in event.items() if name not in _OWN}
        line.update({name: _plain(value) for name, value in fields.items()})
        self._output.write(dump_json(line).decode() + "\n")
        self._output.flush()


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
