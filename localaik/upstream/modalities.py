"""Finds out whether the model can see."""

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from localaik.errors import LocalaikError, UpstreamFailed
from localaik.upstream.client import Upstream
from localaik.wire.jsontext import load_json
from localaik.wire.reader import Reader

_PATIENCE = 10.0  # seconds
# Seconds; a server behind --upstream may be given another model.
_KEPT = 60.0


class Modalities:
    """Asks llama.cpp's ``/props``, and keeps the answer for a while.

    Other servers do not tell; those are taken to see, and say themselves if they do not.
    """

    def __init__(self, upstream: Upstream, clock: IReactorTime) -> None:
        self._upstream = upstream
        self._clock = clock
        self._sees: bool | None = None
        self._asked = 0.0

    def can_see(self) -> Deferred[bool]:
        """Fire with whether the model takes pictures; fails when the upstream cannot be asked."""
        return Deferred.fromCoroutine(self._can_see())

    async def _can_see(self) -> bool:
        now = self._clock.seconds()
        if self._sees is None or now - self._asked > _KEPT:
            self._sees, self._asked = await self._ask(), now
        return self._sees

    async def _ask(self) -> bool:
        response = await self._upstream.get("/props", within=_PATIENCE)
        body = await response.collect()
        if response.status >= 500:
            raise UpstreamFailed("the model server does not tell yet whether its model can see")
        try:
            modalities = Reader(load_json(body)).object().object("modalities")
            sees = None if modalities is None else modalities.boolean("vision")
        except LocalaikError:
            sees = None
        return True if sees is None else sees
