"""Which protocol owns a path: decided before any route is looked up.

Three vendors share one port, and ``/v1/models``, ``/v1/files`` and ``/v1/batches`` belong
to more than one of them; there the headers decide, by what the SDKs really send.  Version
segments are taken off, so that every version is served alike.
"""

import enum
from collections.abc import Mapping, Sequence

import attrs
from twisted.web.http_headers import Headers


class Owner(enum.Enum):
    """Whose routes, and whose shape of errors."""

    GEMINI = "gemini"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    LOCALAIK = "localaik"


@attrs.frozen
class Route:
    """A path's owner and the segments that are looked up among the owner's routes."""

    owner: Owner
    segments: tuple[str, ...]


_VERSIONS = frozenset({"v1", "v1beta", "v1alpha", "v1main"})
_GOOGLE_VERSIONS = _VERSIONS - {"v1"}
_BY_FIRST: Mapping[str, Owner] = {
    "health": Owner.LOCALAIK,
    "livez": Owner.LOCALAIK,
    "readyz": Owner.LOCALAIK,
    "chat": Owner.OPENAI,
    "completions": Owner.OPENAI,
    "embeddings": Owner.OPENAI,
    "responses": Owner.OPENAI,
    "messages": Owner.ANTHROPIC,
    "upload": Owner.GEMINI,
    "download": Owner.GEMINI,
    "ws": Owner.GEMINI,
    "tunedModels": Owner.GEMINI,
    "cachedContents": Owner.GEMINI,
    "interactions": Owner.GEMINI,
    "auth_tokens": Owner.GEMINI,
    "fileSearchStores": Owner.GEMINI,
    "corpora": Owner.GEMINI,
}
_GEMINI_VERBS = frozenset(
    {
        "generateContent",
        "streamGenerateContent",
        "countTokens",
        "embedContent",
        "batchEmbedContents",
        "batchGenerateContent",
        "asyncBatchEmbedContent",
        "predict",
        "predictLongRunning",
        "generateAnswer",
        "download",
        "cancel",
    }
)
_GEMINI_HEADERS = ("x-goog-api-key", "x-goog-api-client")
_GEMINI_ARGUMENTS = (b"key", b"$alt", b"pageSize", b"pageToken")


def find_route(
    segments: Sequence[str], headers: Headers, arguments: Mapping[bytes, Sequence[bytes]]
) -> Route:
    """Find the owner of a path; `segments` are percent-decoded, an empty last one is dropped."""
    path = tuple(segments[:-1] if segments and not segments[-1] else segments)
    version, rest = (path[0], path[1:]) if path and path[0] in _VERSIONS else ("", path)
    if not rest:
        return Route(Owner.LOCALAIK if not version else _by_headers(headers, arguments), rest)
    if rest[0] == "openai" and version:
        return Route(Owner.OPENAI, rest[1:])
    if version in _GOOGLE_VERSIONS or rest[-1].rpartition(":")[2] in _GEMINI_VERBS:
        # The uploads' version stands behind their first segment, like Google's own.
        return Route(Owner.GEMINI, rest)
    owner = _BY_FIRST.get(rest[0])
    return Route(_by_headers(headers, arguments) if owner is None else owner, rest)


def _by_headers(headers: Headers, arguments: Mapping[bytes, Sequence[bytes]]) -> Owner:
    if any(map(headers.hasHeader, _GEMINI_HEADERS)) or any(
        a in arguments for a in _GEMINI_ARGUMENTS
    ):
        return Owner.GEMINI
    # Newer Anthropic SDKs send "Authorization" like OpenAI's, but always their version.
    keyed = headers.hasHeader("x-api-key") and not headers.hasHeader("authorization")
    if headers.hasHeader("anthropic-version") or keyed:
        return Owner.ANTHROPIC
    return Owner.OPENAI
