"""The model child as a process: its announcement, its log and its end."""

import contextlib
import json
import os
import signal

from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import IProcessTransport, IReactorProcess
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from localaik.llama.command import ChildPlan
from localaik.llama.lines import Lines, LogLine, publishable, read_line
from localaik.llama.status import Child, ChildListener

_log = Logger(namespace="localaik.llama")

_ANNOUNCEMENT = 3
_SIGNALS = {int(number): number.name for number in signal.Signals}
_LEVELS = {
    "D": LogLevel.debug,
    "I": LogLevel.debug,
    "W": LogLevel.warn,
    "E": LogLevel.error,
    None: LogLevel.info,
}


class ModelProcess(ProcessProtocol):
    """Tells a listener of the child's life and copies its log into ours."""

    transport: IProcessTransport

    def __init__(self, listener: ChildListener) -> None:
        self._listener = listener
        self._streams = {1: Lines(), 2: Lines(), _ANNOUNCEMENT: Lines()}
        self._serving = False
        self._refusal: str | None = None
        self._cause: str | None = None

    def terminate(self) -> None:
        """Ask the child to end."""
        self._signal("TERM")

    def kill(self) -> None:
        """End the child."""
        self._signal("KILL")

    def childDataReceived(self, childFD: int, data: bytes) -> None:  # noqa: N802, N803
        """Take what the child wrote."""
        self._read(childFD, self._streams[childFD].feed(data))

    def processEnded(self, reason: Failure) -> None:  # noqa: N802
        """Tell the listener, after the child's last words."""
        for childFD, stream in self._streams.items():  # noqa: N806
            self._read(childFD, stream.finish())
        end = describe_end(reason) if self._refusal is None else self._refusal
        full = end if self._cause is None else f"{end}: {self._cause}"
        if self._refusal is None:
            self._listener.child_ended(full)
        else:
            self._listener.child_failed(full)

    def _read(self, fd: int, lines: list[str]) -> None:
        for text in lines:
            if fd == _ANNOUNCEMENT:
                self._hear(text)
            else:
                self._note(read_line(text))

    def _hear(self, text: str) -> None:
        words = json.loads(text)
        if "ready" in words:
            self._serving, self._cause = True, None
            self._listener.child_ready(words["ready"])
        else:
            # The child ends now; its log, which says more, may still be under way.
            self._refusal = words["failed"]

    def _note(self, line: LogLine) -> None:
        # llama.cpp tells the cause first, and then what failed because of it.
        if self._cause is None and (line.is_crash or (line.level == "E" and not self._serving)):
            self._cause = line.text
        shown = publishable(line, serving=self._serving)
        if shown is not None:
            _log.emit(_LEVELS[shown.level], "[llama] {line}", line=shown.text)

    def _signal(self, name: str) -> None:
        # If it has exited, the news of that is on the way to us.
        with contextlib.suppress(ProcessExitedAlready):
            self.transport.signalProcess(name)


def spawn_child(reactor: IReactorProcess, plan: ChildPlan, listener: ChildListener) -> Child:
    """Start the child.

    Raises: OSError when the machine has no room for another process.
    """
    protocol = ModelProcess(listener)
    # The pid is asked for here, since twistd may have become a daemon since the plan.
    argv = plan.argv(os.getpid())
    reactor.spawnProcess(
        protocol,
        argv[0],
        argv,
        env=None,
        path=plan.folder,
        childFDs={0: "w", 1: "r", 2: "r", _ANNOUNCEMENT: "r"},
    )
    return protocol


def describe_end(reason: Failure) -> str:
    """Say how a process ended."""
    match reason.value:
        case ProcessDone():
            return "it exited with status 0"
        case ProcessTerminated(signal=int(number)):
            return f"it was ended by {_SIGNALS.get(number, f'signal {number}')}"
        case ProcessTerminated(exitCode=status):
            return f"it exited with status {status}"
        case error:
            return str(error)
