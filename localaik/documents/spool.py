"""Files for page workers: a folder that is made when it is needed, and leaves nothing behind."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from localaik.deferreds import shielded

T = TypeVar("T")
InThread = Callable[..., Deferred[Any]]


class Spool:
    """A folder of temporary files; `in_thread` calls a function in a thread."""

    def __init__(self, in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder, which only this user can read."""
        if self._folder is None or not self._folder.exists():
            self._folder = Path(tempfile.mkdtemp(prefix="localaik-"))
        return self._folder

    def lend(self, content: bytes, use: Callable[[str], Deferred[T]]) -> Deferred[T]:
        """Write a file, use it, and remove it, also when its use is cancelled."""
        path = Path(tempfile.mkdtemp(dir=self.folder)) / "document"
        writing = self._in_thread(path.write_bytes, content)
        # A thread cannot be cancelled, and must not find its folder gone.
        written = shielded(writing)
        chain: Deferred[T] = written.addCallback(lambda _: use(str(path)))

        def remove(result: Any) -> Any:
            writing.addBoth(lambda _: self._in_thread(_remove, path.parent))
            return result

        return chain.addBoth(remove)

    def remove(self, name: str) -> None:
        """Remove a folder in here, in the background."""
        if self._folder is not None:
            self._in_thread(_remove, self._folder / name)

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        folder, self._folder = self._folder, None
        if folder is not None:
            _remove(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
