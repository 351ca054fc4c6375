"""What ties the model child to its parent: it tells how it starts, and never outlives it.

The parent reads file descriptor 3 and holds the other end of standard input.
"""

import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

_ANNOUNCEMENT = 3
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent dies, where the kernel can (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It was gone before the call above.
        os._exit(1)


def watch_stdin(stop: Callable[[], None]) -> threading.Thread:
    """Call `stop` in a thread of its own when standard input ends."""

    def watch() -> None:
        while os.read(0, 512):
            pass
        stop()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def announce(**words: str) -> None:
    """Tell the parent how the start went; once."""
    os.write(_ANNOUNCEMENT, json.dumps(words).encode() + b"\n")
    os.close(_ANNOUNCEMENT)


def refuse(reason: str) -> NoReturn:
    """Tell the parent that another start would end the same way, and end."""
    announce(failed=reason)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
