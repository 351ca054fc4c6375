"""The page worker: a child process that renders PDFs and converts pictures, job by job.

Started as ``python -m localaik.documents.worker FOLDER SECONDS``.  It reads frames from
standard input, each a job (``{"job": NAME, "arguments": {...}}``), and answers on standard
output with a frame of JSON (``{"value": ..., "contents": COUNT}``, ``{"failed": REASON}`` or
``{"missing": REASON}``) and COUNT frames of content.  SECONDS bound the processor time of a
job.  FOLDER is the parent's folder of temporary files, in which the worker makes one of its
own; the end of standard input means that the parent is gone, and then the folder goes too.

It leads a session of its own, so that the parent can kill it with all programs it runs.
"""

import contextlib
import json
import math
import os
import queue
import resource
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from typing import Any

from localaik.documents import work
from localaik.wire.frames import FrameDecoder, encode_frame

MEMORY = 1024**3  # bytes of address space, for the worker and for each program it runs
_LARGEST_FILE = 512 * 1024**2  # bytes; more than any page, in any form
_NICENESS = 5
_WORK: Mapping[str, Callable[..., work.Result]] = {
    "probe": work.probe,
    "render": work.render,
    "read_text": work.read_text,
    "convert": work.convert,
}


def main(argv: list[str]) -> None:
    """Work until standard input ends."""
    # Twisted's spawnProcess has left us in the parent's session.
    os.setsid()
    # Streams of other clients come first, even where the workers take all cores.
    os.nice(_NICENESS)
    folder, seconds = argv[1], float(argv[2])
    tempfile.tempdir = os.path.join(folder, own_folder(os.getpid()))
    os.mkdir(tempfile.tempdir)
    _limit()
    jobs_in, answers_out = _take_pipes()
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs_in, jobs, folder), daemon=True).start()
    while True:
        job = json.loads(jobs.get())
        _allow(seconds)
        _write(answers_out, answer(job["job"], job["arguments"]))


def own_folder(pid: int) -> str:
    """Name the folder of a worker, which the parent removes after it."""
    return f"worker-{pid}"


def answer(name: str, arguments: Mapping[str, Any]) -> list[bytes]:
    """Do a job; give the contents of the frames that answer it."""
    try:
        value, contents = _WORK[name](**arguments)
    except work.CannotDo as error:
        return [json.dumps({"failed": str(error)}).encode()]
    except work.NotInstalled as error:
        return [json.dumps({"missing": str(error)}).encode()]
    except MemoryError:
        limit = f"{MEMORY // 1024**2} MiB of memory"
        return [json.dumps({"failed": f"the document needs more than {limit}"}).encode()]
    head = {"value": value, "contents": len(contents)}
    return [json.dumps(head).encode(), *contents]


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS knows some of them in name only.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _allow(seconds: float) -> None:
    """Bound the processor time of the next job; the programs it runs inherit the bound."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _take_pipes() -> tuple[int, int]:
    """Move the pipes to where no program that is run here inherits them."""
    pipes = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return pipes


def _listen(pipe: int, jobs: "queue.SimpleQueue[bytes]", folder: str) -> None:
    decoder = FrameDecoder()
    while chunk := os.read(pipe, 65536):
        for frame in decoder.feed(chunk):
            jobs.put(frame)
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def _write(pipe: int, contents: list[bytes]) -> None:
    for content in contents:
        rest = memoryview(encode_frame(content))
        while rest:
            rest = rest[os.write(pipe, rest) :]


if __name__ == "__main__":
    main(sys.argv)
