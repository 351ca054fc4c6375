"""Which URLs clients can be pointed at."""

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.testing import MemoryReactorClock

from localaik.settings import ServerSettings
from localaik.web import listen
from localaik.web.listen import WebService


class Port:
    """A listening port at an address; knows whether it was closed."""

    def __init__(self, address):
        self.address = address
        self.open = True

    def getHost(self):  # noqa: N802
        return self.address

    def stopListening(self):  # noqa: N802
        self.open = False


class Endpoint:
    def __init__(self, port):
        self.port = port

    async def listen(self, site):
        return self.port


ADDRESSES = {
    "tcp:1": IPv4Address("TCP", "127.0.0.1", 1111),
    "tcp:2": IPv4Address("TCP", "0.0.0.0", 2222),
    "tcp:3": IPv6Address("TCP", "::", 3333),
    "tcp:4": IPv6Address("TCP", "::1", 4444),
    "tcp:5": IPv4Address("TCP", "192.168.7.7", 5555),
    "unix:6": UNIXAddress(b"/run/x"),
}


@pytest.fixture
def ports(monkeypatch):
    """Have endpoints opened at the addresses above."""
    opened = {name: Port(address) for name, address in ADDRESSES.items()}
    monkeypatch.setattr(listen, "serverFromString", lambda _, name: Endpoint(opened[name]))
    return opened


def outcome(deferred):
    got = []
    deferred.addBoth(got.append)
    return got


@pytest.fixture
def make(make_site):
    def make(*descriptions, **settings):
        chosen = ServerSettings(listen=descriptions, **settings)
        return WebService(make_site(), chosen, MemoryReactorClock())

    return make


@pytest.mark.parametrize(
    ("description", "url"),
    [
        ("tcp:1", "http://127.0.0.1:1111"),
        ("tcp:2", "http://127.0.0.1:2222"),
        ("tcp:3", "http://[::1]:3333"),
        ("tcp:4", "http://[::1]:4444"),
        ("tcp:5", "http://192.168.7.7:5555"),
        ("unix:6", "UNIXAddress('/run/x')"),
    ],
)
def test_an_address_is_told_as_clients_can_use_it(make, ports, logged, description, url):
    service = make(description)
    service.startService()
    assert outcome(service.when_listening()) == [(url,)]
    assert logged.lines("localaik") == [f"listening on {url}"]


def test_all_ports_are_closed_by_a_stop(make, ports):
    service = make("tcp:1", "tcp:2")
    service.startService()
    assert ports["tcp:1"].open
    assert outcome(service.stopService()) == [None]
    assert not ports["tcp:1"].open
    assert not ports["tcp:2"].open


@pytest.mark.parametrize(
    ("descriptions", "number"),
    [(("tcp:1", "tcp:2"), 1111), (("unix:6", "tcp:2"), 2222), (("unix:6",), 0)],
)
def test_the_port_file_has_the_first_port(make, ports, tmp_path, descriptions, number):
    path = tmp_path / "port"
    service = make(*descriptions, port_file=str(path))
    service.startService()
    assert path.read_text() == f"{number}\n"
    service.stopService()
    assert not path.exists()


def test_a_port_file_of_an_earlier_run_is_replaced(make, ports, tmp_path):
    path = tmp_path / "port"
    path.write_text("1\n")
    make("tcp:1", port_file=str(path)).startService()
    assert path.read_text() == "1111\n"
