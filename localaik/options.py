"""The one table of what can be set: flag, `LK_` variable, default, reading and help.

The command line, `--help`, the README's table and the start-up log are made from `OPTIONS`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from localaik import readings

DEFAULT_PORT = 8090


@attrs.frozen
class Option:
    """A row of the settings table.

    `group` and `field` name the attribute it fills; `read` turns its text into the value and
    raises ValueError with what was expected.  A repeatable option gives a tuple of values,
    and its variable holds them with blanks between.
    """

    name: str
    variable: str
    group: str
    field: str
    read: Callable[[str], Any]
    help: str
    metavar: str = "TEXT"
    default: str = ""
    secret: bool = False
    repeatable: bool = False

    def show(self, text: str | Sequence[str]) -> str:
        """Write the setting's value for people, without credentials."""
        if self.secret:
            return "(hidden)"
        shown = text if isinstance(text, str) else " ".join(text)
        return redact_url(shown) if "://" in shown else shown

    def describe(self) -> str:
        """Write the option's line of help."""
        default = f"; default: {self.default}" if self.default else ""
        return f"{self.help} [{self.variable}{default}]"


OPTIONS: tuple[Option, ...] = (
    Option(
        "port",
        "PORT",
        "server",
        "port",
        readings.port_number,
        "TCP port on the loopback interface; 0 picks a free one",
        "PORT",
        str(DEFAULT_PORT),
    ),
    Option(
        "listen",
        "LK_LISTEN",
        "server",
        "listen",
        readings.any_text,
        "Twisted endpoint to listen on instead of --port, e.g. tcp:8090:interface=0.0.0.0;"
        " may be given more than once",
        "ENDPOINT",
        repeatable=True,
    ),
    Option(
        "port-file",
        "LK_PORT_FILE",
        "server",
        "port_file",
        readings.any_text,
        "file to write the bound port to once it is open",
        "FILE",
    ),
    Option(
        "max-body",
        "LK_MAX_BODY",
        "server",
        "max_body",
        readings.byte_size,
        "largest request body; more is a 413",
        "SIZE",
        "64M",
    ),
    Option(
        "drain",
        "LK_DRAIN",
        "server",
        "drain",
        readings.seconds,
        "how long running answers may go on after SIGTERM",
        "SECONDS",
        "10",
    ),
    Option(
        "upstream",
        "LK_UPSTREAM",
        "upstream",
        "url",
        readings.base_url,
        "base URL of a running OpenAI-compatible server; no model is started then",
        "URL",
    ),
    Option(
        "upstream-auth-header",
        "LK_UPSTREAM_AUTH_HEADER",
        "upstream",
        "auth_header",
        readings.header_line,
        "header line sent to the upstream, e.g. 'Authorization: Bearer KEY'",
        "LINE",
        secret=True,
    ),
    Option(
        "head-timeout",
        "LK_HEAD_TIMEOUT",
        "upstream",
        "head_timeout",
        readings.positive_seconds,
        "how long the upstream may take to begin its answer",
        "SECONDS",
        "600",
    ),
    Option(
        "silence-timeout",
        "LK_SILENCE_TIMEOUT",
        "upstream",
        "silence_timeout",
        readings.positive_seconds,
        "how long the upstream may pause inside an answer",
        "SECONDS",
        "120",
    ),
    Option(
        "model",
        "LK_MODEL",
        "model",
        "model",
        readings.any_text,
        "catalogue name or path of a GGUF file",
        "NAME|FILE",
        "tiny",
    ),
    Option(
        "mmproj",
        "LK_MMPROJ",
        "model",
        "mmproj",
        readings.any_text,
        "path of the vision projector that belongs to --model",
        "FILE",
    ),
    Option(
        "llama-server",
        "LK_LLAMA_SERVER",
        "model",
        "llama_server",
        readings.any_text,
        "llama-server binary to run instead of the built-in engine",
        "PATH",
    ),
    Option(
        "ctx-size",
        "LK_CTX_SIZE",
        "model",
        "ctx_size",
        readings.count,
        "context in tokens, shared by all slots",
        "TOKENS",
        "32768 for tiny, else 8192",
    ),
    Option(
        "threads",
        "LK_THREADS",
        "model",
        "threads",
        readings.count,
        "CPU threads for generation",
        "COUNT",
        "1 for tiny, else llama.cpp's choice",
    ),
    Option(
        "threads-batch",
        "LK_THREADS_BATCH",
        "model",
        "threads_batch",
        readings.count,
        "CPU threads for prompts",
        "COUNT",
        "as --threads",
    ),
    Option(
        "batch-size",
        "LK_BATCH_SIZE",
        "model",
        "batch_size",
        readings.count,
        "logical batch in tokens",
        "TOKENS",
        "llama.cpp's choice",
    ),
    Option(
        "ubatch-size",
        "LK_UBATCH_SIZE",
        "model",
        "ubatch_size",
        readings.count,
        "physical batch in tokens",
        "TOKENS",
        "llama.cpp's choice",
    ),
    Option(
        "gpu-layers",
        "LK_GPU_LAYERS",
        "model",
        "gpu_layers",
        readings.layer_count,
        "layers to put on the GPU; -1 for all",
        "COUNT",
        "llama.cpp's choice",
    ),
    Option(
        "parallel",
        "LK_PARALLEL",
        "model",
        "parallel",
        readings.count,
        "slots: answers generated at the same time",
        "COUNT",
        "4",
    ),
    Option(
        "flash-attn",
        "LK_FLASH_ATTN",
        "model",
        "flash_attn",
        readings.flash_attn,
        "flash attention: on, off or auto",
        "CHOICE",
        "llama.cpp's choice",
    ),
    Option(
        "cont-batching",
        "LK_CONT_BATCHING",
        "model",
        "cont_batching",
        readings.switch,
        "batch answers that run at the same time: on or off",
        "SWITCH",
        "on",
    ),
    Option(
        "mlock",
        "LK_MLOCK",
        "model",
        "mlock",
        readings.switch,
        "keep the model in memory: on or off",
        "SWITCH",
        "off",
    ),
    Option(
        "log-format",
        "LK_LOG_FORMAT",
        "log",
        "format",
        readings.one_of("text", "json"),
        "text or json",
        "FORMAT",
        "text",
    ),
    Option(
        "access-log",
        "LK_LOG",
        "log",
        "access",
        readings.switch,
        "a line for each request: on or off",
        "SWITCH",
        "on",
    ),
)


def redact_url(url: str) -> str:
    """Take user, password, query and fragment out of a URL: that is where credentials hide."""
    head, separator, rest = url.partition("://")
    if not separator:
        return url
    for mark in "?#":
        rest = rest.partition(mark)[0]
    authority, slash, path = rest.partition("/")
    return f"{head}://{authority.rpartition('@')[2]}{slash}{path}"


def option_named(name: str) -> Option:
    """Find a row of the table."""
    return next(option for option in OPTIONS if option.name == name)
