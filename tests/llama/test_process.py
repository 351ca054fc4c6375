import os
from signal import SIGKILL

import pytest
from twisted.logger import LogLevel, globalLogPublisher

from localaik.llama.command import ChildPlan
from localaik.llama.process import spawn_child

PLAN = ChildPlan(work='{"params":{}}', folder="/somewhere")


class Listener:
    def __init__(self):
        self.heard = []

    def child_ready(self, url):
        self.heard.append(("ready", url))

    def child_failed(self, reason):
        self.heard.append(("failed", reason))

    def child_ended(self, reason):
        self.heard.append(("ended", reason))


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
def child(processes, listener):
    return spawn_child(processes, PLAN, listener)


@pytest.fixture
def logged():
    lines = []

    def observe(event):
        if event.get("log_namespace") == "localaik.llama":
            lines.append((event["log_level"], event["log_format"].format(**event)))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


def test_the_child_is_started_as_planned(processes, child):
    process = processes.last
    assert process.argv == PLAN.argv(os.getpid())
    assert process.path == "/somewhere"
    assert process.child_fds == {0: "w", 1: "r", 2: "r", 3: "r"}


def test_the_announcement_may_come_in_pieces(processes, child, listener):
    processes.last.say(3, '{"ready": "http')
    assert listener.heard == []
    processes.last.say(3, '://127.0.0.1:1"}\n')
    assert listener.heard == [("ready", "http://127.0.0.1:1")]


def test_a_refusal_is_told_at_the_end_with_llama_cpps_first_error(processes, child, listener):
    processes.last.announce(failed="llama.cpp cannot load the model")
    processes.last.say(2, "0.00.006.300 W srv init: careful\n")
    processes.last.say(2, "0.00.006.363 E gguf: version 9 is too new\n0.00.006.410 E gguf: failed")
    assert listener.heard == []
    processes.last.end(status=1)
    assert listener.heard == [
        ("failed", "llama.cpp cannot load the model: gguf: version 9 is too new")
    ]


def test_the_end_is_told_with_what_a_crash_said(processes, child, listener):
    processes.last.announce(ready="u")
    processes.last.say(2, "0.00.006.363 E srv send_error: too long\n")
    processes.last.say(2, "/src/ggml.c:1: GGML_ASSERT(x) failed")
    processes.last.end(signal=6)
    assert listener.heard == [
        ("ready", "u"),
        ("ended", "it was ended by SIGABRT: /src/ggml.c:1: GGML_ASSERT(x) failed"),
    ]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ({}, "it exited with status 0"),
        ({"status": 3}, "it exited with status 3"),
        ({"signal": int(SIGKILL)}, "it was ended by SIGKILL"),
        ({"signal": 64}, "it was ended by SIGRTMAX"),
        ({"signal": 40}, "it was ended by signal 40"),
    ],
)
def test_ends_have_words(processes, child, listener, end, reason):
    processes.last.end(**end)
    assert listener.heard == [("ended", reason)]


def test_log_lines_are_copied_with_a_prefix_and_their_level(processes, child, logged):
    processes.last.say(1, "plain\n")
    processes.last.say(2, "0.00.000.001 I srv  init: hello\n0.00.000.002 W srv  in")
    processes.last.say(2, "it: {careful}\n0.00.000.003 E oh\n0.00.000.003 D deep\n")
    assert logged == [
        (LogLevel.info, "[llama] plain"),
        (LogLevel.debug, "[llama] srv init: hello"),
        (LogLevel.warn, "[llama] srv init: {careful}"),
        (LogLevel.error, "[llama] oh"),
        (LogLevel.debug, "[llama] deep"),
    ]


def test_nothing_of_a_request_is_copied(processes, child, logged):
    processes.last.announce(ready="u")
    processes.last.say(2, "root ::= secret\n0.00.000.001 D prompt: secret\n")
    processes.last.say(2, "0.00.000.002 W srv: got exception: secret\n")
    assert logged == [(LogLevel.warn, "[llama] srv: got exception")]


def test_signals_reach_the_process_while_it_lives(processes, child):
    child.terminate()
    child.kill()
    processes.last.gone = True
    child.kill()
    assert processes.last.signals == ["TERM", "KILL"]
