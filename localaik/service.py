"""The whole service tree: `make_service` is localaik for programs that run their own reactor.

Nothing here is global: services of different settings run side by side in one reactor, and
each may be started and stopped many times.
"""

import uuid
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import HTTPConnectionPool

from localaik.documents.pipeline import Documents
from localaik.documents.service import make_documents
from localaik.errors import LocalaikError, UpstreamUnavailable
from localaik.exchange import Exchange
from localaik.faces import anthropic, gemini, openai
from localaik.llama.service import ModelService
from localaik.llama.status import State
from localaik.milestone import Milestone
from localaik.options import redact_url
from localaik.settings import Settings
from localaik.upstream.client import Upstream, make_agent, make_pool
from localaik.upstream.health import check_health
from localaik.upstream.modalities import Modalities
from localaik.web.gemini import gemini_app
from localaik.web.health import HealthCheck, health_app
from localaik.web.health import render_error as render_plain_error
from localaik.web.listen import WebService
from localaik.web.openai import openai_app
from localaik.web.owner import Owner
from localaik.web.respond import make_app
from localaik.web.site import Protocol, Site

_log = Logger(namespace="localaik")
# Seconds; the bundled model has loaded by then.
_RETRY_AFTER = 1.0
# Seconds between two looks at an upstream that does not answer yet.
_PROBE_PAUSE = 0.25


class LocalaikService(Service):
    """localaik: its HTTP server, and the model server if that is its own to run.

    Made by `make_service`.  `when_listening` and `when_ready` may be asked at any time,
    before the start too, and as often as one likes.
    """

    def __init__(
        self,
        web: WebService,
        model: ModelService | None,
        documents: Documents,
        upstream: Upstream,
        pool: HTTPConnectionPool,
        reactor: Any,
    ) -> None:
        self._web = web
        self._model = model
        self._documents = documents
        self._upstream = upstream
        self._pool = pool
        self._reactor = reactor
        self._ready: Milestone[None] = Milestone()
        self._watching: Deferred[None] | None = None

    def startService(self) -> None:  # noqa: N802
        """Open the port, and start the model."""
        super().startService()
        self._ready.reset()
        self._web.startService()
        if self._model is not None:
            self._model.startService()
        self._watching = Deferred.fromCoroutine(self._watch())
        self._watching.addErrback(_readiness_lost)

    def stopService(self) -> Deferred[None]:  # noqa: N802
        """Let running answers end for a while, then stop everything."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    def when_listening(self) -> Deferred[tuple[str, ...]]:
        """Wait until the port is open; fires with the URLs that clients can be pointed at.

        Fails with SettingsError when an endpoint cannot be opened.
        """
        return self._web.when_listening()

    def when_ready(self) -> Deferred[None]:
        """Wait until the model answers.

        Fails with UpstreamUnavailable when it never will, with the reason, or when the
        service is stopped.
        """
        return self._ready.wait()

    async def _watch(self) -> None:
        try:
            if self._model is not None:
                await self._model.when_ready()
            while not await self._answers():
                await deferLater(self._reactor, _PROBE_PAUSE)
        except LocalaikError as error:
            self._ready.miss(error)
        else:
            self._ready.reach(None)

    async def _answers(self) -> bool:
        try:
            await check_health(self._upstream)
        except LocalaikError:
            return False
        return True

    async def _stop(self) -> None:
        await self._web.stopService()
        if self._watching is not None:
            self._watching.cancel()
        await self._documents.stop()
        if self._model is not None:
            await self._model.stopService()
        await self._pool.closeCachedConnections()
        self._ready.miss(UpstreamUnavailable("localaik is stopped"))


def make_service(settings: Settings, reactor: Any) -> LocalaikService:
    """Make localaik for a reactor; nothing runs before the service is started.

    Raises: SettingsError when the model or a folder of files is not there.
    """
    pool = make_pool(reactor)
    agent = make_agent(reactor, pool, settings.upstream)
    model = ModelService(settings.model, reactor) if settings.upstream.url is None else None
    address = _Address(settings, model)
    upstream = Upstream(agent, address.locate, settings.upstream, reactor)
    documents = make_documents(settings.documents, reactor, Modalities(upstream, reactor).can_see)
    exchange = Exchange(upstream, reactor, lambda: uuid.uuid4().hex, documents)
    health = HealthCheck(lambda: check_health(upstream), address.describe)
    site = Site(
        _protocols(exchange, health),
        reactor,
        max_body=settings.server.max_body,
        access_log=settings.log.access,
    )
    web = WebService(site, settings.server, reactor)
    return LocalaikService(web, model, documents, upstream, pool, reactor)


def _readiness_lost(failure: Failure) -> None:
    # A stop ends the watch; anything else that does is a bug.
    if not failure.check(CancelledError):
        _log.failure("readiness is lost", failure)


class _Address:
    """Where the upstream is: given by the settings, or by the model server that we run."""

    def __init__(self, settings: Settings, model: ModelService | None) -> None:
        self._url = redact_url(settings.upstream.url or "")
        self._model = model

    def locate(self) -> str:
        if self._model is None:
            return self._url
        status = self._model.status
        if status.url is not None:
            return status.url
        match status.state:
            case State.FAILED:
                raise UpstreamUnavailable(f"the model server failed, {status.reason}")
            case State.STOPPING | State.STOPPED:
                raise UpstreamUnavailable("the model server is stopped")
            case State.STARTING | State.READY | State.WAITING:
                message = "the model is loading"
                raise UpstreamUnavailable(message, retry_after=_RETRY_AFTER)

    def describe(self) -> str:
        if self._model is None:
            return self._url
        return self._model.status.url or f"model server ({self._model.status.state})"


def _protocols(exchange: Exchange, health: HealthCheck) -> dict[Owner, Protocol]:
    return {
        Owner.GEMINI: Protocol(gemini_app(exchange), gemini.FACE.render_error),
        Owner.OPENAI: Protocol(openai_app(exchange), openai.render_error),
        # Anthropic's paths have no routes yet, and still its errors.
        Owner.ANTHROPIC: Protocol(make_app(anthropic.render_error), anthropic.render_error),
        Owner.LOCALAIK: Protocol(health_app(health), render_plain_error),
    }
