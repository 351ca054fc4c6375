"""The command line that starts the model child, from the settings."""

import json
import sys
from pathlib import Path
from typing import Any

import attrs

from localaik.llama.catalogue import ModelFiles
from localaik.settings import ModelSettings

_CHILD = "localaik.llama.child"
# llama.cpp's own -1 means "as many as fit"; more layers than any model has means all.
_ALL_LAYERS = 999


@attrs.frozen
class ChildPlan:
    """How to start the model child.

    `folder` is the working folder, in which `python -m` finds the same localaik that is
    running here, however that came onto its path.
    """

    work: str
    folder: str = str(Path(__file__).parents[2])

    def argv(self, parent: int) -> tuple[str, ...]:
        """Give the command line of a child that dies with the process of pid `parent`."""
        return (sys.executable, "-m", _CHILD, str(parent), self.work)


def plan_built_in(settings: ModelSettings, files: ModelFiles) -> ChildPlan:
    """Plan a child that runs the llama.cpp of the xllamacpp wheel."""
    params = {
        "model": files.model,
        "mmproj": files.mmproj,
        "alias": files.name,
        "ctx_size": files.ctx_size,
        "parallel": settings.parallel,
        "predict": _longest_answer(settings, files),
        "threads": files.threads,
        "threads_batch": settings.threads_batch or files.threads,
        "batch_size": settings.batch_size,
        "ubatch_size": settings.ubatch_size,
        "gpu_layers": _layers(settings.gpu_layers),
        "flash_attn": settings.flash_attn,
        "cont_batching": settings.cont_batching,
        "mlock": settings.mlock,
    }
    return _plan(params={name: value for name, value in params.items() if value is not None})


def plan_llama_server(settings: ModelSettings, files: ModelFiles, binary: str) -> ChildPlan:
    """Plan a child that runs a llama-server binary; it picks the port and adds it.

    The flags are those of llama.cpp's `tools/server/README.md`.
    """
    options: dict[str, Any] = {
        "-m": files.model,
        "--mmproj": files.mmproj,
        "--alias": files.name,
        "-c": files.ctx_size,
        "-np": settings.parallel,
        "-n": _longest_answer(settings, files),
        "-t": files.threads,
        "-tb": settings.threads_batch,
        "-b": settings.batch_size,
        "-ub": settings.ubatch_size,
        "-ngl": _layers(settings.gpu_layers),
        "-fa": settings.flash_attn,
    }
    switches = {
        "--kv-unified": True,
        "--jinja": True,
        "--no-cont-batching": not settings.cont_batching,
        "--mlock": settings.mlock,
    }
    argv = [binary, "--host", "127.0.0.1"]
    for flag, value in options.items():
        argv += [] if value is None else [flag, str(value)]
    argv += [flag for flag, wanted in switches.items() if wanted]
    return _plan(argv=argv)


def _plan(**work: Any) -> ChildPlan:
    return ChildPlan(json.dumps(work, ensure_ascii=True, separators=(",", ":")))


def _layers(layers: int | None) -> int | None:
    return _ALL_LAYERS if layers == -1 else layers


def _longest_answer(settings: ModelSettings, files: ModelFiles) -> int:
    # Applies to requests that name no limit.  The slots share one context: four answers
    # without an end fill it and then all four fail with "Context size has been exceeded".
    return max(1, files.ctx_size // settings.parallel)
