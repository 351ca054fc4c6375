"""Puts the parts of the document pipeline together."""

import os
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

from localaik.documents.cache import RenderCache
from localaik.documents.fetch import Fetcher, pinned_agents, resolver
from localaik.documents.files import file_reader
from localaik.documents.load import Loader
from localaik.documents.pdf import PageRenderer
from localaik.documents.pipeline import Documents, weigh
from localaik.documents.pool import WorkerPool
from localaik.documents.process import PageProcess, spawner
from localaik.documents.spool import Spool
from localaik.documents.worker import own_folder
from localaik.settings import DocumentSettings


def make_documents(
    settings: DocumentSettings, reactor: Any, can_see: Callable[[], Deferred[bool]]
) -> Documents:
    """Make the pipeline; nothing runs and no folder is made before the first document.

    Raises: SettingsError when a folder of local files is not there.
    """

    def in_thread(function: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        return deferToThreadPool(reactor, reactor.getThreadPool(), function, *arguments)

    spool = Spool(in_thread)
    start = spawner(reactor, settings.timeout)

    def spawn(pool: WorkerPool) -> PageProcess:
        return start(pool, str(spool.folder))

    def clean_up(worker: PageProcess) -> None:
        spool.remove(own_folder(worker.pid))

    pool = WorkerPool(
        spawn,
        reactor,
        size=settings.workers or os.cpu_count() or 1,
        timeout=settings.timeout,
        clean_up=clean_up,
    )
    fetcher = Fetcher(settings.fetch, resolver(reactor), pinned_agents(reactor), reactor)
    loader = Loader(in_thread, fetcher.fetch, file_reader(settings.file_roots))
    pages = PageRenderer(pool, settings, can_see)
    cache = RenderCache(settings.cache, weigh)
    return Documents(loader, pages, pool, spool, cache, in_thread)
