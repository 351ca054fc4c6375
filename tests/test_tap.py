"""The command line."""

import signal

import pytest
from twisted.application.service import Application, IServiceMaker, Service
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import ILogObserver
from twisted.plugin import getPlugins
from twisted.python import usage

from localaik import __version__, tap
from localaik.errors import SettingsError
from localaik.logs import JSONLinesObserver
from localaik.options import OPTIONS
from localaik.tap import CommandService, Options


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """Give the reactor that the command runs in."""
    reactor = MemoryReactorClock()
    reactor.running = False
    monkeypatch.setattr(tap, "_reactor", lambda: reactor)
    return reactor


@pytest.fixture(autouse=True)
def environ(monkeypatch):
    """Give the environment that the command line sees; nothing in it by default."""
    variables = {}
    monkeypatch.setattr(tap.os, "environ", variables)
    return variables


def parse(*words):
    options = Options()
    options.parseOptions(list(words))
    return options.settings


def test_the_plugin_is_found():
    (plugin,) = [one for one in getPlugins(IServiceMaker) if one.tapname == "localaik"]
    assert plugin.module == "localaik.tap"


def test_without_options_all_is_default():
    assert parse().sources == ()


def test_options_and_variables_are_resolved(environ):
    environ["LK_DRAIN"] = "3"
    environ["PORT"] = "1"
    settings = parse("--port", "2")
    assert (settings.server.port, settings.server.drain) == (2, 3.0)
    assert [(one.name, one.origin) for one in settings.sources] == [
        ("port", "--port"),
        ("drain", "LK_DRAIN"),
    ]


def test_an_endpoint_may_be_given_more_than_once():
    settings = parse("--listen", "tcp:1", "--listen=tcp:2")
    assert settings.server.listen == ("tcp:1", "tcp:2")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--port", "x"], "--port: expected a port number from 0 to 65535, got 'x'"),
        (["--mmproj", "x"], "--mmproj: needs --model as well"),
    ],
)
def test_what_cannot_be_used_is_a_usage_error(words, message):
    with pytest.raises(usage.UsageError) as failure:
        parse(*words)
    assert str(failure.value) == message


@pytest.mark.parametrize("words", [["--nothing"], ["more"]])
def test_what_is_not_known_is_a_usage_error(words):
    with pytest.raises(usage.UsageError):
        parse(*words)


def test_the_help_has_every_option_with_its_variable():
    text = " ".join(str(Options()).split())
    for option in OPTIONS:
        assert f"--{option.name}=" in text
        assert f"[{option.variable}" in text


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as end:
        parse("--version")
    assert not end.value.code
    assert capsys.readouterr().out == f"localaik {__version__}\n"


class FakeService(Service):
    """localaik without its parts."""

    def __init__(self):
        self.listening = Deferred()

    def when_listening(self):
        return self.listening


def test_the_start_tells_the_version_and_what_was_chosen(logged, environ):
    environ["LK_UPSTREAM_AUTH_HEADER"] = "X-Key: SECRET"
    settings = parse("--upstream", "http://u:SECRET@model.test/v1")
    service = CommandService(FakeService(), settings)
    service.startService()
    assert logged.lines("localaik") == [
        f"localaik {__version__}",
        "upstream is http://model.test/v1 (from --upstream)",
        "upstream-auth-header is (hidden) (from LK_UPSTREAM_AUTH_HEADER)",
    ]


def test_a_start_that_fails_before_the_reactor_runs_ends_the_process(logged):
    localaik = FakeService()
    localaik.listening.errback(SettingsError("cannot listen on tcp:1: taken"))
    with pytest.raises(SystemExit) as end:
        CommandService(localaik, parse()).startService()
    assert end.value.code == "localaik: cannot listen on tcp:1: taken"


def test_a_start_that_fails_later_stops_the_reactor(logged, machine):
    localaik = FakeService()
    CommandService(localaik, parse()).startService()
    machine.running = True
    localaik.listening.errback(SettingsError("cannot listen on tcp:1: taken"))
    assert machine.hasStopped
    assert logged.lines("localaik")[-1] == "localaik: cannot listen on tcp:1: taken"


def test_sigterm_stops_the_reactor(logged, machine, monkeypatch):
    taken = {}
    monkeypatch.setattr(tap.signal, "signal", taken.__setitem__)
    CommandService(FakeService(), parse()).startService()
    assert taken == {}
    for call, arguments, named in machine.whenRunningHooks:
        call(*arguments, **named)
    monkeypatch.setattr(machine, "callFromThread", lambda call: call(), raising=False)
    taken[signal.SIGTERM](signal.SIGTERM, None)
    assert machine.hasStopped


@pytest.mark.parametrize(("log_format", "chosen"), [("json", True), ("text", False)])
def test_the_format_of_the_log_is_told_to_twistd(log_format, chosen):
    application = Application("test")
    CommandService(FakeService(), parse("--log-format", log_format)).setServiceParent(application)
    observer = application.getComponent(ILogObserver)
    assert isinstance(observer, JSONLinesObserver) == chosen
