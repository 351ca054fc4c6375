"""A page worker as its parent sees it: jobs go in, answers come out, and it can be killed."""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import attrs
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IProcessTransport, IReactorProcess
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from localaik.documents.plan import Job
from localaik.errors import BadRequest, LocalaikError, Unimplemented
from localaik.wire.frames import FrameDecoder, FrameTooLong, encode_frame

_log = Logger(namespace="localaik.documents")
_WORKER = "localaik.documents.worker"
# `python -m` finds the same localaik there that is running here.
_ROOT = str(Path(__file__).parents[2])
_LAST_WORDS = 4096  # bytes of standard error that are logged when a worker crashes


@attrs.frozen
class Answer:
    """What a worker answers to a job: a JSON value, and contents in the order of the job."""

    value: Any
    contents: tuple[str, ...] = attrs.field(repr=False)


class Listener(Protocol):
    """Whoever owns a worker."""

    def answered(self, worker: "PageProcess", answer: Answer | LocalaikError) -> None:
        """Take the answer to the job that the worker was given."""

    def exited(self, worker: "PageProcess") -> None:
        """Learn that the worker is no more; its job, if it had one, is lost."""

    def ended(self, worker: "PageProcess") -> None:
        """Learn that its pipes are closed too: all of its programs are gone."""


class PageProcess(ProcessProtocol):
    """One worker process."""

    transport: IProcessTransport

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._frames = FrameDecoder()
        self._head: dict[str, Any] | None = None
        self._contents: list[str] = []
        self._last_words = b""
        self._unwanted = False
        self.pid = 0

    def connectionMade(self) -> None:  # noqa: N802
        """Note the process id, which the transport forgets when the process ends."""
        self.pid = int(self.transport.pid or 0)

    def ask(self, job: Job) -> None:
        """Give it a job; one at a time."""
        words = {"job": job.name, "arguments": dict(job.arguments)}
        frame = encode_frame(json.dumps(words).encode())
        self.transport.writeToChild(0, frame)

    def kill(self) -> None:
        """End it with all programs that it runs."""
        self._unwanted = True
        _kill_group(self.pid)
        # Right after its start it leads no group yet.
        with contextlib.suppress(ProcessExitedAlready):
            self.transport.signalProcess("KILL")

    def childDataReceived(self, childFD: int, data: bytes) -> None:  # noqa: N802, N803
        """Take what it wrote."""
        if childFD != 1:
            self._last_words = (self._last_words + data)[-_LAST_WORDS:]
            return
        try:
            frames = self._frames.feed(data)
        except FrameTooLong:
            self.kill()
            return
        for frame in frames:
            self._take(frame)

    def processExited(self, reason: Failure) -> None:  # noqa: N802
        """Tell that it is gone, and end what it left running."""
        _kill_group(self.pid)
        if not self._unwanted:
            _log.warn(
                "a page worker died: {reason} {words}",
                reason=reason.getErrorMessage(),
                words=self._last_words.decode("utf-8", "replace"),
            )
        self._listener.exited(self)

    def processEnded(self, reason: Failure) -> None:  # noqa: ARG002, N802
        """Tell that its pipes are closed."""
        self._listener.ended(self)

    def _take(self, frame: bytes) -> None:
        if self._head is None:
            self._head = json.loads(frame)
        else:
            # One by one as they come: all pages at once would hold up other requests.
            self._contents.append(frame.decode("utf-8", "replace"))
        if len(self._contents) < self._head.get("contents", 0):
            return
        head, contents = self._head, tuple(self._contents)
        self._head, self._contents = None, []
        if self._unwanted:
            return
        if "value" in head:
            self._listener.answered(self, Answer(head["value"], contents))
        elif "missing" in head:
            self._listener.answered(self, Unimplemented(head["missing"]))
        else:
            self._listener.answered(self, BadRequest(head["failed"]))


def spawner(reactor: IReactorProcess, seconds: float) -> Callable[[Listener, str], PageProcess]:
    """Make the function that starts workers with a folder; `seconds` bound each job's CPU time."""

    def spawn(listener: Listener, folder: str) -> PageProcess:
        process = PageProcess(listener)
        argv = (sys.executable, "-m", _WORKER, folder, f"{seconds:g}")
        pipes: dict[int, Any] = {0: "w", 1: "r", 2: "r"}
        reactor.spawnProcess(process, argv[0], argv, env=None, path=_ROOT, childFDs=pipes)
        return process

    return spawn


def _kill_group(pid: int) -> None:
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
