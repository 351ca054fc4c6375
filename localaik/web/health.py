"""Health: ``/livez`` says that localaik runs, the other routes that the model answers."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import attrs
from klein import Klein
from twisted.web.iweb import IRequest

from localaik import __version__
from localaik.errors import LocalaikError
from localaik.faces.face import ErrorReply
from localaik.web.respond import bounded, make_app, respond_json
from localaik.wire.jsontext import dump_json


@attrs.frozen
class HealthCheck:
    """How health is found out.

    `check` raises the LocalaikError that says why the model does not answer; `describe`
    names the upstream, without credentials.
    """

    check: Callable[[], Coroutine[Any, Any, None]]
    describe: Callable[[], str]


def render_error(error: LocalaikError) -> ErrorReply:
    """Render an error of the routes that belong to no vendor."""
    return ErrorReply(error.status, dump_json({"error": {"message": error.message}}))


def health_app(health: HealthCheck) -> Klein:
    """Make the app of localaik's own routes."""
    app = make_app(render_error)

    async def readiness(request: IRequest) -> bytes:
        try:
            await health.check()
        except LocalaikError as error:
            bounded(request).setHeader("retry-after", "1")
            body = _unavailable(error, health.describe())
            return respond_json(bounded(request), dump_json(body), 503)
        return respond_json(bounded(request), b'{"status":"ok"}')

    @app.route("/health", methods=["GET"])
    async def health_route(request: IRequest) -> bytes:
        return await readiness(request)

    @app.route("/readyz", methods=["GET"])
    async def readyz(request: IRequest) -> bytes:
        return await readiness(request)

    @app.route("/livez", methods=["GET"])
    def livez(request: IRequest) -> bytes:
        return respond_json(bounded(request), b'{"status":"ok"}')

    @app.route("/", methods=["GET"])
    def name(request: IRequest) -> bytes:
        about = {"name": "localaik", "version": __version__}
        return respond_json(bounded(request), dump_json(about))

    return app


def _unavailable(error: LocalaikError, upstream: str) -> Mapping[str, str]:
    return {"status": "unavailable", "upstream": upstream, "reason": error.message}
