"""Renders PDFs: counts and measures the pages, splits them over the workers, and joins them."""

from collections.abc import Callable
from functools import partial

from twisted.internet.defer import Deferred, succeed

from localaik.chat.request import ImagePart, Part, TextPart
from localaik.deferreds import all_of
from localaik.documents.plan import Job, PageRange, PageSize, plan_ranges
from localaik.documents.pool import WorkerPool
from localaik.documents.process import Answer
from localaik.errors import BadRequest
from localaik.settings import DocumentSettings
from localaik.wire.datauri import DataURI

Parts = tuple[Part, ...]


class PageRenderer:
    """Turns a PDF into pictures of its pages, their texts, or both.

    `can_see` tells whether the model takes pictures.
    """

    def __init__(
        self,
        pool: WorkerPool,
        settings: DocumentSettings,
        can_see: Callable[[], Deferred[bool]],
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._can_see = can_see

    def choose_mode(self) -> Deferred[str]:
        """Fire with ``images``, ``text`` or ``both``."""
        if self._settings.mode != "auto":
            return succeed(self._settings.mode)
        return self._can_see().addCallback(lambda sees: "images" if sees else "text")

    def render(self, mode: str, path: str) -> Deferred[Parts]:
        """Render the PDF of a path; cancellable."""
        probed = self._probe(path)
        planned = probed.addCallback(self._plan)
        drawn = planned.addCallback(partial(self._render_ranges, mode, path))
        return drawn.addCallback(self._join)

    def _probe(self, path: str) -> Deferred[Answer]:
        return self._pool.submit(Job("probe", {"path": path, "most": self._settings.max_pages}))

    def _plan(self, answer: Answer) -> tuple[PageRange, ...]:
        count, most = answer.value["pages"], self._settings.max_pages
        if count > most:
            raise BadRequest(f"the PDF has {count} pages; at most {most} are allowed")
        if count < 1:
            raise BadRequest("the PDF has no pages")
        return plan_ranges(
            [PageSize(width, height) for width, height in answer.value["sizes"]],
            dpi=self._settings.dpi,
            max_side=self._settings.max_side,
            workers=self._pool.size,
        )

    def _render_ranges(
        self, mode: str, path: str, ranges: tuple[PageRange, ...]
    ) -> Deferred[list[list[str]]]:
        """Ask for the texts and the pictures of all pages; what is not wanted stays empty."""
        pages = {"path": path, "first": 1, "last": ranges[-1].last}
        texts = [] if mode == "images" else [Job("read_text", pages)]
        pictures = [] if mode == "text" else [self._picture_job(path, one) for one in ranges]
        return all_of([self._submit_all(texts), self._submit_all(pictures)])

    def _submit_all(self, jobs: list[Job]) -> Deferred[list[str]]:
        answers = all_of([self._pool.submit(job) for job in jobs])
        return answers.addCallback(_contents)

    def _picture_job(self, path: str, pages: PageRange) -> Job:
        arguments = {
            "path": path,
            "first": pages.first,
            "last": pages.last,
            "dpi": self._settings.dpi,
            "form": self._settings.format,
            "scale_to": pages.scale_to,
        }
        return Job("render", arguments)

    def _join(self, found: list[list[str]]) -> Parts:
        """Put each page's text before its picture."""
        texts, pictures = found
        if not pictures:
            return _text_of_pages(texts)
        parts: list[Part] = []
        for number, picture in enumerate(pictures):
            text = texts[number] if texts else ""
            if text.strip():
                parts.append(TextPart(text))
            data = DataURI(f"image/{self._settings.format}", picture)
            parts.append(ImagePart(data))
        return tuple(parts)


def _contents(answers: list[Answer]) -> list[str]:
    return [content for answer in answers for content in answer.contents]


def _text_of_pages(pages: list[str]) -> Parts:
    texts = [page for page in pages if page.strip()]
    if not texts:
        raise BadRequest(
            "the PDF has no text that could be read, and its pages are not sent as pictures"
        )
    return (TextPart("\n\n".join(texts)),)
