"""Measures what a PDF costs: the first time, and again.

Sends A4 documents of text, vectors and photographs through localaik's Gemini API, before a
model server that answers at once, and compares with one ``pdftoppm -png -r 150`` of the same
file.  ``rendering`` is what localaik adds to the request that it sends to the model server,
``again`` what it adds when the document was sent before.  A second table shows how the quality
of JPEG was chosen.  Run it with ``make bench``; numbers depend on the machine, ratios of one
run less so.
"""

import base64
import io
import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection as Connection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image, ImageChops, ImageStat

PAGES = (1, 10, 50)
ROUNDS = 5
AGAIN = 20
WORKERS = 2
PATH = "/v1beta/models/m:generateContent"
WORDS = [
    "the",
    "model",
    "reads",
    "small",
    "print",
    "and",
    "draws",
    "0123456789",
    "pages",
    "of",
    "lorem",
    "ipsum,",
    "quickly",
]


class ModelServer(BaseHTTPRequestHandler):
    """Answers at once, and keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: the second would wait for an acknowledgement.
    wbufsize = 65536
    asked = b""

    def do_GET(self) -> None:
        """Say that the model can see."""
        self._answer({"modalities": {"vision": True}})

    def do_POST(self) -> None:
        """Answer a chat."""
        ModelServer.asked = self.rfile.read(int(self.headers["content-length"]))
        message = {"role": "assistant", "content": "ok"}
        self._answer({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[tuple[str, str]]:
    """Run localaik before the model server; give the URLs of both."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), ModelServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder, "port")
        options = {
            "port": "0",
            "port-file": str(port_file),
            "upstream": f"http://127.0.0.1:{server.server_port}",
            "pdf-workers": str(WORKERS),
        }
        flags = [word for name, value in options.items() for word in (f"--{name}", value)]
        command = [sys.executable, "-m", "localaik", *flags]
        localaik = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not port_file.exists():
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port_file.read_text().strip()}", options["upstream"]
        finally:
            localaik.terminate()
            localaik.wait()
            server.shutdown()


def document(pages: int, dice: random.Random, points: int = 9) -> bytes:
    """Write a PDF of A4 pages, each with 30 lines of text, 150 curves and 2 photographs."""
    photos = [_photo(dice) for _ in range(3)]
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *photos,
    ]
    kids = []
    resources = b"/Font << /F 3 0 R >> /XObject << /P0 4 0 R /P1 5 0 R /P2 6 0 R >>"
    for page in range(pages):
        content = _content(page, dice, points)
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
        head = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
        tail = b" /Resources << %b >> >>" % resources
        objects.append(head % len(objects) + tail)
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (pages, b" ".join(kids))
    return _file(objects)


def _photo(dice: random.Random) -> bytes:
    size = (900, 600)
    grain = Image.frombytes("L", (90, 60), dice.randbytes(5400)).resize(size, Image.BICUBIC)
    ramp = Image.linear_gradient("L").resize(size)
    written = io.BytesIO()
    Image.merge("RGB", (grain, ramp, Image.radial_gradient("L").resize(size))).save(
        written, "JPEG", quality=85
    )
    data = written.getvalue()
    head = b"<< /Type /XObject /Subtype /Image /Width 900 /Height 600 /ColorSpace /DeviceRGB"
    tail = b" /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n" % len(data)
    return head + tail + data + b"\nendstream"


def _content(page: int, dice: random.Random, points: int) -> bytes:
    lines = [f"BT /F {points} Tf {points + 2} TL 50 800 Td"]
    lines += [f"({' '.join(dice.choices(WORDS, k=16))}) Tj T*" for _ in range(30)]
    lines.append("ET")
    for _ in range(150):
        places = " ".join(str(dice.randint(50, 540 if n % 2 == 0 else 250)) for n in range(8))
        first, rest = places.split(" ", 2)[:2], places.split(" ", 2)[2]
        colour = " ".join(f"{dice.random():.2f}" for _ in range(3))
        lines.append(f"{colour} RG 1 w {' '.join(first)} m {rest} c S")
    for left, photo in ((50, page % 3), (300, (page + 1) % 3)):
        lines.append(f"q 240 0 0 160 {left} 280 cm /P{photo} Do Q")
    return "\n".join(lines).encode()


def _file(objects: Sequence[bytes]) -> bytes:
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % start)


def request(pdf: bytes) -> bytes:
    """Write a request with a PDF."""
    data = base64.b64encode(pdf).decode()
    blob = {"inlineData": {"mimeType": "application/pdf", "data": data}}
    return json.dumps({"contents": [{"parts": [{"text": "What is it?"}, blob]}]}).encode()


def ask(connection: Connection, path: str, content: bytes) -> float:
    """Send a request; give its milliseconds."""
    began = time.perf_counter()
    connection.request("POST", path, content, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise SystemExit(f"{response.status} {answer[:200]!r}")
    return (time.perf_counter() - began) * 1000


def pdftoppm(pdf: bytes) -> float:
    """Render all pages the plain way; give the milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.pdf")
        file.write_bytes(pdf)
        began = time.perf_counter()
        subprocess.run(["pdftoppm", "-png", "-r", "150", file, f"{folder}/p"], check=True)
        return (time.perf_counter() - began) * 1000


def measure(ours: Connection, direct: Connection, pages: int, dice: random.Random) -> None:
    """Print a row of the table; each round has a document of its own."""
    first, again, plain, sizes = [], [], [], []
    for _ in range(ROUNDS if pages < 50 else 2):
        pdf = document(pages, dice)
        content = request(pdf)
        whole = ask(ours, PATH, content)
        repeated, without = [], []
        for _ in range(AGAIN):
            repeated.append(ask(ours, PATH, content))
            without.append(ask(direct, "/v1/chat/completions", ModelServer.asked))
        first.append(whole - statistics.median(without))
        again.append(statistics.median(repeated) - statistics.median(without))
        sizes.append(len(ModelServer.asked) / pages * 3 / 4)
        if len(plain) < 2:
            plain.append(pdftoppm(pdf))
    baseline, rendering = statistics.median(plain), statistics.median(first)
    repeated_cost = statistics.median(again)
    print(
        f"{pages:5} {baseline:12.0f} {rendering:12.0f} {rendering / baseline:8.3f}"
        f" {repeated_cost:10.2f} {repeated_cost / baseline:8.5f} {statistics.mean(sizes):12.0f}"
    )


def show_qualities(dice: random.Random) -> None:
    """Print what the quality of JPEG does to a page of 6-point print."""
    pdf = document(1, dice, points=6)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.pdf")
        file.write_bytes(pdf)
        draw = ["pdftocairo", "-r", "150", "-singlefile"]
        subprocess.run([*draw, "-png", file, f"{folder}/exact"], check=True)
        exact = Image.open(f"{folder}/exact.png").convert("L").crop((100, 80, 1140, 700))
        print("\nquality      bytes   error of print in dB")
        for quality in (60, 70, 75, 80, 85, 90, 95):
            option = ["-jpeg", "-jpegopt", f"quality={quality}"]
            subprocess.run([*draw, *option, file, f"{folder}/q"], check=True)
            drawn = Image.open(f"{folder}/q.jpg").convert("L").crop((100, 80, 1140, 700))
            error = ImageStat.Stat(ImageChops.difference(exact, drawn)).sum2[0]
            decibels = 10 * math.log10(255**2 * exact.width * exact.height / error)
            size = Path(folder, "q.jpg").stat().st_size
            print(f"{quality:7} {size:10} {decibels:13.1f}")


def main() -> None:
    """Measure and print the tables."""
    dice = random.Random(1)
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, {WORKERS} workers; milliseconds\n")
    print("pages pdftoppm png    rendering    ratio      again    ratio bytes a page")
    with running() as urls:
        ours, direct = (Connection(urlsplit(url).netloc) for url in urls)
        # The workers are started, as they are in all but the first request.
        ask(ours, PATH, request(document(WORKERS, dice)))
        for pages in map(int, sys.argv[1:]) if len(sys.argv) > 1 else PAGES:
            measure(ours, direct, pages, dice)
    show_qualities(dice)


if __name__ == "__main__":
    main()
