"""The model child: runs llama.cpp's HTTP server for the process that started it.

Started as ``python -m localaik.llama.child PARENT_PID WORK``; WORK is a JSON object with
either ``params`` for the built-in llama.cpp or the ``argv`` of a llama-server binary.  It
tells on file descriptor 3, in one line of JSON, where it serves (``{"ready": URL}``) or why
it cannot (``{"failed": REASON}``); standard output and error are llama.cpp's log.  The end
of standard input means: stop.

Imports little, since every start of a model waits for it.
"""

import json
import os
import sys
from typing import Any

from localaik.llama.leash import announce, die_with, refuse, watch_stdin

# MiB of prompts that are kept for when they come again; llama.cpp would keep 8 GiB.
_PROMPT_CACHE = 512
# Warnings and errors.  From 3 on each request costs six lines, from 5 on prompts are among
# them (llama.cpp's common/log.h).
_VERBOSITY = 2


def main(argv: list[str]) -> None:
    """Do the work that the command line names, until told to stop."""
    parent, work = int(argv[1]), json.loads(argv[2])
    # Out of the terminal's foreground group: Ctrl-C is for the parent, which drains first.
    os.setpgid(0, 0)
    die_with(parent)
    if "argv" in work:
        from localaik.llama.binary import supervise

        supervise(work["argv"])
    else:
        serve(work["params"])


def serve(params: dict[str, Any]) -> None:
    """Serve by the llama.cpp of the xllamacpp wheel, in this process."""
    # The constructor below holds the GIL: where the kernel does not kill us, the end of
    # standard input takes effect when the model is loaded.
    watch = watch_stdin(lambda: os._exit(0))
    try:
        import xllamacpp

        server = xllamacpp.Server(common_params(params))
    except ImportError as error:
        refuse(f"xllamacpp cannot be imported ({error})")
    except OverflowError as error:
        refuse(f"a number among the settings is out of range ({error})")
    except RuntimeError:
        # Its text says nothing; the parent finds the cause in the log.
        refuse("llama.cpp cannot load the model")
    announce(ready=server.listening_address)
    watch.join()


def common_params(params: dict[str, Any]) -> Any:
    """Write the parameters as llama.cpp's `common_params`; absent ones keep its defaults."""
    import xllamacpp

    common = xllamacpp.CommonParams()
    common.model.path = params["model"]
    common.mmproj.path = params.get("mmproj", "")
    common.model_alias = {params["alias"]}
    common.hostnames = ["127.0.0.1"]
    # llama.cpp picks a free one and tells it in `listening_address`.
    common.port = 0
    common.n_ctx = params["ctx_size"]
    common.n_parallel = params["parallel"]
    common.n_predict = params["predict"]
    # Any slot may use the whole context, instead of an equal share each.
    common.kv_unified = True
    common.cache_ram_mib = _PROMPT_CACHE
    common.use_jinja = True
    common.endpoint_slots = True
    common.ui = False
    common.offline = True
    # No web page has business here; localaik's own server answers those.
    common.cors_origins = ""
    common.verbosity = _VERBOSITY
    _tune(common, params)
    return common


def _tune(common: Any, params: dict[str, Any]) -> None:
    from xllamacpp import llama_flash_attn_type, llama_load_mode

    common.cpuparams.n_threads = params.get("threads", common.cpuparams.n_threads)
    batch = common.cpuparams_batch
    batch.n_threads = params.get("threads_batch", batch.n_threads)
    common.n_batch = params.get("batch_size", common.n_batch)
    common.n_ubatch = params.get("ubatch_size", common.n_ubatch)
    common.n_gpu_layers = params.get("gpu_layers", common.n_gpu_layers)
    common.cont_batching = params["cont_batching"]
    if "flash_attn" in params:
        common.flash_attn_type = {
            "on": llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED,
            "off": llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED,
            "auto": llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_AUTO,
        }[params["flash_attn"]]
    if params["mlock"]:
        common.load_mode = llama_load_mode.LLAMA_LOAD_MODE_MMAP_MLOCK


if __name__ == "__main__":
    main(sys.argv)
