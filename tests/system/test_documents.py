"""Documents for real: processes, poppler, files and sockets, before a recording model server."""

import base64
import io
import json
import os
import sys
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
from twisted.internet.defer import gatherResults
from twisted.internet.task import deferLater
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


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """Give a folder of temporary files of its own, so that one sees what is left there."""
    import tempfile

    folder, before = tmp_path_factory.mktemp("scratch"), tempfile.tempdir
    tempfile.tempdir = str(folder)
    yield folder
    tempfile.tempdir = before
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
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


@pytest_twisted.async_fixture(scope="module")
async def localaik(run):
    return await run()


def inline(content, mime_type="application/pdf", encode=base64.b64encode):
    return {"inlineData": {"mimeType": mime_type, "data": encode(content).decode()}}


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
