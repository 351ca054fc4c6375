"""A llama-server binary under the model child: its port, its health, its end.

The child stays as its parent.  That costs a small process, and works the same on every
platform and with every build of llama-server.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException

from localaik.llama.leash import announce, die_with, refuse, watch_stdin

_HOST = "127.0.0.1"
_HEALTH_PAUSE = 0.05
# Seconds that llama-server gets between SIGTERM and SIGKILL; we get 5 from our parent.
_GRACE = 4.0


def supervise(argv: list[str]) -> None:
    """Start llama-server, say when it is healthy, and end with it."""
    port = _free_port()
    try:
        server = _start(argv, port)
    except OSError as error:
        refuse(f"{argv[0]} cannot be run ({error.strerror})")
    signal.signal(signal.SIGTERM, lambda *_: _stop(server))
    watch_stdin(lambda: _stop(server))
    while server.poll() is None:
        if _is_healthy(port):
            announce(ready=f"http://{_HOST}:{port}")
            break
        time.sleep(_HEALTH_PAUSE)
    status = server.wait()
    # As shells tell of a signal.
    sys.exit(status if status >= 0 else 128 - status)


def _start(argv: list[str], port: int) -> "subprocess.Popen[bytes]":
    parent = os.getpid()
    return subprocess.Popen(  # noqa: S603 - the operator names the binary
        [*argv, "--port", str(port)],
        stdin=subprocess.DEVNULL,
        # Safe here: no other thread runs yet.
        preexec_fn=lambda: die_with(parent),  # noqa: PLW1509
    )


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    killer = threading.Timer(_GRACE, server.kill)
    killer.daemon = True
    killer.start()


def _free_port() -> int:
    # Older builds of llama-server cannot tell which port they took.
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection(_HOST, port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
