"""Measures what localaik adds to a request to the bundled model.

Starts localaik with its model server, then sends the same short chats by turns straight to
the model server and through localaik, and prints medians with their ratios.  Run it with
``make bench``; numbers depend on the machine, ratios of one run less so.
"""

import http.client
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROUNDS = 7
REQUESTS = 100
OPENAI = ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]})
GEMINI = ("/v1beta/models/m:generateContent", {"contents": [{"parts": [{"text": "Hi"}]}]})
STREAM = "/v1beta/models/m:streamGenerateContent?alt=sse"


@contextmanager
def running() -> Iterator[tuple[str, str]]:
    """Run localaik; give its URL and its model server's."""
    with tempfile.TemporaryDirectory() as folder:
        log, port_file = Path(folder, "log"), Path(folder, "port")
        command = [sys.executable, "-m", "localaik", "--port", "0", "--port-file", str(port_file)]
        with log.open("wb") as output:
            server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            while not (found := re.search(r"model server ready at (\S+)", log.read_text())):
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port_file.read_text().strip()}", found[1]
        finally:
            server.terminate()
            server.wait()


def rate(base: str, path: str, body: dict[str, object]) -> float:
    """Send requests one after the other on one connection; give requests a second."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc)
    content = json.dumps(body)
    began = time.perf_counter()
    for _ in range(REQUESTS):
        connection.request("POST", path, content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status} {answer[:200]!r}")
    connection.close()
    return REQUESTS / (time.perf_counter() - began)


def main() -> None:
    """Measure by turns and print the table."""
    openai = {**OPENAI[1], "max_tokens": 1}
    gemini = {**GEMINI[1], "generationConfig": {"maxOutputTokens": 1}}
    with running() as (ours, direct):
        contenders: dict[str, Callable[[], float]] = {
            "model server alone": lambda: rate(direct, OPENAI[0], openai),
            "localaik, OpenAI": lambda: rate(ours, OPENAI[0], openai),
            "localaik, Gemini": lambda: rate(ours, GEMINI[0], gemini),
            "localaik, Gemini stream": lambda: rate(ours, STREAM, gemini),
        }
        rates: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, measure in contenders.items():
                rates[name].append(measure())
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()};")
    print(f"1 connection, 1 token an answer, median of {ROUNDS} rounds of {REQUESTS} requests\n")
    baseline = statistics.median(rates["model server alone"])
    for name, samples in rates.items():
        median = statistics.median(samples)
        added = (1 / median - 1 / baseline) * 1000
        print(f"{name:26} {median:8.0f} requests/s {median / baseline:6.2f} x {added:+7.2f} ms")


if __name__ == "__main__":
    main()
