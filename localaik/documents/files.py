"""Reads local files, only below the folders that are allowed."""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from localaik.documents.fetch import LARGEST
from localaik.errors import BadRequest, SettingsError

_HOW_TO_ALLOW = "--file-root DIR permits the files of a folder"


def file_reader(roots: Sequence[str]) -> Callable[[str], bytes]:
    """Make the function that reads the file of a ``file:`` URI or path; it blocks.

    Raises: SettingsError when a root is no folder; what it makes raises BadRequest.
    """
    folders = []
    for root in roots:
        if not os.path.isdir(root):
            raise SettingsError(f"--file-root: {root} is not a folder")
        folders.append(Path(os.path.realpath(root)))

    def read(uri: str) -> bytes:
        # Links are followed first: what counts is where the file really is.
        path = Path(os.path.realpath(_path(uri)))
        for folder in folders:
            if path.is_relative_to(folder):
                return _read_below(folder, path.relative_to(folder).parts)
        raise BadRequest(f"local files are not read from there; {_HOW_TO_ALLOW}")

    return read


def _path(uri: str) -> str:
    if uri.startswith("/"):
        path = uri
    else:
        try:
            split = urlsplit(uri)
        except ValueError:
            raise BadRequest("expected a file: URI") from None
        if split.netloc not in ("", "localhost"):
            raise BadRequest("expected a file: URI without a host")
        path = unquote(split.path)
    if "\0" in path or not path.startswith("/"):
        raise BadRequest("expected an absolute path")
    return path


def _read_below(folder: Path, parts: Sequence[str]) -> bytes:
    """Read a file step by step, so that no link that appears meanwhile leads away."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for number, part in enumerate(parts, start=1):
            kind = os.O_NONBLOCK if number == len(parts) else os.O_DIRECTORY
            inner = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | kind, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        return _content(descriptor)
    except OSError as error:
        raise BadRequest(f"the file cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)


def _content(descriptor: int) -> bytes:
    described = os.fstat(descriptor)
    if not stat.S_ISREG(described.st_mode):
        raise BadRequest("expected a regular file")
    if described.st_size > LARGEST:
        raise BadRequest(f"the file is larger than {LARGEST} bytes")
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(LARGEST)
