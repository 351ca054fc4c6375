"""The Gemini API's routes."""

from klein import Klein
from twisted.web.iweb import IRequest

from localaik.errors import BadRequest, Unimplemented
from localaik.exchange import Exchange
from localaik.faces import gemini
from localaik.faces.face import Answer
from localaik.web.request import BoundedRequest
from localaik.web.respond import bounded, make_app, name_ignored, respond_json
from localaik.web.sink import RequestSink

# Tuned models are answered by the same model as all others.
_MODEL = "/<any(models,tunedModels):kind>/<path:model>"

# What the API has and localaik does not serve, as methods of a model and as collections.
_METHODS = {
    "countTokens": "counting tokens is",
    "embedContent": "embeddings are",
    "batchEmbedContents": "embeddings are",
    "batchGenerateContent": "batches are",
    "predict": "image generation is",
    "predictLongRunning": "video generation is",
}
_COLLECTIONS = {
    "files": "files are",
    "upload": "files are",
    "download": "files are",
    "cachedContents": "cached contents are",
    "batches": "batches are",
    "interactions": "interactions are",
    "fileSearchStores": "file search stores are",
    "auth_tokens": "tokens for live sessions are",
    "ws": "live sessions are",
}


def gemini_app(exchange: Exchange) -> Klein:
    """Make the app of the Gemini API; paths come without their version."""
    app = make_app(gemini.FACE.render_error)

    @app.route(f"{_MODEL}:generateContent", methods=["POST"])
    async def generate_content(request: IRequest, kind: str, model: str) -> bytes:  # noqa: ARG001
        asked = bounded(request)
        answer = _parse(exchange, asked, model)
        body = await exchange.whole(gemini.FACE, answer, _time_limit(asked))
        return respond_json(asked, body)

    @app.route(f"{_MODEL}:streamGenerateContent", methods=["POST"])
    async def stream_generate_content(
        request: IRequest,
        kind: str,  # noqa: ARG001
        model: str,
    ) -> None:
        asked = bounded(request)
        answer = _parse(exchange, asked, model)
        face = gemini.FACE if _wants_events(asked) else gemini.ARRAY_FACE
        await exchange.stream(face, answer, RequestSink(asked), _time_limit(asked))

    @app.route(f"/models/<path:model>:<any({','.join(_METHODS)}):method>", methods=["POST"])
    def refuse_method(request: IRequest, model: str, method: str) -> bytes:  # noqa: ARG001
        raise Unimplemented(f"{_METHODS[method]} not served yet")

    @app.route(f"/<any({','.join(_COLLECTIONS)}):name>", branch=True)
    def refuse_collection(request: IRequest, name: str) -> bytes:  # noqa: ARG001
        raise Unimplemented(f"{_COLLECTIONS[name]} not served yet")

    return app


def _parse(exchange: Exchange, request: BoundedRequest, model: str) -> Answer:
    parsed = gemini.FACE.parse_request(request.body(), model.removeprefix("models/"))
    name_ignored(request, parsed.ignored)
    return exchange.answer_to(parsed)


def _wants_events(request: BoundedRequest) -> bool:
    wanted: bytes = (request.args or {}).get(b"alt", [b"json"])[0]
    if wanted not in (b"sse", b"json"):
        raise BadRequest("expected sse or json", field="alt")
    return wanted == b"sse"


def _time_limit(request: BoundedRequest) -> float | None:
    """Read how many seconds the client is going to wait; SDKs send it from their timeouts."""
    try:
        seconds = float(request.getHeader("x-server-timeout") or "nan")
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None
