"""localaik inside the reactor of another program."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.internet.threads import deferToThread

from localaik.errors import UpstreamUnavailable
from localaik.service import make_service
from localaik.settings import LogSettings, ModelSettings, ServerSettings, Settings

EXAMPLES = sorted((Path(__file__).parent.parent.parent / "examples").glob("*.py"))
SETTINGS = Settings(
    server=ServerSettings(port=0),
    model=ModelSettings(ctx_size=1024),
    log=LogSettings(access=False),
)
CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 3}
GEMINI = {"contents": [{"parts": [{"text": "Hi"}]}], "generationConfig": {"maxOutputTokens": 3}}


@pytest.fixture
def children(processes):
    """Give the pids of this process's children since now, zombies included."""

    def all_of_them():
        return {pid for pid, (parent, _) in processes().items() if parent == os.getpid()}

    before = all_of_them()
    return lambda: all_of_them() - before


def belongings():
    """Give what this process has open: delayed calls, threads, files and sockets."""
    # The reactor's pool of threads is the test's own doing.
    threads = [one for one in threading.enumerate() if not one.name.startswith("PoolThread")]
    found = {*map(str, reactor.getDelayedCalls()), *map(str, threads)}
    for fd in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(f"{fd.name} {fd.readlink()}")
    watched = [*reactor.getReaders(), *reactor.getWriters()]
    return found | {repr(one) for one in watched}


@pytest_twisted.ensureDeferred
async def test_two_services_start_and_stop_ten_times_and_leave_nothing(children, peer, logged):
    services = [make_service(SETTINGS, reactor) for _ in range(2)]
    before = None
    for _ in range(10):
        for service in services:
            service.startService()
        urls = [(await service.when_listening())[0] for service in services]
        assert len(set(urls)) == 2
        await gatherResults([service.when_ready() for service in services])
        assert len(children()) == 2
        for url in urls:
            answer = await deferToThread(peer(url).post, "/v1/chat/completions", CHAT)
            assert answer.status == 200
            path = "/v1beta/models/tiny:streamGenerateContent?alt=sse"
            answer = await deferToThread(peer(url).post, path, GEMINI)
            assert answer.body.count(b"data: ") >= 1
        await gatherResults([service.stopService() for service in services])
        assert children() == set()
        # The reactor itself opens files at the first spawn.
        before = before or belongings()
        assert belongings() - before == set()


@pytest_twisted.ensureDeferred
async def test_a_service_is_stopped_before_it_is_ready(children, logged):
    service = make_service(SETTINGS, reactor)
    for _ in range(3):
        service.startService()
        ready = service.when_ready()
        await service.stopService()
        with pytest.raises(UpstreamUnavailable):
            await ready
        assert children() == set()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path, environment):
    done = subprocess.run(
        [sys.executable, path],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_there_are_examples():
    assert "embedded" in [path.stem for path in EXAMPLES]
