"""The way of a document: it is loaded, identified, rendered, and put back as parts.

Each link of the chain is a function of its own, and cancelling the chain cancels the link
that is being waited for: a fetch is broken off, a worker is killed with its poppler.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NoReturn

import attrs
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from localaik.chat.request import DocumentPart, ImagePart, Part, TextPart
from localaik.deferreds import all_of
from localaik.documents.cache import RenderCache
from localaik.documents.kinds import Identity, Kind, decode_text, identify
from localaik.documents.load import Loaded, Loader
from localaik.documents.pdf import PageRenderer
from localaik.documents.plan import Job
from localaik.documents.pool import WorkerPool
from localaik.documents.process import Answer
from localaik.documents.spool import InThread, Spool
from localaik.errors import BadRequest, Unimplemented
from localaik.wire.datauri import DataURI, encode_slices
from localaik.wire.pictures import ENOUGH, MAX_PIXELS, read_header

Parts = tuple[Part, ...]


@attrs.frozen
class Identified:
    """A loaded document, and what it is."""

    loaded: Loaded
    identity: Identity


@attrs.frozen
class Documents:
    """Turns the documents of requests into texts and pictures.

    `in_thread` calls a function in a thread, for what takes long with large documents.
    """

    _loader: Loader
    _pages: PageRenderer
    _pool: WorkerPool
    _spool: Spool
    _cache: RenderCache[Parts]
    in_thread: InThread

    def expand(self, documents: Sequence[DocumentPart]) -> Deferred[list[Parts]]:
        """Fire with the parts of each document, in order; cancellable.

        The first failure gives up the others; it is a LocalaikError that names the field.
        """
        return all_of([self._expand(document) for document in documents])

    def stop(self) -> Deferred[None]:
        """Kill the workers and remove what is left of their files."""
        return self._pool.stop().addCallback(lambda _: self._spool.close())

    def _expand(self, document: DocumentPart) -> Deferred[Parts]:
        chain = self._loader.load(document)
        identified = chain.addCallback(partial(self.in_thread, _identify))
        rendered = identified.addCallback(self._render)
        named = rendered.addCallback(_put_back, document)
        return named.addErrback(_name_field, document)

    def _render(self, found: Identified) -> Deferred[Parts]:
        match found.identity.kind:
            case Kind.TEXT:
                return self.in_thread(_text, found.loaded.content)
            case Kind.PICTURE:
                return self._render_picture(found)
            case Kind.PDF:
                return self._render_pdf(found)

    def _render_picture(self, found: Identified) -> Deferred[Parts]:
        content = found.loaded.content
        header = read_header(content[:ENOUGH])
        if header is not None and header.is_bomb:
            raise BadRequest(f"the picture is larger than {MAX_PIXELS} pixels")
        if header is not None and header.plain:
            return self.in_thread(_picture, header.mime_type, content)
        return self._cache.get((found.loaded.digest, "picture"), partial(self._convert, found))

    def _convert(self, found: Identified) -> Deferred[Parts]:
        mime_type = found.identity.mime_type

        def convert(path: str) -> Deferred[Answer]:
            return self._pool.submit(Job("convert", {"path": path, "mime_type": mime_type}))

        return self._spool.lend(found.loaded.content, convert).addCallback(_converted)

    def _render_pdf(self, found: Identified) -> Deferred[Parts]:
        def render(mode: str) -> Deferred[Parts]:
            key = (found.loaded.digest, "pdf", mode)
            draw: Callable[[str], Deferred[Parts]] = partial(self._pages.render, mode)
            return self._cache.get(key, partial(self._spool.lend, found.loaded.content, draw))

        return self._pages.choose_mode().addCallback(render)


def _identify(loaded: Loaded) -> Identified:
    try:
        return Identified(loaded, identify(loaded.content, loaded.mime_type))
    except ValueError as error:
        raise BadRequest(str(error)) from None


def _text(content: bytes) -> Parts:
    return (TextPart(decode_text(content)),)


def _picture(mime_type: str, content: bytes) -> Parts:
    return (ImagePart(DataURI(mime_type, encode_slices(content))),)


def _converted(answer: Answer) -> Parts:
    mime_type = answer.value["mime_type"]
    return (ImagePart(DataURI(mime_type, answer.contents[0])),)


def _put_back(parts: Parts, document: DocumentPart) -> Parts:
    """Head a file's text with its name, if it has both."""
    match parts:
        case (TextPart(text), *rest) if document.name:
            return (TextPart(f"{document.name}:\n{text}"), *rest)
    return parts


def _name_field(failure: Failure, document: DocumentPart) -> NoReturn:
    error = failure.value
    if isinstance(error, BadRequest) and error.field is None:
        raise BadRequest(error.message, field=document.field) from None
    if isinstance(error, Unimplemented):
        raise Unimplemented(f"{document.field}: {error.message}") from None
    failure.raiseException()


def weigh(parts: Parts) -> int:
    """Tell how many bytes parts take in the cache, nearly."""
    size = 0
    for part in parts:
        match part:
            case TextPart(text):
                size += len(text)
            case ImagePart(source):
                size += len(source.data)
            case DocumentPart():
                pass
    return size
