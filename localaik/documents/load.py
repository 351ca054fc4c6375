"""Loads documents: gets their bytes from wherever they are."""

import hashlib
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import attrs
from twisted.internet.defer import Deferred, fail

from localaik.chat.request import DocumentPart, InlineSource, LinkSource
from localaik.documents.cache import RenderCache
from localaik.documents.spool import InThread
from localaik.errors import BadRequest, Unimplemented
from localaik.wire.datauri import decode_slices, split_data_uri

_RECENT = 32 * 1024**2  # bytes of decoded documents
_SLICE = 1024**2  # characters; between slices other threads have their turn
_VIDEO_SITES = frozenset({"youtube.com", "youtu.be", "vimeo.com"})


@attrs.frozen
class Loaded:
    """A document's bytes, their hash, and what is said of their type."""

    content: bytes = attrs.field(repr=False)
    digest: bytes = attrs.field(repr=False)
    mime_type: str | None


class Loader:
    """Finds a document's bytes; `fetch` gets those of http(s) URLs, `read_file` local ones."""

    def __init__(
        self,
        in_thread: InThread,
        fetch: Callable[[str], Deferred[tuple[bytes, str | None]]],
        read_file: Callable[[str], bytes],
    ) -> None:
        self._in_thread = in_thread
        self._fetch = fetch
        self._read_file = read_file
        # A suite sends the same file again and again, and decoding takes longer than hashing.
        self._recent: RenderCache[Loaded] = RenderCache(_RECENT, lambda one: len(one.content))

    def load(self, document: DocumentPart) -> Deferred[Loaded]:
        """Get the bytes; fails with BadRequest or Unimplemented when that cannot be."""
        match document.source:
            case InlineSource(data):
                hashed = self._in_thread(_hash, data)
                return hashed.addCallback(self._load_inline, data, document.mime_type)
            case LinkSource(uri):
                return self._follow(uri, document.mime_type)

    def _load_inline(self, hashed: bytes, data: str, mime_type: str | None) -> Deferred[Loaded]:
        decode: Callable[[], Deferred[Loaded]] = partial(
            self._in_thread, _load_inline, data, mime_type
        )
        return self._recent.get((hashed, mime_type), decode)

    def _follow(self, uri: str, mime_type: str | None) -> Deferred[Loaded]:
        scheme = uri[:16].partition(":")[0].lower() if ":" in uri[:16] else ""
        if scheme == "data":
            return self._in_thread(_load_data_uri, uri, mime_type)
        if scheme in ("http", "https"):
            return self._load_url(uri, mime_type)
        if scheme == "file" or uri.startswith("/"):
            return self._in_thread(_load_file, self._read_file, uri, mime_type)
        return fail(_unfollowable(uri, scheme))

    def _load_url(self, url: str, mime_type: str | None) -> Deferred[Loaded]:
        if _is_video_site(url):
            return fail(BadRequest("videos of video sites cannot be loaded; expected a file"))
        fetched = self._fetch(url)
        return fetched.addCallback(
            lambda answer: self._in_thread(_loaded, answer[0], mime_type or answer[1])
        )


def _hash(data: str) -> bytes:
    hashed = hashlib.sha256()
    for start in range(0, len(data), _SLICE):
        hashed.update(data[start : start + _SLICE].encode("utf-8", "surrogatepass"))
    return hashed.digest()


def _load_inline(data: str, mime_type: str | None) -> Loaded:
    try:
        content = b"".join(decode_slices(data))
    except ValueError:
        raise BadRequest("expected base64") from None
    return _loaded(content, mime_type)


def _load_data_uri(uri: str, mime_type: str | None) -> Loaded:
    try:
        said, data = split_data_uri(uri)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return _load_inline(data, mime_type or said)


def _load_file(read_file: Callable[[str], bytes], uri: str, mime_type: str | None) -> Loaded:
    return _loaded(read_file(uri), mime_type)


def _loaded(content: bytes, mime_type: str | None) -> Loaded:
    if not content:
        raise BadRequest("expected some data, got none")
    return Loaded(content, hashlib.sha256(content).digest(), mime_type)


def _is_video_site(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return any(host == site or host.endswith(f".{site}") for site in _VIDEO_SITES)


def _unfollowable(uri: str, scheme: str) -> BadRequest | Unimplemented:
    if scheme == "gs":
        return BadRequest(
            "gs:// files are in Google's cloud, out of reach from here; send the file inline"
        )
    if uri.startswith("files/"):
        return Unimplemented("files are not served yet")
    return BadRequest("expected a data:, http:, https: or file: URI")
