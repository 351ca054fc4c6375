"""Settings: resolved once, from options and environment, into frozen groups.

A flag beats its variable, which beats the default; a variable that is set but empty counts
as not set, since that is how compose files and CI services pass on what nobody chose.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from localaik.errors import SettingsError
from localaik.options import DEFAULT_PORT, OPTIONS, Option


@attrs.frozen
class ServerSettings:
    """Where clients reach localaik, and what it takes from them.

    `listen` holds Twisted endpoint descriptions; when it is empty, `port` on the loopback
    interface is meant.  `max_body` is in bytes, `drain` in seconds.
    """

    port: int = DEFAULT_PORT
    listen: tuple[str, ...] = ()
    port_file: str | None = None
    max_body: int = 64 * 1024**2
    drain: float = 10.0

    def endpoints(self) -> tuple[str, ...]:
        """Say what to listen on, as Twisted endpoint descriptions."""
        return self.listen or (f"tcp:{self.port}:interface=127.0.0.1",)


@attrs.frozen
class UpstreamSettings:
    """The OpenAI-compatible model server; with `url` None, localaik starts one itself.

    `auth_header` is a whole header line, ``Name: value``.  Times are in seconds.
    """

    url: str | None = None
    auth_header: str | None = attrs.field(default=None, repr=False)
    head_timeout: float = 600.0
    silence_timeout: float = 120.0


@attrs.frozen
class ModelSettings:
    """The model, and how llama.cpp runs it; None leaves a choice to llama.cpp or the catalogue.

    `model` is a catalogue name or the path of a GGUF file.  `ctx_size` is in tokens and
    shared by the `parallel` slots; batch sizes are in tokens.
    """

    model: str = "tiny"
    mmproj: str | None = None
    llama_server: str | None = None
    ctx_size: int | None = None
    threads: int | None = None
    threads_batch: int | None = None
    batch_size: int | None = None
    ubatch_size: int | None = None
    gpu_layers: int | None = None
    parallel: int = 4
    flash_attn: str | None = None
    cont_batching: bool = True
    mlock: bool = False


@attrs.frozen
class DocumentSettings:
    """How documents become texts and pictures, and where they may come from.

    `workers` None means one for each core.  `dpi` are dots per inch; `max_side` is in
    pixels and bounds the longer side of a page; `timeout` is in seconds and bounds one
    piece of work; `cache` is in bytes.  `file_roots` are the folders of local files.
    """

    workers: int | None = None
    format: str = "jpeg"
    dpi: int = 150
    max_side: int = 2048
    max_pages: int = 100
    mode: str = "auto"
    timeout: float = 60.0
    cache: int = 256 * 1024**2
    fetch: str = "public"
    file_roots: tuple[str, ...] = ()


@attrs.frozen
class LogSettings:
    """How the log is written, and whether it has a line for each request."""

    format: str = "text"
    access: bool = True


@attrs.frozen
class Source:
    """A setting that somebody chose: its flag, its value as text, and where it came from."""

    name: str
    value: str
    origin: str


@attrs.frozen
class Settings:
    """All of localaik's settings, by group, and where those came from that somebody chose."""

    server: ServerSettings = ServerSettings()
    upstream: UpstreamSettings = UpstreamSettings()
    model: ModelSettings = ModelSettings()
    documents: DocumentSettings = DocumentSettings()
    log: LogSettings = LogSettings()
    sources: tuple[Source, ...] = ()

    @classmethod
    def resolve(
        cls,
        options: Mapping[str, str | Sequence[str] | None],
        environ: Mapping[str, str],
    ) -> "Settings":
        """Read the settings; `options` maps flag names (`max-body`) to text, absent ones to None.

        Raises: SettingsError when a value cannot be read or two contradict each other.
        """
        groups: dict[str, dict[str, Any]] = {}
        sources = []
        for option in OPTIONS:
            found = _find(option, options, environ)
            if found is None or _outdone(option, found[1], options):
                continue
            text, origin = found
            value = _read(option, text, origin)
            groups.setdefault(option.group, {})[option.field] = value
            sources.append(Source(option.name, option.show(text), origin))
        settings = cls(
            server=ServerSettings(**groups.get("server", {})),
            upstream=UpstreamSettings(**groups.get("upstream", {})),
            model=ModelSettings(**groups.get("model", {})),
            documents=DocumentSettings(**groups.get("documents", {})),
            log=LogSettings(**groups.get("log", {})),
            sources=tuple(sources),
        )
        _check(settings)
        return settings


def _find(
    option: Option,
    options: Mapping[str, str | Sequence[str] | None],
    environ: Mapping[str, str],
) -> tuple[str | Sequence[str], str] | None:
    given = options.get(option.name)
    if option.repeatable and isinstance(given, str):
        given = (given,)
    if given is not None and (given or not option.repeatable):
        return given, f"--{option.name}"
    variable = environ.get(option.variable, "")
    if not variable.strip():
        return None
    return (variable.split() if option.repeatable else variable), option.variable


def _outdone(
    option: Option, origin: str, options: Mapping[str, str | Sequence[str] | None]
) -> bool:
    # --port is short for --listen, so the flag beats that one's variable too.
    return option.name == "listen" and not origin.startswith("--") and bool(options.get("port"))


def _read(option: Option, text: str | Sequence[str], origin: str) -> Any:
    try:
        if isinstance(text, str):
            return option.read(text)
        return tuple(option.read(one) for one in text)
    except ValueError as error:
        raise SettingsError(f"{origin}: {error}") from None


def _check(settings: Settings) -> None:
    upstream, model = settings.upstream, settings.model
    chosen = {source.name: source.origin for source in settings.sources}
    if upstream.url is None and upstream.auth_header is not None:
        raise SettingsError(f"{chosen['upstream-auth-header']}: needs --upstream as well")
    if upstream.url is not None:
        for name in ("model", "mmproj", "llama-server"):
            if name in chosen and chosen[name].startswith("--"):
                raise SettingsError(
                    f"{chosen[name]}: cannot be used with --upstream, which brings its own model"
                )
    elif model.mmproj is not None and "model" not in chosen:
        raise SettingsError(f"{chosen['mmproj']}: needs --model as well")
