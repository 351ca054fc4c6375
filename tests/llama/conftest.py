"""Fakes of the process side, for the tests of processes and of the service over them."""

import json

import attrs
import pytest
from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import IReactorProcess
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer


@attrs.define
class FakeProcess:
    """A process that is only spoken of; also its protocol's transport."""

    protocol: object
    argv: tuple
    path: str
    child_fds: dict
    signals: list = attrs.Factory(list)
    gone: bool = False

    def signalProcess(self, name):  # noqa: N802
        if self.gone:
            raise ProcessExitedAlready
        self.signals.append(name)

    def say(self, fd, text):
        self.protocol.childDataReceived(fd, text.encode())

    def announce(self, **words):
        self.say(3, json.dumps(words) + "\n")

    def end(self, *, signal=None, status=None):
        self.gone = True
        if signal or status:
            reason = ProcessTerminated(exitCode=status, signal=signal, status=0)
        else:
            reason = ProcessDone(0)
        self.protocol.processEnded(Failure(reason))


@implementer(IReactorProcess)
class FakeProcesses(Clock):
    """A reactor with a clock of its own that starts no process."""

    def __init__(self):
        super().__init__()
        self.all = []

    def spawnProcess(self, protocol, executable, args, env, path, childFDs):  # noqa: N802, N803
        assert executable == args[0]
        assert env is None
        process = FakeProcess(protocol, args, path, childFDs)
        protocol.makeConnection(process)
        self.all.append(process)
        return process

    @property
    def last(self):
        return self.all[-1]


@pytest.fixture
def processes():
    return FakeProcesses()
