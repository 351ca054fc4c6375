"""The model child for real: processes, signals, and the bundled model."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
from pathlib import Path

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import globalLogPublisher

from localaik.errors import UpstreamUnavailable
from localaik.llama.catalogue import find_model
from localaik.llama.command import plan_built_in, plan_llama_server
from localaik.llama.process import spawn_child
from localaik.llama.service import ModelService
from localaik.llama.status import State
from localaik.settings import ModelSettings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")

TINY = ModelSettings(ctx_size=1024)


def model_children():
    """Give the pids of the model children of this process, zombies included."""
    return [
        pid
        for pid, process in processes().items()
        if process.parent == os.getpid() and process.name == "model child"
    ]


def alive(pids):
    """Give those of the pids that are processes, and no zombies."""
    now = processes()
    return [pid for pid in pids if pid in now and now[pid].state != "Z"]


def descendants_of(pid):
    children = alive(child for child, process in processes().items() if process.parent == pid)
    return children + [deeper for child in children for deeper in descendants_of(child)]


@attrs.frozen
class Process:
    parent: int
    state: str
    name: str


def processes():
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            # A zombie has no command line; those of this process were model children.
            is_child = b"localaik.llama.child" in words or state == "Z"
            name = "model child" if is_child else "other"
            found[int(entry.name)] = Process(int(parent), state, name)
    return found


async def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await deferLater(reactor, 0.01)


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def ask(url, path, body=None):
    request = urllib.request.Request(
        url + path,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    # No proxy, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        return json.load(response)


@pytest.fixture
def make_service():
    services = []

    def make(settings=TINY):
        services.append(ModelService(settings, reactor))
        return services[-1]

    yield make
    pytest_twisted.blockon(
        gatherResults([service.stopService() for service in services if service.running])
    )


@pytest.fixture
def logged():
    lines = []

    def observe(event):
        if event.get("log_namespace") == "localaik.llama":
            lines.append(event["log_format"].format(**event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


@pytest_twisted.ensureDeferred
async def test_the_bundled_model_answers_under_its_name(make_service):
    service = make_service(ModelSettings())
    service.startService()
    url = await service.when_ready()
    models = await deferToThread(ask, url, "/v1/models")
    assert [model["id"] for model in models["data"]] == ["tiny"]
    slots = await deferToThread(ask, url, "/slots")
    assert [slot["n_ctx"] for slot in slots] == [32768] * 4
    chat = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 3}
    answer = await deferToThread(ask, url, "/v1/chat/completions", chat)
    assert answer["choices"][0]["message"]["role"] == "assistant"


@pytest_twisted.ensureDeferred
async def test_all_tuning_settings_are_taken(make_service):
    service = make_service(
        ModelSettings(
            ctx_size=512,
            threads=1,
            threads_batch=2,
            batch_size=64,
            ubatch_size=32,
            gpu_layers=0,
            parallel=2,
            flash_attn="off",
            cont_batching=False,
        )
    )
    service.startService()
    slots = await deferToThread(ask, await service.when_ready(), "/slots")
    assert [slot["n_ctx"] for slot in slots] == [512, 512]


@pytest_twisted.ensureDeferred
async def test_an_answer_without_a_limit_ends_at_its_share_of_the_context(make_service):
    service = make_service(ModelSettings(ctx_size=256, parallel=4))
    service.startService()
    chat = {"messages": [{"role": "user", "content": "Hi"}], "ignore_eos": True}
    url = await service.when_ready()
    answer = await deferToThread(ask, url, "/v1/chat/completions", chat)
    assert answer["usage"]["completion_tokens"] == 64
    chat["max_tokens"] = 100
    answer = await deferToThread(ask, url, "/v1/chat/completions", chat)
    assert answer["usage"]["completion_tokens"] == 100


@pytest_twisted.ensureDeferred
async def test_a_killed_child_is_replaced(make_service):
    service = make_service()
    service.startService()
    await service.when_ready()
    (first,) = model_children()
    os.kill(first, signal.SIGKILL)
    await until(lambda: service.status.url is None)
    assert service.status.reason == "it was ended by SIGKILL"
    url = await service.when_ready()
    assert model_children() != [first]
    assert await deferToThread(ask, url, "/health") == {"status": "ok"}


@pytest_twisted.ensureDeferred
async def test_a_broken_model_fails_with_the_reason(make_service, tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\xff" * 1000)
    service = make_service(ModelSettings(model=str(broken)))
    service.startService()
    with pytest.raises(UpstreamUnavailable, match=r"cannot load the model: .*version") as failure:
        await service.when_ready()
    assert failure.value.message == f"the model server failed, {service.status.reason}"
    assert service.status.state is State.FAILED
    assert service.status.attempt == 1
    assert model_children() == []


@pytest_twisted.ensureDeferred
async def test_a_number_beyond_llama_cpp_fails_at_once(make_service):
    service = make_service(ModelSettings(ctx_size=10**12))
    service.startService()
    with pytest.raises(UpstreamUnavailable, match="a number among the settings is out of range"):
        await service.when_ready()
    assert service.status.attempt == 1


@pytest_twisted.ensureDeferred
async def test_nothing_of_a_request_reaches_the_log(make_service, logged):
    service = make_service()
    service.startService()
    url = await service.when_ready()
    chat = {"messages": [{"role": "user", "content": "SECRET"}], "max_tokens": 3}
    schema = {"type": "json_schema", "json_schema": {"schema": {"type": "SECRET"}}}
    await deferToThread(ask, url, "/v1/chat/completions", chat)
    for extra in ({"grammar": "root ::= SECRET"}, {"response_format": schema}):
        with pytest.raises(urllib.error.HTTPError):
            await deferToThread(ask, url, "/v1/chat/completions", chat | extra)
    # llama.cpp writes its log from a thread of its own.
    await until(lambda: any("got exception" in line for line in logged))
    await service.stopService()
    assert "SECRET" not in "\n".join(logged)


@pytest_twisted.ensureDeferred
async def test_two_services_leave_nothing_behind(make_service):
    services = [make_service(), make_service()]
    before = None
    for _ in range(10):
        for service in services:
            service.startService()
        urls = [await service.when_ready() for service in services]
        assert urls[0] != urls[1]
        await gatherResults([service.stopService() for service in services])
        assert model_children() == []
        # The reactor itself opens files at the first spawn.
        before = before or belongings()
        assert belongings() <= before


def belongings():
    """Give what this process has open: delayed calls, threads, files."""
    fds = [fd for fd in Path("/proc/self/fd").iterdir() if fd.exists() or fd.is_symlink()]
    return {
        *map(str, reactor.getDelayedCalls()),
        *map(str, threading.enumerate()),
        *(f"{fd.name} {fd.readlink()}" for fd in fds),
    }


@pytest_twisted.ensureDeferred
async def test_a_child_is_out_of_reach_of_ctrl_c(make_service):
    service = make_service()
    service.startService()
    await service.when_ready()
    (pid,) = model_children()
    assert os.getpgid(pid) == pid


@pytest_twisted.ensureDeferred
async def test_a_service_can_be_stopped_while_it_starts(make_service):
    service = make_service()
    for _ in range(3):
        service.startService()
        await service.stopService()
        assert model_children() == []


@pytest_twisted.ensureDeferred
async def test_a_child_that_ignores_sigterm_is_killed(make_service, monkeypatch):
    monkeypatch.setattr("localaik.llama.machine.STOP_LIMIT", 0.2)
    service = make_service()
    service.startService()
    await service.when_ready()
    (pid,) = model_children()
    os.kill(pid, signal.SIGSTOP)
    await service.stopService()
    assert model_children() == []


# The rest looks at the child from outside.

PARENT = """
from twisted.internet import reactor
from localaik.llama.service import ModelService
from localaik.settings import ModelSettings
import sys

service = ModelService(ModelSettings(ctx_size=1024, llama_server=sys.argv[1] or None), reactor)
service.startService()
service.when_ready().addBoth(print).addCallback(lambda _: sys.stdout.flush())
reactor.run()
"""

FAKE_LLAMA_SERVER = f"""#!{sys.executable}
import signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

signal.signal(signal.SIGTERM, STUBBORN)
print("0.00.000.001 E fake: loading", file=sys.stderr, flush=True)
CRASH

class Handler(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self):
        Handler.asked += 1
        self.send_response(200 if Handler.asked > 2 else 503)
        self.end_headers()
        self.wfile.write(b'{{"status":"ok"}}')

    def log_message(self, *args):
        pass

at = sys.argv.index
address = (sys.argv[at("--host") + 1], int(sys.argv[at("--port") + 1]))
HTTPServer(address, Handler).serve_forever()
"""


@pytest.fixture
def make_llama_server(tmp_path):
    def make(*, crash="", stubborn=False):
        text = FAKE_LLAMA_SERVER.replace("CRASH", crash)
        text = text.replace("STUBBORN", "signal.SIG_IGN" if stubborn else "signal.SIG_DFL")
        path = tmp_path / "llama-server"
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def start_parent():
    started = []

    def start(llama_server=""):
        parent = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PARENT), llama_server],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(parent)
        assert parent.stdout.readline().startswith("http://127.0.0.1:")
        return parent

    yield start
    for parent in started:
        parent.kill()
        parent.wait()
        parent.stdout.close()


def test_a_killed_parent_leaves_no_child(start_parent):
    parent = start_parent()
    family = descendants_of(parent.pid)
    assert len(family) == 1
    parent.kill()
    wait_until(lambda: not alive(family))


def test_a_killed_parent_leaves_no_llama_server(start_parent, make_llama_server):
    parent = start_parent(make_llama_server(stubborn=True))
    family = descendants_of(parent.pid)
    assert len(family) == 2
    parent.kill()
    wait_until(lambda: not alive(family))


class Listener:
    """Hears of a child that nothing supervises."""

    def __init__(self):
        self.ready, self.ended = Deferred(), Deferred()

    def child_ready(self, url):
        self.ready.callback(url)

    def child_ended(self, reason):
        self.ended.callback(reason)


@pytest.mark.parametrize("built_in", [True, False])
@pytest_twisted.ensureDeferred
async def test_a_child_ends_when_its_stdin_closes(make_llama_server, built_in):
    files = find_model(TINY)
    if built_in:
        plan = plan_built_in(TINY, files)
    else:
        plan = plan_llama_server(TINY, files, make_llama_server())
    listener = Listener()
    child = spawn_child(reactor, plan, listener)
    await listener.ready
    family = [child.transport.pid, *descendants_of(child.transport.pid)]
    child.transport.closeChildFD(0)
    await listener.ended
    assert alive(family) == []


def test_a_child_of_a_parent_that_is_gone_ends_at_once():
    child = subprocess.run(
        [sys.executable, "-m", "localaik.llama.child", str(os.getppid()), '{"params":{}}'],
        check=False,
        timeout=10,
    )
    assert child.returncode == 1


@pytest_twisted.ensureDeferred
async def test_a_llama_server_runs_instead(make_service, make_llama_server):
    service = make_service(ModelSettings(llama_server=make_llama_server()))
    service.startService()
    assert await deferToThread(ask, await service.when_ready(), "/health") == {"status": "ok"}
    (child,) = model_children()
    (llama_server,) = descendants_of(child)
    os.kill(llama_server, signal.SIGKILL)
    await until(lambda: service.status.url is None)
    assert service.status.reason == "it exited with status 137"
    assert await deferToThread(ask, await service.when_ready(), "/health") == {"status": "ok"}
    await service.stopService()
    assert model_children() == alive([llama_server, child]) == []


@pytest_twisted.ensureDeferred
async def test_a_stubborn_llama_server_is_killed_with_the_child(
    make_service, make_llama_server, monkeypatch
):
    monkeypatch.setattr("localaik.llama.machine.STOP_LIMIT", 0.2)
    service = make_service(ModelSettings(llama_server=make_llama_server(stubborn=True)))
    service.startService()
    await service.when_ready()
    (child,) = model_children()
    family = [child, *descendants_of(child)]
    assert len(family) == 2
    await service.stopService()
    await until(lambda: not alive(family))


@pytest_twisted.ensureDeferred
async def test_a_llama_server_that_dies_three_times_fails(make_service, make_llama_server):
    service = make_service(ModelSettings(llama_server=make_llama_server(crash="sys.exit(7)")))
    service.startService()
    with pytest.raises(UpstreamUnavailable, match="status 7: fake: loading"):
        await service.when_ready()
    assert service.status.attempt == 3


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_no_program_fails_at_once(make_service, tmp_path):
    path = tmp_path / "llama-server"
    path.write_bytes(b"\x7fELF nonsense")
    path.chmod(0o755)
    service = make_service(ModelSettings(llama_server=str(path)))
    service.startService()
    with pytest.raises(UpstreamUnavailable, match=r"cannot be run \(Exec format error\)"):
        await service.when_ready()
    assert service.status.attempt == 1
