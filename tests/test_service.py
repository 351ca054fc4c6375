"""The whole service tree in a reactor of its own, without sockets and processes."""

import json

import pytest
from twisted.internet.error import CannotListenError, ConnectionDone, ProcessTerminated
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from localaik import service as service_module
from localaik.errors import SettingsError, UpstreamUnavailable
from localaik.service import make_service
from localaik.settings import ModelSettings, ServerSettings, Settings, UpstreamSettings

URL = "http://us:SECRET@model.test:8080"


class Process:
    """A model child that is only spoken of."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.signals = []

    def signalProcess(self, name):  # noqa: N802
        self.signals.append(name)

    def serve(self, url):
        self.protocol.childDataReceived(3, json.dumps({"ready": url}).encode() + b"\n")

    def refuse(self, reason):
        self.protocol.childDataReceived(3, json.dumps({"failed": reason}).encode() + b"\n")
        self.end(None, 1)

    def end(self, signal, status=None):
        reason = ProcessTerminated(exitCode=status, signal=signal, status=0)
        self.protocol.processEnded(Failure(reason))


class Machine(MemoryReactorClock):
    """A reactor without sockets and processes."""

    def __init__(self):
        super().__init__()
        self.processes = []
        self.taken = set()

    def listenTCP(self, port, factory, backlog=50, interface=""):  # noqa: N802
        if port in self.taken:
            raise CannotListenError(interface, port, OSError("taken"))
        return super().listenTCP(port, factory, backlog, interface)

    def spawnProcess(self, protocol, *args, **kwargs):  # noqa: N802
        process = Process(protocol)
        protocol.makeConnection(process)
        self.processes.append(process)
        return process

    def get(self, path):
        """Begin to ask the site; returns a way to look at what came back."""
        transport = StringTransport()
        protocol = self.tcpServers[-1][1].buildProtocol(None)
        protocol.makeConnection(transport)
        protocol.dataReceived(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())

        def reply():
            protocol.connectionLost(Failure(ConnectionDone()))
            head, _, body = transport.value().partition(b"\r\n\r\n")
            return int(head.split()[1]), json.loads(body)

        return reply


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def make(machine, upstream, monkeypatch, logged):
    """Make the service over the fake upstream."""
    monkeypatch.setattr(service_module, "make_agent", lambda *_: upstream)

    def make(url=URL, server=None, model=None):
        settings = Settings(
            server=server or ServerSettings(),
            upstream=UpstreamSettings(url=url),
            model=model or ModelSettings(),
        )
        return make_service(settings, machine)

    return make


def outcome(deferred):
    got = []
    deferred.addBoth(got.append)
    return got


def answer_health(upstream):
    asked = upstream.asked()
    assert asked.method == "GET"
    asked.answer({"status": "ok"})


def test_nothing_runs_before_the_start(make, machine, upstream):
    service = make()
    assert outcome(service.when_listening()) == outcome(service.when_ready()) == []
    assert machine.tcpServers == []
    assert machine.getDelayedCalls() == []
    assert upstream.idle()


def test_it_tells_where_it_listens(make, machine):
    service = make(server=ServerSettings(port=8090))
    early = outcome(service.when_listening())
    service.startService()
    ((port, _, _, interface),) = machine.tcpServers
    assert (port, interface) == (8090, "127.0.0.1")
    assert early == outcome(service.when_listening()) == [("http://127.0.0.1:8090",)]


def test_it_listens_on_all_endpoints(make, machine):
    listen = ("tcp:1:interface=127.0.0.1", "tcp:2")
    service = make(server=ServerSettings(listen=listen))
    service.startService()
    assert [server[0] for server in machine.tcpServers] == [1, 2]
    assert outcome(service.when_listening()) == [("http://127.0.0.1:1", "http://127.0.0.1:2")]


@pytest.mark.parametrize("description", ["tcp:1", "nonsense", "tcp:x", "unix"])
def test_an_endpoint_that_cannot_be_opened_is_told(make, machine, description):
    machine.taken.add(1)
    service = make(server=ServerSettings(listen=(description,)))
    service.startService()
    (failure,) = outcome(service.when_listening())
    assert failure.check(SettingsError)
    assert failure.getErrorMessage().startswith(f"cannot listen on {description}: ")
    assert outcome(service.stopService()) == [None]


def test_the_port_file_is_there_while_it_listens(make, tmp_path):
    path = tmp_path / "port"
    service = make(server=ServerSettings(port=8090, port_file=str(path)))
    service.startService()
    assert path.read_text() == "8090\n"
    assert [one.name for one in tmp_path.iterdir()] == ["port"]
    service.stopService()
    assert list(tmp_path.iterdir()) == []


def test_a_port_file_that_cannot_be_written_is_told(make, tmp_path):
    path = tmp_path / "missing" / "port"
    service = make(server=ServerSettings(port_file=str(path)))
    service.startService()
    (failure,) = outcome(service.when_listening())
    assert failure.check(SettingsError)
    assert failure.getErrorMessage().startswith(f"cannot write {path}: ")
    assert outcome(service.stopService()) == [None]


def test_it_is_ready_when_the_upstream_answers(make, machine, upstream):
    service = make()
    ready = outcome(service.when_ready())
    service.startService()
    upstream.asked().answer(b"", status=503)
    machine.advance(0.25)
    upstream.asked().answer(b"", status=500)
    assert ready == []
    machine.advance(0.25)
    answer_health(upstream)
    assert ready == outcome(service.when_ready()) == [None]
    assert upstream.idle()


def test_stopping_before_it_is_ready_is_told_to_who_waits(make, machine, upstream):
    service = make()
    service.startService()
    ready = outcome(service.when_ready())
    assert outcome(service.stopService()) == [None]
    assert upstream.asked().cancelled
    assert ready[0].check(UpstreamUnavailable)
    assert ready[0].value.message == "localaik is stopped"
    assert machine.getDelayedCalls() == []


def test_it_starts_and_stops_many_times(make, machine, upstream):
    service = make()
    for _ in range(3):
        service.startService()
        ready = outcome(service.when_ready())
        answer_health(upstream)
        assert ready == [None]
        assert outcome(service.when_listening()) == [("http://127.0.0.1:8090",)]
        assert outcome(service.stopService()) == [None]
        assert outcome(service.when_ready())[0].check(UpstreamUnavailable)
        assert machine.getDelayedCalls() == []


def test_whoever_waits_for_a_new_start_gets_that_one(make, upstream):
    service = make()
    service.startService()
    answer_health(upstream)
    service.stopService()
    listening = outcome(service.when_listening())
    assert listening == []
    service.startService()
    assert listening == [("http://127.0.0.1:8090",)]


def test_health_names_the_upstream_without_credentials(make, machine, upstream, logged):
    service = make()
    service.startService()
    upstream.asked().answer(b"", status=503)
    reply = machine.get("/health")
    asked = upstream.asked()
    assert asked.url == "http://model.test:8080/health"
    asked.answer({"error": {"message": "Loading model"}}, status=503)
    assert reply() == (
        503,
        {
            "status": "unavailable",
            "upstream": "http://model.test:8080",
            "reason": "Loading model",
        },
    )
    assert "SECRET" not in "\n".join(logged.lines())
    service.stopService()


# With a model server of its own.


def test_health_follows_the_model_server(make, machine, upstream):
    service = make(url=None)
    service.startService()
    ready = outcome(service.when_ready())
    loading = {
        "status": "unavailable",
        "upstream": "model server (starting)",
        "reason": "the model is loading",
    }
    assert machine.get("/health")() == (503, loading)
    machine.processes[0].serve("http://127.0.0.1:1111")
    assert ready == []
    asked = upstream.asked()
    assert asked.url == "http://127.0.0.1:1111/health"
    asked.answer({"status": "ok"})
    assert ready == [None]
    reply = machine.get("/health")
    answer_health(upstream)
    assert reply() == (200, {"status": "ok"})

    machine.processes[0].end(9)
    waiting = loading | {"upstream": "model server (waiting)"}
    assert machine.get("/readyz")() == (503, waiting)
    machine.advance(1)
    machine.processes[1].serve("http://127.0.0.1:2222")
    reply = machine.get("/readyz")
    asked = upstream.asked()
    assert asked.url == "http://127.0.0.1:2222/health"
    asked.answer({"status": "ok"})
    assert reply() == (200, {"status": "ok"})


def test_a_model_that_cannot_run_is_told_with_the_reason(make, machine):
    service = make(url=None)
    service.startService()
    ready = outcome(service.when_ready())
    machine.processes[0].refuse("llama.cpp cannot load the model")
    reason = "the model server failed, llama.cpp cannot load the model"
    assert ready[0].check(UpstreamUnavailable)
    assert ready[0].value.message == reason
    status, body = machine.get("/health")()
    assert (status, body["reason"], body["upstream"]) == (503, reason, "model server (failed)")


def test_stopping_waits_for_the_end_of_the_model_server(make, machine, logged):
    service = make(url=None)
    service.startService()
    ready = outcome(service.when_ready())
    stopped = outcome(service.stopService())
    (process,) = machine.processes
    assert (stopped, process.signals) == ([], ["TERM"])
    process.end(15)
    assert stopped == [None]
    assert ready[0].check(UpstreamUnavailable)
    assert machine.getDelayedCalls() == []


def test_a_model_that_is_not_there_is_told_at_once(make):
    with pytest.raises(SettingsError):
        make(url=None, model=ModelSettings(model="/nowhere/x.gguf"))
