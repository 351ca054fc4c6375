"""The pool of page workers, over processes that are only spoken of."""

import attrs
import pytest
from twisted.internet.defer import CancelledError

from localaik.documents.plan import Job
from localaik.documents.pool import WorkerPool
from localaik.documents.process import Answer
from localaik.errors import BadRequest, UpstreamUnavailable

DONE = Answer(None, ())


@attrs.define(eq=False)
class FakeWorker:
    """A worker whose answers and death the test tells."""

    pool: WorkerPool
    jobs: list = attrs.Factory(list)
    killed: bool = False

    def ask(self, job):
        self.jobs.append(job)

    def kill(self):
        self.killed = True

    def answer(self, answer=DONE):
        self.pool.answered(self, answer)

    def end(self):
        self.pool.exited(self)
        self.pool.ended(self)


class Factory:
    """Starts fake workers."""

    def __init__(self):
        self.all = []
        self.cleaned = []

    def __call__(self, pool):
        self.all.append(FakeWorker(pool))
        return self.all[-1]


@pytest.fixture
def workers():
    return Factory()


@pytest.fixture
def pool(workers, clock):
    return WorkerPool(workers, clock, size=2, timeout=10, clean_up=workers.cleaned.append)


def job(name):
    return Job(name, {})


def submit(pool, name):
    submitted = pool.submit(job(name))
    submitted.got = []
    submitted.addBoth(submitted.got.append)
    return submitted


def test_workers_start_when_there_is_work_and_stay(pool, workers, clock):
    assert workers.all == []
    first = submit(pool, "a")
    workers.all[0].answer()
    assert first.got == [DONE]
    submit(pool, "b")
    assert [worker.jobs for worker in workers.all] == [[job("a"), job("b")]]
    workers.all[0].answer()
    assert clock.getDelayedCalls() == []


def test_jobs_wait_for_a_free_worker_in_their_order(pool, workers):
    for name in "abcd":
        submit(pool, name)
    assert [worker.jobs for worker in workers.all] == [[job("a")], [job("b")]]
    workers.all[1].answer()
    workers.all[0].answer()
    assert [worker.jobs[-1] for worker in workers.all] == [job("d"), job("c")]


def test_an_error_leaves_the_worker_alive(pool, workers):
    failed = submit(pool, "a")
    workers.all[0].answer(BadRequest("why"))
    assert failed.got[0].value.message == "why"
    submit(pool, "b")
    assert len(workers.all) == 1


def test_a_worker_that_dies_costs_its_job_and_is_replaced(pool, workers):
    jobs = [submit(pool, name) for name in "abc"]
    workers.all[0].end()
    assert "crash" in jobs[0].got[0].value.message
    assert jobs[1].got == []
    assert workers.all[2].jobs == [job("c")]
    assert workers.cleaned == [workers.all[0]]


def test_an_idle_worker_that_dies_is_forgotten(pool, workers):
    submit(pool, "a")
    workers.all[0].answer()
    workers.all[0].end()
    submit(pool, "b")
    assert [worker.jobs for worker in workers.all] == [[job("a")], [job("b")]]


def test_a_worker_that_takes_too_long_is_killed(pool, workers, clock):
    slow = submit(pool, "a")
    clock.advance(10)
    assert workers.all[0].killed
    assert "within 10 seconds" in slow.got[0].value.message
    submit(pool, "b")
    assert workers.all[1].jobs == [job("b")]
    workers.all[0].end()
    workers.all[1].answer()


def test_waiting_does_not_count_as_work(pool, workers, clock):
    last = [submit(pool, name) for name in "abc"][-1]
    clock.advance(9)
    for worker in workers.all:
        worker.answer()
    clock.advance(9)
    assert last.got == []


def test_a_job_that_is_given_up_kills_its_worker(pool, workers):
    given_up = submit(pool, "a")
    given_up.cancel()
    assert workers.all[0].killed
    assert given_up.got[0].check(CancelledError)
    workers.all[0].end()


def test_a_job_that_waits_is_given_up_without_a_kill(pool, workers):
    jobs = [submit(pool, name) for name in "abc"]
    jobs[2].cancel()
    assert not any(worker.killed for worker in workers.all)
    workers.all[0].answer()
    assert workers.all[0].jobs == [job("a")]


def test_a_stop_kills_all_and_waits_for_their_ends(pool, workers):
    jobs = [submit(pool, name) for name in "abc"]
    stopped = []
    pool.stop().addBoth(stopped.append)
    assert all(worker.killed for worker in workers.all)
    assert all(one.got[0].check(UpstreamUnavailable) for one in jobs)
    for worker in workers.all:
        assert stopped == []
        worker.end()
    assert stopped == [None]
    submit(pool, "d")
    assert workers.all[2].jobs == [job("d")]
