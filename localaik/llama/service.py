"""The model server as a Twisted service."""

from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from localaik.errors import UpstreamUnavailable
from localaik.llama.catalogue import find_llama_server, find_model
from localaik.llama.command import plan_built_in, plan_llama_server
from localaik.llama.machine import Lifecycle
from localaik.llama.process import spawn_child
from localaik.llama.status import Child, ChildListener, State, Status
from localaik.milestone import Milestone
from localaik.settings import ModelSettings

_log = Logger(namespace="localaik.llama")


class ModelService(Service):
    """Runs the model server in a child process, and again whenever it dies.

    `reactor` provides IReactorProcess and IReactorTime.  The service may be started again
    after it was stopped.

    Raises: SettingsError when the model or the binary is not there.
    """

    def __init__(self, settings: ModelSettings, reactor: Any) -> None:
        files = find_model(settings)
        if settings.llama_server is None:
            self._plan = plan_built_in(settings, files)
        else:
            binary = find_llama_server(settings.llama_server)
            self._plan = plan_llama_server(settings, files, binary)
        self._reactor = reactor
        self._lifecycle = Lifecycle(self._spawn, reactor, self._status_changed)
        self._ready: Milestone[str] = Milestone()
        self._model_name = files.name

    @property
    def model_name(self) -> str:
        """The name under which the model is published."""
        return self._model_name

    @property
    def status(self) -> Status:
        """How the model server is now."""
        return self._lifecycle.status

    def startService(self) -> None:  # noqa: N802
        """Start the model server."""
        super().startService()
        self._ready.reset()
        self._lifecycle.start()

    def stopService(self) -> Deferred[None]:  # noqa: N802
        """Stop the model server; the Deferred fires when its process is gone."""
        super().stopService()
        gone = self._lifecycle.stop()
        self._ready.miss(UpstreamUnavailable("the model server is stopped"))
        return gone

    def when_ready(self) -> Deferred[str]:
        """Wait for the model server; fires with its base URL, at once if it is ready.

        Waits through restarts, and for a start that is yet to come.  Fails with
        UpstreamUnavailable when the model server cannot run or the service is stopped.
        """
        return self._ready.wait()

    def _spawn(self, listener: ChildListener) -> Child:
        return spawn_child(self._reactor, self._plan, listener)

    def _status_changed(self, status: Status) -> None:
        match status.state:
            case State.READY:
                _log.info("model server ready at {url}", url=status.url)
                self._ready.reach(status.url or "")
            case State.WAITING:
                _log.warn("model server died, {reason}; starting it again", reason=status.reason)
                self._ready.reset()
            case State.FAILED:
                _log.error("model server failed, {reason}", reason=status.reason)
                reason = f"the model server failed, {status.reason}"
                self._ready.miss(UpstreamUnavailable(reason))
            case State.STARTING | State.STOPPING | State.STOPPED:
                pass
