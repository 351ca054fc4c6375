"""Documents for real: processes, poppler, files and sockets, before a recording model server."""

import base64
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import attrs
import pytest
import pytest_twisted
import samples
from PIL import Image
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import LoopingCall, deferLater
from twisted.internet.threads import deferToThread
from twisted.web import resource, server

from localaik.service import make_service
from localaik.settings import DocumentSettings, ServerSettings, Settings, UpstreamSettings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")

RAINBOW = [samples.RED, samples.BLUE, samples.GREEN]
ANSWER = {
    "model": "recorder",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


class Recorder(resource.Resource):
    """A model server that keeps what it is asked, and serves a few files beside."""

    isLeaf = True  # noqa: N815

    def __init__(self):
        super().__init__()
        self.asked = []
        self.sees = True
        self.files = {}
        self.redirects = {}
        self.fetched = []

    def render_GET(self, request):  # noqa: N802
        path = request.path.decode()
        if path == "/props":
            return json.dumps({"modalities": {"vision": self.sees}}).encode()
        if path == "/health":
            return b"{}"
        self.fetched.append(path)
        if path in self.redirects:
            request.setResponseCode(302)
            request.setHeader("location", self.redirects[path])
            return b""
        if path not in self.files:
            request.setResponseCode(404)
            return b""
        mime_type, content = self.files[path]
        if mime_type:
            request.setHeader("content-type", mime_type)
        return content

    def render_POST(self, request):  # noqa: N802
        self.asked.append(json.loads(request.content.read()))
        request.setHeader("content-type", "application/json")
        return json.dumps(ANSWER).encode()

    def parts(self):
        """Give the content of the last message of the last request."""
        content = self.asked[-1]["messages"][-1]["content"]
        return [{"type": "text", "text": content}] if isinstance(content, str) else content

    def colours(self):
        """Give the colours in the middle of its pictures, in order."""
        return [
            colour(part["image_url"]["url"]) for part in self.parts() if part["type"] != "text"
        ]

    def texts(self):
        return [part["text"] for part in self.parts() if part["type"] == "text"]


def colour(url):
    head, _, data = url.partition(",")
    assert head in ("data:image/jpeg;base64", "data:image/png;base64")
    image = Image.open(io.BytesIO(base64.b64decode(data, validate=True))).convert("RGB")
    pixel = image.getpixel((image.width // 2, image.height // 2))
    return tuple(round(value / 255) for value in pixel)


@attrs.define
class Running:
    url: str
    service: object
    recorder: Recorder
    recorder_url: str

    def gemini(self, *parts):
        body = {"contents": [{"parts": list(parts)}]}
        return deferToThread(post, f"{self.url}/v1beta/models/m:generateContent", body)

    def openai(self, *parts, **more):
        body = {"messages": [{"role": "user", "content": list(parts)}], **more}
        return deferToThread(post, f"{self.url}/v1/chat/completions", body)


def post(url, body, timeout=60):
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture
def scratch(tmp_path):
    """Give a folder of temporary files of its own, so that one sees what is left there."""
    folder, before = tmp_path / "scratch", tempfile.tempdir
    folder.mkdir()
    tempfile.tempdir = str(folder)
    yield folder
    tempfile.tempdir = before
    assert list(folder.iterdir()) == []


@pytest.fixture
def run(scratch):
    """Start localaik with these settings for documents, before a recorder of its own."""
    running, ports = [], []

    async def start(**settings):
        recorder = Recorder()
        port = reactor.listenTCP(0, server.Site(recorder), interface="127.0.0.1")
        ports.append(port)
        url = f"http://127.0.0.1:{port.getHost().port}"
        service = make_service(
            Settings(
                server=ServerSettings(port=0, drain=0),
                upstream=UpstreamSettings(url=url),
                documents=DocumentSettings(**{"workers": 2, **settings}),
            ),
            reactor,
        )
        service.startService()
        (own,) = await service.when_listening()
        running.append(service)
        return Running(own, service, recorder, url)

    yield start
    pytest_twisted.blockon(gatherResults([service.stopService() for service in running]))
    pytest_twisted.blockon(gatherResults([port.stopListening() for port in ports]))
    assert workers() == []


@pytest_twisted.async_fixture
async def localaik(run):
    return await run()


def inline(content, mime_type="application/pdf", encode=base64.b64encode):
    return {"inlineData": {"mimeType": mime_type, "data": encode(content).decode()}}


def picture(form, fill, mode="RGB"):
    drawn = io.BytesIO()
    Image.new(mode, (64, 48), fill).save(drawn, form)
    return drawn.getvalue()


def leftovers():
    """Give the files that are spooled or drawn right now."""
    folder = Path(tempfile.tempdir)
    return [path for path in folder.rglob("*") if path.is_file()]


def children(of=None):
    """Give pid and command line of all processes below one."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (entry / "cmdline").read_bytes().decode()
        except OSError:
            continue
        if state != "Z":
            found[int(entry.name)] = (int(parent), words)
    below, fresh = {}, {of or os.getpid()}
    while fresh:
        now = {pid: words for pid, (parent, words) in found.items() if parent in fresh}
        below |= now
        fresh = set(now)
    return below


def workers():
    return [pid for pid, words in children().items() if "localaik.documents.worker" in words]


def poppler():
    return [pid for pid, words in children().items() if words.startswith(("pdfto", "pdfinfo"))]


async def until(condition, seconds=10.0):
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + seconds, "it did not happen in time"
        await deferLater(reactor, 0.005)
    return time.monotonic() - begun


# What the model gets.


@pytest_twisted.ensureDeferred
async def test_the_pages_of_a_pdf_reach_the_model_in_order(localaik):
    pdf = samples.coloured(*RAINBOW)
    status, answer = await localaik.gemini({"text": "What is it?"}, inline(pdf))
    assert (status, answer["candidates"][0]["content"]["parts"]) == (200, [{"text": "ok"}])
    assert localaik.recorder.texts() == ["What is it?"]
    assert localaik.recorder.colours() == RAINBOW


@pytest_twisted.ensureDeferred
async def test_url_safe_base64_is_the_same_document(localaik):
    pdf = samples.coloured(*RAINBOW, samples.RED)
    status, _ = await localaik.gemini(inline(pdf, encode=base64.urlsafe_b64encode))
    assert (status, localaik.recorder.colours()) == (200, [*RAINBOW, samples.RED])


@pytest_twisted.ensureDeferred
async def test_openai_files_and_pictures_are_expanded_and_tools_travel_on(localaik):
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    pdf = base64.b64encode(samples.coloured(*RAINBOW)).decode()
    webp = base64.b64encode(picture("WEBP", (0, 255, 0))).decode()
    status, _ = await localaik.openai(
        {"type": "file", "file": {"file_data": pdf, "filename": "a.pdf"}},
        {"type": "image_url", "image_url": {"url": f"data:image/webp;base64,{webp}"}},
        tools=tools,
    )
    assert (status, localaik.recorder.colours()) == (200, [*RAINBOW, samples.GREEN])
    assert localaik.recorder.asked[-1]["tools"] == tools


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("form", "mode"),
    [("GIF", "RGB"), ("BMP", "RGB"), ("TIFF", "RGB"), ("AVIF", "RGB"), ("JPEG", "CMYK")],
)
async def test_pictures_reach_the_model_in_a_plain_form(localaik, form, mode):
    content = picture(form, (0, 255, 255, 0) if mode == "CMYK" else (255, 0, 0), mode)
    status, _ = await localaik.gemini(inline(content, f"image/{form.lower()}"))
    assert (status, localaik.recorder.colours()) == (200, [samples.RED])


@pytest_twisted.ensureDeferred
async def test_texts_reach_the_model_with_their_names(localaik):
    blob = inline("id;näme\n1;x\n".encode(), "text/csv")
    blob["inlineData"]["displayName"] = "a.csv"
    status, _ = await localaik.gemini({"text": "Sum it."}, blob)
    assert (status, localaik.recorder.texts()) == (200, ["Sum it.\n\na.csv:\nid;näme\n1;x\n"])


@pytest_twisted.ensureDeferred
async def test_a_model_that_cannot_see_gets_the_text(run):
    blind = await run()
    blind.recorder.sees = False
    status, _ = await blind.gemini(inline(samples.written("one", "two")))
    assert (status, blind.recorder.texts()[0].split()) == (200, ["one", "two"])
    status, answer = await blind.gemini(inline(samples.coloured(samples.RED)))
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "has no text" in answer["error"]["message"]


@pytest_twisted.ensureDeferred
async def test_both_are_the_text_of_each_page_and_its_picture(run):
    both = await run(mode="both", format="png", dpi=50)
    status, _ = await both.gemini(inline(samples.written("one", "two")))
    assert status == 200
    kinds = [part.get("text", "picture").strip() for part in both.recorder.parts()]
    assert kinds == ["one", "picture", "two", "picture"]
    assert both.recorder.parts()[1]["image_url"]["url"].startswith("data:image/png;base64,")


@pytest_twisted.ensureDeferred
async def test_a_poster_is_scaled_down(localaik):
    status, _ = await localaik.gemini(inline(samples.coloured(samples.RED, size=(9600, 4800))))
    url = localaik.recorder.parts()[0]["image_url"]["url"]
    image = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    assert (status, image.size) == (200, (2048, 1024))


@pytest_twisted.ensureDeferred
async def test_one_document_is_rendered_once(run):
    fresh = await run()
    pdf = inline(samples.coloured(*RAINBOW * 2))
    await gatherResults([fresh.gemini(pdf), fresh.gemini(pdf)])
    await fresh.gemini(pdf)
    assert [len(asked["messages"][0]["content"]) for asked in fresh.recorder.asked] == [6] * 3


# Hostile documents.


def nested():
    """Write a PDF whose content and objects are nested very deeply."""
    return samples.pages([b"[" * 200_000 + b"q " * 100_000]) + b"<<" * 100_000


def scripted():
    script = b"/OpenAction << /S /JavaScript /JS (app.alert\\('x'\\)) >>"
    return samples.pages([b"1 0 0 rg 0 0 600 900 re f"], catalog=script)


HOSTILE = {
    "encrypted": (samples.encrypted(), "needs a password"),
    "cut off": (samples.coloured(samples.RED)[:150], "damaged"),
    "empty": (b"%PDF-1.4\n%%EOF\n", "damaged"),
    "no pages": (samples.pages([]), "no pages"),
    "1000 pages": (samples.coloured(*[samples.RED] * 1000), "1000 pages; at most 100 are"),
}


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_pdf_that_cannot_be_rendered_is_a_400_that_says_why(localaik, name):
    content, told = HOSTILE[name]
    status, answer = await localaik.gemini(inline(content))
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert answer["error"]["message"].startswith("contents[0].parts[0].inlineData.data: ")
    assert told in answer["error"]["message"]
    status, answer = await localaik.openai(
        {"type": "file", "file": {"file_data": base64.b64encode(content).decode()}}
    )
    assert (status, answer["error"]["param"]) == (400, "messages[0].content[0].file.file_data")
    assert told in answer["error"]["message"]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("content", [nested(), scripted()], ids=["nested", "scripted"])
async def test_a_strange_pdf_is_rendered_or_refused(localaik, content):
    status, _ = await localaik.gemini(inline(content))
    assert status in (200, 400)
    status, _ = await localaik.gemini(inline(samples.coloured(samples.RED, samples.BLUE)))
    assert (status, localaik.recorder.colours()) == (200, [samples.RED, samples.BLUE])


@pytest_twisted.ensureDeferred
async def test_a_wide_page_stays_within_the_limits(localaik):
    wide = samples.coloured(samples.RED, size=(9600, 10))
    status, _ = await localaik.gemini(inline(wide))
    assert status in (200, 400)


@pytest_twisted.ensureDeferred
async def test_mutated_pdfs_cost_nothing_but_their_answers(localaik):
    dice = random.Random(4)
    originals = [samples.coloured(*RAINBOW[:2]), samples.written("one", "two"), scripted()]

    async def send(content):
        status, _ = await localaik.gemini(inline(content))
        assert status in (200, 400)

    for _ in range(8):
        mutants = [mutate(dice.choice(originals), dice) for _ in range(4)]
        await gatherResults([Deferred.fromCoroutine(send(mutant)) for mutant in mutants])
    status, _ = await localaik.gemini(inline(samples.coloured(samples.GREEN, samples.RED)))
    assert (status, localaik.recorder.colours()) == (200, [samples.GREEN, samples.RED])
    assert leftovers() == []


def mutate(content, dice):
    changed = bytearray(content)
    for _ in range(dice.randint(1, 12)):
        at = dice.randrange(len(changed))
        match dice.randrange(4):
            case 0:
                changed[at] = dice.randrange(256)
            case 1:
                del changed[at : at + dice.randint(1, 40)]
            case 2:
                changed[at:at] = changed[at : at + dice.randint(1, 40)]
            case 3:
                digits = str(dice.choice([0, -1, 10**9, 2**31, 99999])).encode()
                changed[at : at + 3] = digits
        changed = changed or bytearray(b"%PDF-")
    return b"%PDF-1.4\n" + bytes(changed)


@pytest_twisted.ensureDeferred
async def test_a_page_that_takes_too_long_is_given_up(run):
    hasty = await run(timeout=0.5, workers=1)
    status, answer = await hasty.gemini(inline(endless()))
    assert status == 400
    assert "within 0.5 seconds" in answer["error"]["message"]
    await until(lambda: not poppler(), seconds=0.5)
    # The first start of a worker takes a part of that time.
    for _ in range(3):
        status, _ = await hasty.gemini(inline(samples.coloured(samples.BLUE)))
        if status == 200:
            break
    assert (status, hasty.recorder.colours()) == (200, [samples.BLUE])


def endless():
    """Write a page that takes minutes to draw: large pictures of one pixel, over and over."""
    squares = b"".join(
        b"%d 0 0 rg 0 0 595 842 re f 1 w 0 0 m 300 900 600 -100 595 842 c S\n" % (n % 2)
        for n in range(200_000)
    )
    return samples.pages([squares])


@pytest_twisted.ensureDeferred
async def test_a_bomb_of_a_picture_is_refused_by_its_header(localaik):
    bomb = bytearray(picture("PNG", (0, 0, 0)))
    bomb[16:24] = (60000).to_bytes(4, "big") * 2
    status, answer = await localaik.gemini(inline(bytes(bomb), "image/png"))
    assert (status, "larger than" in answer["error"]["message"]) == (400, True)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("mime_type", ["audio/wav", "video/mp4", "application/zip"])
async def test_what_cannot_be_read_is_named_with_its_type_and_field(localaik, mime_type):
    status, answer = await localaik.gemini(inline(b"\0\1\2", mime_type))
    field = "contents[0].parts[0].inlineData.data"
    assert status == 400
    assert answer["error"]["message"] == (
        f"{field}: documents of type '{mime_type}' cannot be read;"
        " expected a PDF, a picture or text"
    )


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("signal_name", ["KILL", "ABRT"])
async def test_a_worker_that_dies_costs_one_error_and_is_replaced(run, signal_name):
    lone = await run(workers=1)
    before = set(workers())
    asking = lone.gemini(inline(endless()))
    await until(poppler)
    (worker,) = set(workers()) - before
    os.kill(worker, getattr(signal, f"SIG{signal_name}"))
    status, answer = await asking
    assert (status, "crash" in answer["error"]["message"]) == (400, True)
    await until(lambda: not poppler(), seconds=0.5)
    status, _ = await lone.gemini(inline(samples.coloured(samples.BLUE)))
    assert (status, lone.recorder.colours()) == (200, [samples.BLUE])


@pytest_twisted.ensureDeferred
async def test_a_client_that_leaves_takes_its_poppler_along(localaik):
    host = localaik.url.removeprefix("http://").partition(":")
    body = json.dumps({"contents": [{"parts": [inline(endless())]}]}).encode()
    head = f"POST /v1/models/m:generateContent HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
    connection = socket.create_connection((host[0], int(host[2])))
    await deferToThread(connection.sendall, head.encode() + b"\r\n\r\n" + body)
    await until(poppler)
    connection.close()
    assert await until(lambda: not poppler(), seconds=0.5) < 0.5
    await until(lambda: leftovers() == [])
    status, _ = await localaik.gemini(inline(samples.coloured(samples.BLUE, samples.BLUE)))
    assert status == 200


# Links.

REFUSED = [
    "http://127.0.0.1:{port}/a.pdf",
    "http://localhost:{port}/a.pdf",
    "http://[::1]:{port}/a.pdf",
    "http://[::ffff:127.0.0.1]:{port}/a.pdf",
    "http://2130706433:{port}/a.pdf",
    "http://0177.0.0.1:{port}/a.pdf",
    "http://0x7f.1:{port}/a.pdf",
    "http://0.0.0.0:{port}/a.pdf",
    "http://169.254.169.254/latest/meta-data/",
]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("url", REFUSED)
async def test_addresses_that_are_not_public_are_refused(localaik, url):
    port = localaik.recorder_url.rpartition(":")[2]
    asked, fetched = len(localaik.recorder.asked), len(localaik.recorder.fetched)
    status, answer = await localaik.gemini({"fileData": {"fileUri": url.format(port=port)}})
    assert status == 400
    assert "an address that is not public; --fetch allow" in answer["error"]["message"]
    status, answer = await localaik.openai(
        {"type": "image_url", "image_url": {"url": url.format(port=port)}}
    )
    assert (status, answer["error"]["param"]) == (400, "messages[0].content[0].image_url.url")
    assert (len(localaik.recorder.asked), len(localaik.recorder.fetched)) == (asked, fetched)


@pytest_twisted.ensureDeferred
async def test_a_url_is_fetched_where_that_is_allowed(run):
    open_ = await run(fetch="allow")
    open_.recorder.files["/a"] = ("application/pdf", samples.coloured(*RAINBOW))
    open_.recorder.redirects["/b"] = "/a"
    open_.recorder.redirects["/c"] = "/c"
    status, _ = await open_.gemini({"fileData": {"fileUri": f"{open_.recorder_url}/b"}})
    assert (status, open_.recorder.colours()) == (200, RAINBOW)
    for path, told in [("/c", "redirects more than"), ("/d", "answered with status 404")]:
        status, answer = await open_.gemini({"fileData": {"fileUri": open_.recorder_url + path}})
        assert (status, told in answer["error"]["message"]) == (400, True)
    status, answer = await open_.gemini({"fileData": {"fileUri": "http://127.0.0.1:1/"}})
    assert (status, "cannot be fetched" in answer["error"]["message"]) == (400, True)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("file:///etc/passwd", "--file-root DIR permits"),
        ("/etc/passwd", "--file-root DIR permits"),
        ("gs://bucket/a.pdf", "gs:// files are"),
        ("https://www.youtube.com/watch?v=1", "video sites"),
        ("https://youtu.be/1", "video sites"),
        ("ftp://host/a", "expected a data:, http:, https: or file: URI"),
        ("a.pdf", "expected a data:, http:, https: or file: URI"),
        ("http://user:key@example.com/", "user and password"),
    ],
)
async def test_other_links_are_refused_with_the_reason(localaik, uri, told):
    status, answer = await localaik.gemini({"fileData": {"fileUri": uri}})
    assert (status, told in answer["error"]["message"]) == (400, True)


@pytest_twisted.ensureDeferred
async def test_local_files_are_read_below_the_roots_only(run, tmp_path):
    root, secret = tmp_path / "root", tmp_path / "secret.txt"
    (root / "deep").mkdir(parents=True)
    secret.write_text("secret")
    (root / "deep" / "a b.txt").write_text("hello")
    (root / "link.txt").symlink_to(root / "deep" / "a b.txt")
    (root / "out.txt").symlink_to(secret)
    os.mkfifo(root / "pipe")
    rooted = await run(file_roots=(str(root),))
    for uri in (f"file://{root}/deep/a%20b.txt", f"{root}/deep/a b.txt", f"{root}/link.txt"):
        status, _ = await rooted.gemini({"fileData": {"fileUri": uri}})
        assert (status, rooted.recorder.texts()) == (200, ["hello"])
    for path in ("out.txt", "../secret.txt", "pipe", "none.txt", "deep", "a\0b"):
        status, answer = await rooted.gemini({"fileData": {"fileUri": f"{root}/{path}"}})
        assert status == 400
        assert "secret" not in answer["error"]["message"].replace("secret.txt", "")


@pytest_twisted.ensureDeferred
async def test_data_uris_are_documents_too(localaik):
    uri = "data:text/plain,a%20b"
    status, _ = await localaik.gemini({"fileData": {"fileUri": uri}})
    assert (status, localaik.recorder.texts()) == (200, ["a b"])


# Other clients.


@pytest_twisted.ensureDeferred
async def test_nothing_heavy_is_done_in_the_reactor(localaik):
    noise = random.Random(1).randbytes(20 * 1024**2)
    heavy = [inline(samples.coloured(*RAINBOW * 16)), inline(noise, "image/png")]
    await localaik.gemini(inline(samples.coloured(samples.RED, samples.RED)))
    gaps, last = [], time.perf_counter()

    def look():
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

    looking = LoopingCall(look)
    looking.start(0.005, now=False)
    # The client is another process: its own JSON must not count.
    bodies = [json.dumps({"contents": [{"parts": [one]}]}).encode() for one in heavy]
    last = time.perf_counter()
    replies = await gatherResults([send_apart(localaik.url, body) for body in bodies])
    looking.stop()
    assert replies == [b"200", b"400"]
    # Seconds; the busiest machines that run this have other work too.
    assert sorted(gaps)[int(len(gaps) * 0.99)] < 0.1


CLIENT = """
import http.client, sys
body = sys.stdin.buffer.read()
connection = http.client.HTTPConnection(sys.argv[1])
connection.request("POST", "/v1/models/m:generateContent", body)
print(connection.getresponse().status, end="")
"""


def send_apart(url, body):
    command = [sys.executable, "-c", CLIENT, url.removeprefix("http://")]
    done = deferToThread(subprocess.run, command, input=body, capture_output=True, check=True)
    return done.addCallback(lambda process: process.stdout)


# The real model.


@pytest_twisted.ensureDeferred
async def test_the_bundled_model_sees_the_pages_in_order(scratch):
    service = make_service(
        Settings(server=ServerSettings(port=0, drain=0), documents=DocumentSettings(workers=2)),
        reactor,
    )
    service.startService()
    try:
        (url,) = await service.when_listening()
        await service.when_ready()
        question = {"text": "What colour is each page?"}
        body = {
            "contents": [{"parts": [inline(samples.coloured(*RAINBOW)), question]}],
            "generationConfig": {"maxOutputTokens": 30, "temperature": 0},
        }
        status, answer = await deferToThread(post, f"{url}/v1/models/m:generateContent", body)
        text = answer["candidates"][0]["content"]["parts"][0]["text"]
        assert (status, text) == (200, "The colours are red, blue, green.")
    finally:
        await service.stopService()


@pytest_twisted.ensureDeferred
async def test_nothing_outlives_a_localaik_that_is_killed(localaik, tmp_path):
    folder, port_file = tmp_path / "own", tmp_path / "port"
    folder.mkdir()
    command = [sys.executable, "-m", "localaik", "--port", "0", "--port-file", str(port_file)]
    process = subprocess.Popen(  # noqa: ASYNC220 -- it returns at once
        [*command, "--upstream", localaik.recorder_url],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
    )
    await until(port_file.exists)
    url = f"http://127.0.0.1:{port_file.read_text().strip()}"
    body = json.dumps({"contents": [{"parts": [inline(endless())]}]}).encode()
    asking = send_apart(url, body).addErrback(lambda _: None)
    await until(poppler)
    started = [*poppler(), *children(process.pid)]
    assert list(folder.iterdir())
    process.kill()
    process.wait()
    await until(lambda: not any(alive(pid) for pid in started))
    await until(lambda: not list(folder.iterdir()))
    await asking


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
