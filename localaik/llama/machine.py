"""The life of the model child, as a typed Automat machine.

States: stopped, starting, ready, waiting (for the next start), stopping, restarting (stopping,
and wanted again), failed.  Nothing here knows a process or a clock of its own.
"""

from collections.abc import Callable
from typing import Protocol

import attrs
from automat import TypeMachineBuilder
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from localaik.llama.status import Child, Spawn, State, Status

# Seconds until a start counts as stuck: a model of 100 GB takes minutes from a slow disk.
START_LIMIT = 600.0
# Seconds between SIGTERM and SIGKILL.
STOP_LIMIT = 5.0
# Seconds before the next start; it doubles with each death in a row.
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 30.0
# Seconds after which a ready child counts as sound, and its death as the first in a row.
SETTLED = 5.0
# A model that dies so often and was never ready has no hope.
HOPELESS = 3


class _Inputs(Protocol):
    """What can happen.  All return None, so that a listener may call back in."""

    def start(self) -> None:
        """Run the child from now on."""

    def stop(self) -> None:
        """Run it no longer."""

    def child_ready(self, url: str, /) -> None:
        """See `ChildListener`."""

    def child_failed(self, reason: str, /) -> None:
        """See `ChildListener`."""

    def child_ended(self, reason: str, /) -> None:
        """See `ChildListener`."""

    def retry(self) -> None:
        """Begin the next start: the pause before it is over."""

    def overdue(self) -> None:
        """Kill the child: it has taken too long to start or to stop."""

    def give_up(self, reason: str, /) -> None:
        """Start no more: there is no hope."""


@attrs.define
class _Core:
    """What the states share.  There is at most one child and one running timer."""

    spawn: Spawn
    clock: IReactorTime
    listener: Callable[[Status], None]
    status: Status = Status(State.STOPPED)
    stop_waiters: list[Deferred[None]] = attrs.Factory(list)
    child: Child | None = None
    timer: IDelayedCall | None = None
    attempt: int = 0
    reason: str | None = None
    is_overdue: bool = False
    ready_at: float | None = None
    deaths: int = 0

    def tell(self, state: State, url: str | None = None) -> None:
        self.status = Status(state, url, self.reason, self.attempt)
        self.listener(self.status)

    def set_timer(self, seconds: float, call: Callable[[], None]) -> None:
        self.clear_timer()
        self.timer = self.clock.callLater(seconds, call)

    def clear_timer(self) -> None:
        if self.timer is not None and self.timer.active():
            self.timer.cancel()
        self.timer = None

    def forget(self) -> None:
        self.attempt, self.deaths = 0, 0
        self.reason, self.ready_at = None, None

    def lose_child(self, reason: str | None) -> None:
        self.clear_timer()
        self.child, self.reason = None, reason

    def finish_stopping(self) -> None:
        self.stop_waiters, waiting = [], self.stop_waiters
        for waiter in waiting:
            waiter.callback(None)


class Lifecycle:
    """Keeps one child running between `start` and `stop`; both may be called at any time.

    `listener` hears each new status, and is called inside the change: it may call `start`
    and `stop`, which take effect after it.
    """

    def __init__(
        self, spawn: Spawn, clock: IReactorTime, listener: Callable[[Status], None]
    ) -> None:
        self._core = _Core(spawn, clock, listener)
        self._inputs = _machine(self._core)

    @property
    def status(self) -> Status:
        """How the child is now."""
        return self._core.status

    def start(self) -> None:
        """Start the child, and start it again whenever it dies."""
        self._inputs.start()

    def stop(self) -> Deferred[None]:
        """Stop the child; the Deferred fires when it is gone.

        Cancelling that only ends the waiting.
        """
        waiter: Deferred[None] = Deferred()
        self._core.stop_waiters.append(waiter)
        self._inputs.stop()
        return waiter


_builder = TypeMachineBuilder(_Inputs, _Core)

_stopped = _builder.state("stopped")
_starting = _builder.state("starting")
_ready = _builder.state("ready")
_waiting = _builder.state("waiting")
_stopping = _builder.state("stopping")
_restarting = _builder.state("restarting")
_failed = _builder.state("failed")

# What is asked for is already so, or comes too late to matter.
_starting.upon(_Inputs.start).loop().returns(None)
_ready.upon(_Inputs.start).loop().returns(None)
_waiting.upon(_Inputs.start).loop().returns(None)
_restarting.upon(_Inputs.start).loop().returns(None)
_stopping.upon(_Inputs.stop).loop().returns(None)
_stopping.upon(_Inputs.child_ready).loop().returns(None)
_restarting.upon(_Inputs.child_ready).loop().returns(None)
_stopping.upon(_Inputs.start).to(_restarting).returns(None)
_restarting.upon(_Inputs.stop).to(_stopping).returns(None)


@_stopped.upon(_Inputs.start).to(_starting)
@_failed.upon(_Inputs.start).to(_starting)
def _begin(inputs: _Inputs, core: _Core) -> None:
    core.forget()
    _launch(inputs, core)


@_waiting.upon(_Inputs.retry).to(_starting)
def _launch(inputs: _Inputs, core: _Core) -> None:
    core.attempt += 1
    core.is_overdue = False
    core.set_timer(START_LIMIT, inputs.overdue)
    core.tell(State.STARTING)
    try:
        core.child = core.spawn(inputs)
    except OSError as error:
        inputs.child_ended(f"it cannot be started: {error.strerror}")


@_starting.upon(_Inputs.child_ready).to(_ready)
def _serve(_inputs: _Inputs, core: _Core, url: str) -> None:
    core.clear_timer()
    core.reason = None
    core.ready_at = core.clock.seconds()
    core.tell(State.READY, url)


@_starting.upon(_Inputs.overdue).loop()
def _kill_slow_start(inputs: _Inputs, core: _Core) -> None:
    core.is_overdue = True
    _kill(inputs, core)


@_starting.upon(_Inputs.child_failed).to(_waiting)
def _fail_to_start(inputs: _Inputs, core: _Core, reason: str) -> None:
    core.lose_child(reason)
    if core.ready_at is None:
        inputs.give_up(reason)
    else:
        _die_starting(inputs, core, reason)


@_starting.upon(_Inputs.child_ended).to(_waiting)
def _die_starting(inputs: _Inputs, core: _Core, reason: str) -> None:
    if core.is_overdue:
        reason = f"it was not ready within {START_LIMIT:.0f} seconds"
    core.lose_child(reason)
    core.deaths += 1
    if core.ready_at is None and core.deaths >= HOPELESS:
        inputs.give_up(reason)
    else:
        _pause(inputs, core)


@_ready.upon(_Inputs.child_failed).to(_waiting)
@_ready.upon(_Inputs.child_ended).to(_waiting)
def _die_serving(inputs: _Inputs, core: _Core, reason: str) -> None:
    core.lose_child(reason)
    if core.ready_at is not None and core.clock.seconds() - core.ready_at >= SETTLED:
        core.deaths = 0
    # Clients wait, so the first death in a row costs no pause.
    _pause(inputs, core)
    core.deaths += 1


def _pause(inputs: _Inputs, core: _Core) -> None:
    # Ten doublings are beyond the longest pause.
    seconds = FIRST_PAUSE * 2 ** min(core.deaths - 1, 10) if core.deaths else 0.0
    core.set_timer(min(seconds, LONGEST_PAUSE), inputs.retry)
    core.tell(State.WAITING)


@_waiting.upon(_Inputs.give_up).to(_failed)
def _give_up(_inputs: _Inputs, core: _Core, _reason: str) -> None:
    core.tell(State.FAILED)


@_starting.upon(_Inputs.stop).to(_stopping)
@_ready.upon(_Inputs.stop).to(_stopping)
def _terminate(inputs: _Inputs, core: _Core) -> None:
    core.reason = None
    core.set_timer(STOP_LIMIT, inputs.overdue)
    core.tell(State.STOPPING)
    if core.child is not None:
        core.child.terminate()


@_stopping.upon(_Inputs.overdue).loop()
@_restarting.upon(_Inputs.overdue).loop()
def _kill(_inputs: _Inputs, core: _Core) -> None:
    if core.child is not None:
        core.child.kill()


@_stopping.upon(_Inputs.child_failed).to(_stopped)
@_stopping.upon(_Inputs.child_ended).to(_stopped)
def _be_gone(inputs: _Inputs, core: _Core, _reason: str) -> None:
    _rest(inputs, core)


@_stopped.upon(_Inputs.stop).loop()
@_waiting.upon(_Inputs.stop).to(_stopped)
@_failed.upon(_Inputs.stop).to(_stopped)
def _rest(_inputs: _Inputs, core: _Core) -> None:
    core.lose_child(None)
    core.tell(State.STOPPED)
    core.finish_stopping()


@_restarting.upon(_Inputs.child_failed).to(_starting)
@_restarting.upon(_Inputs.child_ended).to(_starting)
def _come_back(inputs: _Inputs, core: _Core, _reason: str) -> None:
    core.lose_child(None)
    core.finish_stopping()
    _begin(inputs, core)


_machine = _builder.build()
