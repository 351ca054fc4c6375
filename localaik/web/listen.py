"""The HTTP server as a service: listens on every endpoint, and drains before it stops."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger

from localaik.errors import SettingsError, UpstreamUnavailable
from localaik.milestone import Milestone
from localaik.settings import ServerSettings
from localaik.web.site import Site

_log = Logger(namespace="localaik")
# What people can connect to, for addresses that mean "all interfaces".
_REACHABLE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 -- nothing is bound here


class WebService(Service):
    """Serves a site; it may be started again after it was stopped."""

    def __init__(self, site: Site, settings: ServerSettings, reactor: Any) -> None:
        self._site = site
        self._settings = settings
        self._reactor = reactor
        self._ports: list[IListeningPort] = []
        self._listening: Milestone[tuple[str, ...]] = Milestone()
        self._opening: Deferred[None] | None = None

    def startService(self) -> None:  # noqa: N802
        """Open all endpoints."""
        super().startService()
        self._opening = Deferred.fromCoroutine(self._open())

    def stopService(self) -> Deferred[None]:  # noqa: N802
        """Close the endpoints, let running answers end, and close what is left."""
        super().stopService()
        return Deferred.fromCoroutine(self._close())

    def when_listening(self) -> Deferred[tuple[str, ...]]:
        """Wait until all endpoints are open; fires with their URLs.

        Fails with SettingsError when one cannot be opened.
        """
        return self._listening.wait()

    async def _open(self) -> None:
        for description in self._settings.endpoints():
            try:
                endpoint = serverFromString(self._reactor, description)
                self._ports.append(await endpoint.listen(self._site))
            except Exception as error:  # noqa: BLE001, RUF100 -- endpoints raise what they like
                self._listening.miss(SettingsError(f"cannot listen on {description}: {error}"))
                return
        urls = tuple(_url(port) for port in self._ports)
        try:
            self._write_port_file()
        except OSError as error:
            message = f"cannot write {self._settings.port_file}: {error.strerror}"
            self._listening.miss(SettingsError(message))
            return
        for url in urls:
            _log.info("listening on {url}", url=url)
        self._listening.reach(urls)

    async def _close(self) -> None:
        if self._opening is not None:
            await self._opening
        ports, self._ports = self._ports, []
        for port in ports:
            await _stop_listening(port)
        await self._site.traffic.drain(self._settings.drain, self._reactor)
        self._remove_port_file()
        self._listening.miss(UpstreamUnavailable("localaik is stopped"))
        self._listening.reset()

    def _write_port_file(self) -> None:
        if self._settings.port_file is None:
            return
        # Whoever waits for the file must never read half a number.
        target = Path(self._settings.port_file)
        draft = target.with_name(f"{target.name}.new")
        draft.write_text(f"{_port_number(self._ports)}\n")
        draft.replace(target)

    def _remove_port_file(self) -> None:
        if self._settings.port_file is not None:
            Path(self._settings.port_file).unlink(missing_ok=True)


async def _stop_listening(port: IListeningPort) -> None:
    stopping = port.stopListening()
    if stopping is not None:
        await stopping


def _port_number(ports: Sequence[IListeningPort]) -> int:
    numbers = [getattr(port.getHost(), "port", 0) for port in ports]
    return next((number for number in numbers if number), 0)


def _url(port: IListeningPort) -> str:
    address = port.getHost()
    host, number = getattr(address, "host", None), getattr(address, "port", None)
    if host is None:
        return str(address)
    bracketed = f"[{host}]" if ":" in host and host not in _REACHABLE else host
    return f"http://{_REACHABLE.get(host, bracketed)}:{number}"
