import pytest
from twisted.internet.defer import CancelledError

from localaik.errors import SettingsError, UpstreamUnavailable
from localaik.llama.service import ModelService
from localaik.llama.status import State
from localaik.settings import ModelSettings


@pytest.fixture
def service(processes):
    return ModelService(ModelSettings(), processes)


def outcome(deferred):
    results = []
    deferred.addBoth(results.append)
    assert results, "it has not fired"
    return results[0]


def message(deferred):
    failure = outcome(deferred)
    failure.trap(UpstreamUnavailable)
    return failure.value.message


def test_a_wrong_model_is_told_before_anything_starts(processes):
    with pytest.raises(SettingsError, match="no model 'none'"):
        ModelService(ModelSettings(model="none"), processes)
    with pytest.raises(SettingsError, match="no executable file '/none'"):
        ModelService(ModelSettings(llama_server="/none"), processes)


def test_the_model_has_a_published_name(service):
    assert service.model_name == "tiny"


def test_all_who_wait_hear_the_url(service, processes):
    early = service.when_ready()
    service.startService()
    late = service.when_ready()
    assert not early.called
    processes.last.announce(ready="http://127.0.0.1:1")
    assert outcome(early) == outcome(late) == "http://127.0.0.1:1"
    assert outcome(service.when_ready()) == "http://127.0.0.1:1"
    assert service.status.url == "http://127.0.0.1:1"


def test_waiting_goes_on_through_a_death(service, processes):
    service.startService()
    processes.last.announce(ready="http://127.0.0.1:1")
    processes.last.end(signal=9)
    waiting = service.when_ready()
    assert not waiting.called
    assert service.status.reason == "it was ended by SIGKILL"
    processes.advance(0)
    processes.last.announce(ready="http://127.0.0.1:2")
    assert outcome(waiting) == "http://127.0.0.1:2"


def test_those_who_wait_hear_of_a_failure(service, processes):
    service.startService()
    waiting = service.when_ready()
    processes.last.announce(failed="llama.cpp cannot load the model")
    processes.last.end(status=1)
    expected = "the model server failed, llama.cpp cannot load the model"
    assert message(waiting) == expected
    assert message(service.when_ready()) == expected


def test_those_who_wait_hear_of_a_stop(service, processes):
    service.startService()
    waiting = service.when_ready()
    stopped = service.stopService()
    assert message(waiting) == "the model server is stopped"
    assert message(service.when_ready()) == "the model server is stopped"
    assert processes.last.signals == ["TERM"]
    assert not stopped.called
    processes.last.end(signal=15)
    assert outcome(stopped) is None
    assert message(service.when_ready()) == "the model server is stopped"
    assert processes.getDelayedCalls() == []


def test_a_stopped_service_can_be_started_again(service, processes):
    service.startService()
    service.stopService()
    service.startService()
    waiting = service.when_ready()
    processes.last.end(signal=15)
    processes.last.announce(ready="http://127.0.0.1:2")
    assert outcome(waiting) == "http://127.0.0.1:2"


def test_a_failed_service_can_be_started_again(service, processes):
    service.startService()
    processes.last.announce(failed="no")
    processes.last.end(status=1)
    service.stopService()
    service.startService()
    assert service.status.state is State.STARTING
    assert not service.when_ready().called


def test_waiting_can_be_cancelled(service, processes):
    service.startService()
    cancelled, other = service.when_ready(), service.when_ready()
    cancelled.addErrback(lambda failure: failure.trap(CancelledError))
    cancelled.cancel()
    processes.last.announce(ready="u")
    assert outcome(cancelled) is CancelledError
    assert outcome(other) == "u"


def test_one_who_hears_may_stop_the_service(service, processes):
    service.startService()
    service.when_ready().addCallback(lambda _: service.stopService())
    processes.last.announce(ready="u")
    assert service.status.state is State.STOPPING
