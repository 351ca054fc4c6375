"""The command line of ``twistd localaik``: the only module that knows the environment.

It is found through the plugin in ``twisted/plugins`` and through `localaik.__main__`.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from twisted.application.service import IServiceCollection, MultiService
from twisted.logger import ILogObserver, Logger
from twisted.python import usage
from twisted.python.components import Componentized
from twisted.python.failure import Failure

from localaik import __version__
from localaik.errors import SettingsError
from localaik.logs import make_observer
from localaik.options import OPTIONS, option_named
from localaik.service import LocalaikService, make_service
from localaik.settings import Settings

_log = Logger(namespace="localaik")


def _repeatable(name: str) -> Callable[["Options", str], None]:
    """Make the method that takes an option each time it is given."""

    def take(options: "Options", value: str) -> None:
        options.setdefault(name, []).append(value)

    take.__doc__ = option_named(name).describe()
    return take


class Options(usage.Options):
    """The command line, made from the settings table; every option defaults to None."""

    synopsis = "[options]"
    longdesc = (
        "Serves the Gemini and OpenAI APIs on one port, answered by a local model."
        " Each option has an environment variable; the option beats the variable."
    )
    optParameters = [  # noqa: N815, RUF012 -- Twisted reads it from the class
        [option.name, None, None, option.describe()] for option in OPTIONS if not option.repeatable
    ]

    def __init__(self) -> None:
        # Twisted's is not typed; with this one, whoever makes Options needs no exception.
        super().__init__()

    def getSynopsis(self) -> str:  # noqa: N802
        """Say how the command is used, on its own or behind twistd."""
        return "Usage: localaik [options]" if self.parent is None else super().getSynopsis()

    def read(self, arguments: Sequence[str]) -> None:
        """Read a command line.

        Raises: usage.UsageError when it cannot be read.
        """
        self.parseOptions(list(arguments))

    opt_listen = _repeatable("listen")

    opt_file_root = _repeatable("file-root")

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"localaik {__version__}")  # noqa: T201 -- a command's answer
        sys.exit(0)

    def postOptions(self) -> None:  # noqa: N802
        """Resolve the settings, and complain in the way of command lines."""
        try:
            self.settings = Settings.resolve(self, os.environ)
        except SettingsError as error:
            raise usage.UsageError(str(error)) from None


class CommandService(MultiService):
    """localaik as a command: it says how it is set, and gives up when it cannot listen."""

    def __init__(self, service: LocalaikService, settings: Settings) -> None:
        super().__init__()
        self._service = service
        self._settings = settings
        service.setServiceParent(self)

    def setServiceParent(self, parent: IServiceCollection) -> None:  # noqa: N802
        """Choose the log's format, which twistd looks up on the application."""
        super().setServiceParent(parent)
        if isinstance(parent, Componentized) and self._settings.log.format == "json":
            parent.setComponent(ILogObserver, make_observer("json", sys.stdout))

    def startService(self) -> None:  # noqa: N802
        """Start everything, or end the process with the reason."""
        _log.info("localaik {version}", version=__version__)
        for source in self._settings.sources:
            _log.info(
                "{name} is {value} (from {origin})",
                name=source.name,
                value=source.value,
                origin=source.origin,
            )
        super().startService()
        trouble: list[str] = []
        self._service.when_listening().addErrback(_give_up, trouble)
        if trouble:
            raise SystemExit(trouble[0])
        _end_well()


def makeService(options: Options) -> CommandService:  # noqa: N802
    """Make the service that twistd, twist and the console script run."""
    try:
        return CommandService(make_service(options.settings, _reactor()), options.settings)
    except SettingsError as error:
        # Too late for a usage error; this is how twistd's own plugins end.
        raise SystemExit(f"localaik: {error}") from None


def _give_up(failure: Failure, trouble: list[str]) -> None:
    """End the process; before the reactor runs, that is for whoever reads `trouble`."""
    failure.trap(SettingsError)
    message = f"localaik: {failure.getErrorMessage()}"
    trouble.append(message)
    if _reactor().running:
        _log.critical("{message}", message=message)
        _reactor().stop()


def _end_well() -> None:
    """Let SIGTERM end the process with status 0, after everything is stopped in order.

    Twisted would end it by the same signal again, which containers report as a failure.
    """

    def stop(*_: object) -> None:
        _reactor().callFromThread(_reactor().stop)

    _reactor().callWhenRunning(signal.signal, signal.SIGTERM, stop)


def _reactor() -> Any:
    from twisted.internet import reactor

    return reactor
