"""Length-prefixed frames, for the pipes between localaik and its page workers.

A frame is its length in four bytes, the highest first, and then its content.
"""

from collections.abc import Sequence

_HEAD = 4  # bytes
MAX_FRAME = 256 * 1024**2  # bytes; a page in the largest form that may be asked for is far less


class FrameTooLong(Exception):
    """The other side announced a frame that is longer than `MAX_FRAME`."""


def encode_frame(content: bytes) -> bytes:
    """Write a frame."""
    if len(content) > MAX_FRAME:
        raise FrameTooLong
    return len(content).to_bytes(_HEAD, "big") + content


class FrameDecoder:
    """A stage from bytes to the contents of frames; a cut frame at the end is dropped.

    Raises: FrameTooLong.
    """

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0
        self._wanted = _HEAD
        self._in_head = True

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """Take bytes; return the frames that they complete."""
        self._held.append(chunk)
        self._size += len(chunk)
        frames = []
        while self._size >= self._wanted:
            piece = self._take()
            if self._in_head:
                self._wanted = int.from_bytes(piece, "big")
                if self._wanted > MAX_FRAME:
                    raise FrameTooLong
            else:
                frames.append(piece)
                self._wanted = _HEAD
            self._in_head = not self._in_head
        return frames

    def finish(self) -> Sequence[bytes]:
        """End the stream."""
        return ()

    def _take(self) -> bytes:
        # Joined only when all is there, since a page comes in hundreds of chunks.
        whole = b"".join(self._held)
        piece, rest = whole[: self._wanted], whole[self._wanted :]
        self._held, self._size = [rest], len(rest)
        return piece
