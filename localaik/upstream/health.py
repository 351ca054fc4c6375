"""Finds out whether the model server can answer."""

from localaik.completions.errors import decode_error
from localaik.errors import LocalaikError
from localaik.upstream.client import Upstream

# Seconds; a health check that takes longer is no use to whoever waits for it.
PATIENCE = 5.0


async def check_health(upstream: Upstream) -> None:
    """Ask the model server whether its model answers.

    Ollama has no ``/health``, so a 404 there is asked again at the list of models.

    Raises: the LocalaikError that says why it does not.
    """
    status, body = await _get(upstream, "/health")
    if status == 404:
        status, body = await _get(upstream, "/v1/models")
    if status != 200:
        error: LocalaikError = decode_error(status, body)
        raise error


async def _get(upstream: Upstream, path: str) -> tuple[int, bytes]:
    response = await upstream.get(path, within=PATIENCE)
    return response.status, await response.collect()
