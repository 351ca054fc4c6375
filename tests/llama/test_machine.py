import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock

from localaik.llama.machine import (
    LONGEST_PAUSE,
    START_LIMIT,
    STOP_LIMIT,
    Lifecycle,
)
from localaik.llama.status import State, Status

URL = "http://127.0.0.1:1"


class FakeChild:
    def __init__(self, listener):
        self.listener = listener
        self.calls = []

    def terminate(self):
        self.calls.append("terminate")

    def kill(self):
        self.calls.append("kill")

    def ready(self):
        self.listener.child_ready(URL)

    def fail(self):
        self.listener.child_failed("bad model")

    def end(self):
        self.listener.child_ended("died")


class World:
    """A lifecycle over fake children and a fake clock."""

    def __init__(self):
        self.clock = Clock()
        self.children = []
        self.heard = []
        self.no_room = False
        self.life = Lifecycle(self.spawn, self.clock, self.heard.append)

    def spawn(self, listener):
        if self.no_room:
            raise OSError(11, "Resource temporarily unavailable")
        self.children.append(FakeChild(listener))
        return self.children[-1]

    @property
    def child(self):
        return self.children[-1]

    @property
    def state(self):
        return self.life.status.state

    def until_starting(self):
        self.life.start()

    def until_ready(self):
        self.life.start()
        self.child.ready()

    def until_waiting(self):
        self.life.start()
        self.child.end()

    def until_stopping(self):
        self.until_ready()
        return self.life.stop()

    def until_restarting(self):
        stopped = self.until_stopping()
        self.life.start()
        return stopped

    def until_failed(self):
        self.life.start()
        self.child.fail()


@pytest.fixture
def world():
    return World()


def test_a_new_machine_is_stopped(world):
    assert world.life.status == Status(State.STOPPED)
    assert world.children == []


def test_a_start_goes_to_ready(world):
    world.life.start()
    assert world.life.status == Status(State.STARTING, attempt=1)
    world.child.ready()
    assert world.life.status == Status(State.READY, URL, attempt=1)
    assert world.heard == [
        Status(State.STARTING, attempt=1),
        Status(State.READY, URL, attempt=1),
    ]
    assert world.clock.getDelayedCalls() == []


@pytest.mark.parametrize("reached", ["until_starting", "until_ready", "until_waiting"])
def test_a_second_start_changes_nothing(world, reached):
    getattr(world, reached)()
    heard, children = list(world.heard), len(world.children)
    world.life.start()
    assert (world.heard, len(world.children)) == (heard, children)


def test_stopping_what_is_stopped_succeeds_at_once(world):
    assert world.life.stop().called
    assert world.state is State.STOPPED


@pytest.mark.parametrize("reached", ["until_starting", "until_ready"])
def test_stop_terminates_the_child_and_waits_for_its_end(world, reached):
    getattr(world, reached)()
    stopped = world.life.stop()
    assert world.life.status == Status(State.STOPPING, attempt=1)
    assert world.child.calls == ["terminate"]
    assert not stopped.called
    world.child.end()
    assert stopped.called
    assert world.life.status == Status(State.STOPPED, attempt=1)
    assert world.clock.getDelayedCalls() == []


def test_a_child_that_ignores_the_request_is_killed(world):
    stopped = world.until_stopping()
    world.clock.advance(STOP_LIMIT - 0.1)
    assert world.child.calls == ["terminate"]
    world.clock.advance(0.1)
    assert world.child.calls == ["terminate", "kill"]
    assert not stopped.called
    world.child.end()
    assert stopped.called


def test_a_second_stop_waits_for_the_same_end(world):
    first = world.until_stopping()
    second = world.life.stop()
    assert world.child.calls == ["terminate"]
    world.child.end()
    assert first.called
    assert second.called


def test_stop_from_waiting_is_immediate(world):
    world.until_waiting()
    assert world.life.stop().called
    assert world.state is State.STOPPED
    assert world.clock.getDelayedCalls() == []


def test_stop_from_failed_is_immediate(world):
    world.until_failed()
    assert world.life.stop().called
    assert world.life.status == Status(State.STOPPED, attempt=1)


@pytest.mark.parametrize("end", [FakeChild.fail, FakeChild.end])
def test_a_stopping_child_may_still_tell_how_its_start_went(world, end):
    world.until_starting()
    stopped = world.life.stop()
    if end is FakeChild.end:
        world.child.ready()
        assert world.state is State.STOPPING
    end(world.child)
    assert stopped.called
    assert world.state is State.STOPPED


def test_cancelling_a_stop_only_ends_the_waiting(world):
    stopped = world.until_stopping()
    stopped.addErrback(lambda failure: failure.trap(CancelledError))
    stopped.cancel()
    assert world.state is State.STOPPING
    world.child.end()
    assert world.state is State.STOPPED


@pytest.mark.parametrize("end", [FakeChild.fail, FakeChild.end])
def test_start_while_stopping_comes_back_when_the_child_is_gone(world, end):
    stopped = world.until_restarting()
    assert world.state is State.STOPPING
    world.life.start()
    end(world.child)
    assert stopped.called
    assert len(world.children) == 2
    assert world.life.status == Status(State.STARTING, attempt=1)


def test_stop_while_restarting_stays_stopped(world):
    first = world.until_restarting()
    second = world.life.stop()
    world.child.end()
    assert first.called
    assert second.called
    assert world.state is State.STOPPED
    assert len(world.children) == 1


def test_a_restarting_child_is_killed_too_and_may_become_ready(world):
    world.until_starting()
    world.life.stop()
    world.life.start()
    world.child.ready()
    world.clock.advance(STOP_LIMIT)
    assert world.child.calls == ["terminate", "kill"]


def test_a_failed_first_start_is_final(world):
    world.until_failed()
    assert world.life.status == Status(State.FAILED, reason="bad model", attempt=1)
    assert world.clock.getDelayedCalls() == []
    assert State.WAITING not in [status.state for status in world.heard]


def test_a_failed_machine_can_be_started_again(world):
    world.until_failed()
    world.life.start()
    assert world.life.status == Status(State.STARTING, attempt=1)
    world.child.ready()
    assert world.state is State.READY


def test_three_deaths_before_the_first_readiness_are_final(world):
    world.life.start()
    world.child.end()
    assert world.life.status == Status(State.WAITING, reason="died", attempt=1)
    world.clock.advance(0.1)
    assert world.life.status == Status(State.STARTING, reason="died", attempt=2)
    world.child.end()
    world.clock.advance(0.1)
    assert world.state is State.WAITING
    world.clock.advance(0.1)
    world.child.end()
    assert world.life.status == Status(State.FAILED, reason="died", attempt=3)
    assert world.clock.getDelayedCalls() == []


def test_the_first_death_of_a_ready_child_costs_no_pause(world):
    world.until_ready()
    world.child.end()
    assert world.life.status == Status(State.WAITING, reason="died", attempt=1)
    world.clock.advance(0)
    assert world.life.status == Status(State.STARTING, reason="died", attempt=2)
    world.child.ready()
    assert world.life.status == Status(State.READY, URL, attempt=2)


def pauses(world, times):
    found = []
    for _ in range(times):
        world.child.end()
        found.append(world.clock.getDelayedCalls()[0].getTime() - world.clock.seconds())
        world.clock.advance(found[-1])
        world.child.ready()
    return found


def test_pauses_double_up_to_a_limit(world):
    world.until_ready()
    assert pauses(world, 12) == pytest.approx(
        [0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, LONGEST_PAUSE, LONGEST_PAUSE]
    )


def test_pauses_are_forgotten_when_a_child_was_sound(world):
    world.until_ready()
    assert pauses(world, 3) == pytest.approx([0, 0.1, 0.2])
    world.clock.advance(5)
    assert pauses(world, 2) == pytest.approx([0, 0.1])


def test_a_model_that_once_worked_is_never_given_up(world):
    world.until_ready()
    world.child.end()
    for end in [FakeChild.end] * 5 + [FakeChild.fail] * 5:
        world.clock.advance(LONGEST_PAUSE)
        assert world.state is State.STARTING
        end(world.child)
        assert world.state is State.WAITING


def test_a_start_that_takes_too_long_is_killed_and_counts_as_a_death(world):
    world.life.start()
    world.clock.advance(START_LIMIT)
    assert world.child.calls == ["kill"]
    world.child.end()
    assert world.life.status == Status(
        State.WAITING, reason="it was not ready within 600 seconds", attempt=1
    )


def test_a_child_that_cannot_be_spawned_counts_as_a_death(world):
    world.no_room = True
    world.life.start()
    assert world.life.status == Status(
        State.WAITING,
        reason="it cannot be started: Resource temporarily unavailable",
        attempt=1,
    )
    world.no_room = False
    world.clock.advance(0.1)
    assert world.state is State.STARTING


def test_a_listener_may_stop_and_start_from_inside_a_change():
    clock, children, stops = Clock(), [], []

    def listen(status):
        if status.state is State.READY:
            stops.append(life.stop())
            life.start()

    def spawn(listener):
        children.append(FakeChild(listener))
        return children[-1]

    life = Lifecycle(spawn, clock, listen)
    life.start()
    children[0].ready()
    assert life.status.state is State.STOPPING
    children[0].end()
    assert stops[0].called
    assert life.status == Status(State.STARTING, attempt=1)


def test_stop_during_a_spawn_that_fails_ends_stopped():
    clock, stops = Clock(), []

    def listen(status):
        if status.state is State.STARTING:
            stops.append(life.stop())

    def spawn(_):
        raise OSError(11, "no room")

    life = Lifecycle(spawn, clock, listen)
    life.start()
    assert stops[0].called
    assert life.status.state is State.STOPPED
    assert clock.getDelayedCalls() == []
