"""Ask the model through a real llama.cpp server, in this process."""

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import xllamacpp
from PIL import Image

LONGEST = 400


@dataclass(frozen=True)
class Answer:
    """What came back: the text, the calls as (name, arguments' JSON), and why it ended."""

    text: str
    calls: tuple[tuple[str, str], ...]
    finish: str


class Server:
    """llama.cpp with the tiny model; it ends with the process."""

    def __init__(self, folder: Path, *, slots: int = 4, threads: int = 2) -> None:
        options = xllamacpp.CommonParams()
        options.model.path = str(folder / "tiny.gguf")
        if (folder / "tiny-mmproj.gguf").exists():
            options.mmproj.path = str(folder / "tiny-mmproj.gguf")
        options.n_ctx = 4096 * slots
        options.n_parallel = slots
        options.port = 0
        options.use_jinja = True
        options.warmup = False
        options.verbosity = -1
        options.cpuparams.n_threads = threads
        self._server = xllamacpp.Server(options)
        self.address = self._server.listening_address
        self._slots = slots

    def ask(self, messages: list[dict[str, Any]], **options: Any) -> Answer:
        """One answer at temperature 0."""
        body = {"messages": messages, "temperature": 0, "max_tokens": LONGEST, **options}
        reply = requests.post(f"{self.address}/v1/chat/completions", json=body, timeout=120).json()
        if "choices" not in reply:
            return Answer(str(reply), (), "error")
        choice = reply["choices"][0]
        calls = tuple(
            (call["function"]["name"], call["function"]["arguments"])
            for call in choice["message"].get("tool_calls") or ()
        )
        return Answer(choice["message"].get("content") or "", calls, choice["finish_reason"])

    def ask_all(self, bodies: list[dict[str, Any]]) -> list[Answer]:
        """Many answers, as many at once as there are slots."""
        with ThreadPoolExecutor(self._slots) as pool:
            return list(pool.map(lambda body: self.ask(**body), bodies))


def picture_part(picture: Image.Image) -> dict[str, Any]:
    """Return a picture as a part of a message."""
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    url = "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url}}
