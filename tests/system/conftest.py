"""localaik as users run it: a process of its own, with real llama.cpp and the bundled model."""

import base64
import contextlib
import http.client
import json
import os
import re
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

FOLDER = Path(__file__).parent
PATIENCE = 30.0


def _environment(**more):
    """Give the environment without what would change localaik's settings."""
    unwanted = re.compile(r"LK_|PORT$|.*_PROXY$", re.IGNORECASE)
    kept = {name: value for name, value in os.environ.items() if not unwanted.match(name)}
    return {**kept, **more}


def _until(condition, what, patience=PATIENCE):
    """Wait until something is true, and give it."""
    deadline = time.monotonic() + patience
    while not (got := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {patience:g} s"
        time.sleep(0.005)
    return got


def _processes():
    """Give the parent and the state of each process."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
            found[int(stat.parent.name)] = (int(parent), state)
    return found


class Answer:
    """An HTTP answer; header names are in lower case."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Peer:
    """Something that serves HTTP."""

    def __init__(self, url):
        self.url = url
        self.address = urlsplit(url)

    def open(self, method, path, body=None, headers=(), timeout=60):
        """Send a request, and give the connection and the head of the answer."""
        connection = http.client.HTTPConnection(
            self.address.hostname, self.address.port, timeout=timeout
        )
        content = json.dumps(body) if isinstance(body, dict | list) else body
        connection.request(method, path, content, dict(headers))
        return connection, connection.getresponse()

    def get(self, path, **headers):
        return self._whole("GET", path, None, headers)

    def post(self, path, body, **headers):
        return self._whole("POST", path, body, headers)

    def _whole(self, method, path, body, headers):
        lines = {name.replace("_", "-"): value for name, value in headers.items()}
        connection, response = self.open(method, path, body, lines)
        with contextlib.closing(connection):
            return Answer(response)


class Server(Peer):
    """A running localaik, or another program that writes its port into a file."""

    def __init__(self, process, url, log, started):
        super().__init__(url)
        self.process = process
        self.log = log
        self.started = started

    def log_text(self):
        return self.log.read_text(errors="replace")

    def children(self):
        """Give the pids of its living children."""
        return [
            pid
            for pid, (parent, state) in _processes().items()
            if parent == self.process.pid and state != "Z"
        ]

    def model_server(self):
        """Reach the llama.cpp below, by the log's last word on it."""
        return Peer(re.findall(r"model server ready at (http://\S+)", self.log_text())[-1])

    def memory(self, field):
        """Give a field of /proc/PID/status, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) * 1024

    def wait_until_ready(self):
        """Wait until the model answers; gives the seconds since the start."""
        _until(lambda: self.get("/readyz").status == 200, "/readyz is 200")
        return time.monotonic() - self.started

    def end(self, number):
        """Send a signal and wait for the end; gives the exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="session")
def until():
    return _until


@pytest.fixture(scope="session")
def processes():
    return _processes


@pytest.fixture(scope="session")
def environment():
    return _environment


@pytest.fixture(scope="session")
def launch(tmp_path_factory):
    """Start a program that writes its port into the file named by --port-file."""
    running = []

    def start(argv, **env):
        folder = tmp_path_factory.mktemp("server")
        port_file, log = folder / "port", folder / "log"
        with log.open("wb") as output:
            started = time.monotonic()
            process = subprocess.Popen(
                [*argv, "--port-file", port_file],
                env=_environment(**env),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        running.append(process)

        def port():
            assert process.poll() is None, log.read_text()
            return port_file.exists() and port_file.read_text()

        number = int(_until(port, "the port is open"))
        return Server(process, f"http://127.0.0.1:{number}", log, started)

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="session")
def start_server(launch):
    """Start localaik with options and wait until its model answers."""

    def start(*options, **env):
        command = [sys.executable, "-m", "localaik", "--port", "0"]
        server = launch([*command, *options], **env)
        server.wait_until_ready()
        return server

    return start


@pytest.fixture(scope="session")
def server(start_server):
    """One localaik with the bundled model for all tests that leave it as it is."""
    server = start_server()
    yield server
    assert server.process.poll() is None
    assert "Traceback" not in server.log_text()


@pytest.fixture(scope="session")
def start_upstream(launch):
    """Start the model server of upstream.py."""
    return lambda: launch([sys.executable, FOLDER / "upstream.py"])


@pytest.fixture(scope="session")
def png():
    """Give a small picture of one colour as a data URI."""

    def block(kind, content):
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = block(b"IHDR", struct.pack(">IIBBBBB", 56, 56, 8, 2, 0, 0, 0))
    rows = block(b"IDAT", zlib.compress((b"\0" + b"\xff\0\0" * 56) * 56))
    content = b"\x89PNG\r\n\x1a\n" + head + rows + block(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(content).decode()


@pytest.fixture(scope="session")
def peer():
    return Peer
