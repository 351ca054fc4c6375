"""The models that localaik knows by name, and those that a path names."""

import shutil
from pathlib import Path

import attrs

from localaik.errors import SettingsError
from localaik.settings import ModelSettings

# llama.cpp's own default is what the model was trained for: often 128k tokens, and more
# memory than the machine has.
_CTX_SIZE_OF_FILES = 8192


@attrs.frozen
class ModelFiles:
    """A model that is there to be loaded.

    `name` is what clients are told, never a path; the paths are absolute.  `ctx_size` is in
    tokens; `threads` is None where that is llama.cpp's choice.
    """

    name: str
    model: str
    mmproj: str | None
    ctx_size: int
    threads: int | None = None


@attrs.frozen
class _Entry:
    """A model of the catalogue; file names are relative to `folder`, `ctx_size` in tokens."""

    folder: Path
    model: str
    mmproj: str | None
    ctx_size: int
    threads: int | None


_CATALOGUE = {
    "tiny": _Entry(
        folder=Path(__file__).parent / "tiny",
        model="tiny.gguf",
        mmproj="tiny-mmproj.gguf",
        ctx_size=32768,
        # llama.cpp's threads wait for each other by spinning, several times a layer.  A second
        # thread makes a model this small a third faster on an idle machine; on a busy one with
        # two cores it fell from 3,700 tokens a second to 5, and one thread to 2,600.
        threads=1,
    ),
}


def find_model(settings: ModelSettings) -> ModelFiles:
    """Find the files of the chosen model.

    Raises: SettingsError when the model is unknown or a file is no GGUF file.
    """
    mmproj = None if settings.mmproj is None else str(_gguf("--mmproj", settings.mmproj))
    entry = _CATALOGUE.get(settings.model)
    if entry is not None:
        return ModelFiles(
            name=settings.model,
            model=str(_gguf("--model", entry.folder / entry.model)),
            mmproj=mmproj or _beside(entry),
            ctx_size=settings.ctx_size or entry.ctx_size,
            threads=settings.threads or entry.threads,
        )
    path = Path(settings.model)
    if not path.exists():
        known = ", ".join(sorted(_CATALOGUE))
        raise SettingsError(
            f"--model: no model {settings.model!r}: expected {known} or the path of a GGUF file"
        )
    return ModelFiles(
        # llama.cpp takes a comma for the end of an alias.
        name=path.stem.replace(",", "-"),
        model=str(_gguf("--model", path)),
        mmproj=mmproj,
        ctx_size=settings.ctx_size or _CTX_SIZE_OF_FILES,
        threads=settings.threads,
    )


def find_llama_server(path: str) -> str:
    """Find a llama-server binary, by path or on the PATH.

    Raises: SettingsError when there is none that can be run.
    """
    found = shutil.which(path)
    if found is None:
        raise SettingsError(f"--llama-server: no executable file {path!r}")
    return str(Path(found).absolute())


def _beside(entry: _Entry) -> str | None:
    path = None if entry.mmproj is None else entry.folder / entry.mmproj
    return str(path) if path is not None and path.exists() else None


def _gguf(flag: str, path: str | Path) -> Path:
    try:
        with Path(path).open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise SettingsError(f"{flag}: cannot read {str(path)!r}: {error.strerror}") from None
    if magic != b"GGUF":
        raise SettingsError(f"{flag}: {str(path)!r} is no GGUF file")
    return Path(path).absolute()
