"""llama.cpp's log: bytes to lines, and which lines may go into ours."""

import re

import attrs

# Longer lines are cut: a grammar or a template in an error message has no bound.
_LONGEST = 2000
# llama.cpp's common/log.cpp: minutes, seconds, milliseconds, microseconds; level; text.
_HEAD = re.compile(r"\d+\.\d\d\.\d{3}\.\d{3} ([DIWE]) +(.*)", re.DOTALL)
# The texts of a crash: ggml's abort, C++'s terminate, CUDA, Python's faults.
_CRASH = re.compile(r"\S+\.(c|cc|cpp|cu|cuh|h|m):\d+: |terminate called|CUDA error|Fatal Python")
# What follows is the answer to the client, which may repeat parts of the request.
_ANSWER = "got exception:"


class Lines:
    """Cuts a byte stream at line ends; overlong lines lose their ends."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, received: bytes) -> list[str]:
        """Take bytes; give the lines that they complete, without blank ones."""
        *whole, rest = (self._rest + received).split(b"\n")
        if self._skipping and whole:
            whole[0] = b""
            self._skipping = False
        texts = [_text(line) for line in whole]
        if len(rest) > _LONGEST and not self._skipping:
            texts.append(_text(rest))
            self._skipping = True
        self._rest = b"" if self._skipping else rest
        return [text for text in texts if text]

    def finish(self) -> list[str]:
        """Give what is left after the last line end."""
        text, self._rest = _text(self._rest), b""
        return [text] if text else []


def _text(line: bytes) -> str:
    return line[:_LONGEST].decode("utf-8", "replace").rstrip()


@attrs.frozen
class LogLine:
    """A line of llama.cpp's log; `level` is D, I, W or E, and None where the line has none."""

    level: str | None
    text: str

    @property
    def is_crash(self) -> bool:
        """Whether this is what a dying llama.cpp says last."""
        return self.level is None and _CRASH.match(self.text) is not None


def read_line(text: str) -> LogLine:
    """Take a line apart."""
    head = _HEAD.fullmatch(text)
    if head is None:
        return LogLine(None, text)
    return LogLine(head[1], re.sub(r" {2,}", " ", head[2]).strip())


def publishable(line: LogLine, *, serving: bool) -> LogLine | None:
    """Give what may be logged of a line, None for nothing.

    Once the model is `serving`, llama.cpp's lines may hold what clients sent: debug lines
    prompts, lines without a level grammars, and exceptions pieces of the request.
    """
    if not serving or line.is_crash:
        return line
    if line.level is None or line.level == "D":
        return None
    before, mark, _ = line.text.partition(_ANSWER)
    return attrs.evolve(line, text=f"{before}got exception") if mark else line
