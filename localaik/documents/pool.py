"""The pool of page workers: started when they are needed, kept, and replaced when they die."""

from collections import deque
from collections.abc import Callable

import attrs
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from localaik.documents.plan import Job
from localaik.documents.process import Answer, PageProcess
from localaik.errors import BadRequest, LocalaikError, UpstreamUnavailable

Spawn = Callable[["WorkerPool"], PageProcess]


@attrs.define(eq=False)
class _Task:
    """A job and whoever waits for its answer."""

    job: Job
    answer: Deferred[Answer]
    timer: IDelayedCall | None = None


class WorkerPool:
    """At most `size` workers, each of which may take `timeout` seconds for a job.

    A worker whose job is given up, takes too long or crashes is killed, with the programs
    it runs; the next job starts another.  `clean_up` is called for each that has ended.
    """

    def __init__(
        self,
        spawn: Spawn,
        clock: IReactorTime,
        *,
        size: int,
        timeout: float,
        clean_up: Callable[[PageProcess], None],
    ) -> None:
        self._spawn = spawn
        self._clock = clock
        self._timeout = timeout
        self._clean_up = clean_up
        self._idle: list[PageProcess] = []
        self._busy: dict[PageProcess, _Task] = {}
        self._dying: dict[PageProcess, Deferred[None]] = {}
        self._waiting: deque[_Task] = deque()
        self.size = size

    def submit(self, job: Job) -> Deferred[Answer]:
        """Have a job done, in its turn; fires with the answer, and may be cancelled.

        Fails with BadRequest when the document is at fault, Unimplemented when a program
        is missing.
        """
        task = _Task(job, Deferred(lambda _: self._give_up(task)))
        self._waiting.append(task)
        self._assign()
        return task.answer

    def stop(self) -> Deferred[None]:
        """Kill all workers; fires when they are gone.  The next job starts new ones."""
        waiting, self._waiting = list(self._waiting), deque()
        busy = dict(self._busy)
        for worker in [*self._idle, *busy]:
            self._kill(worker)
        for task in [*busy.values(), *waiting]:
            task.answer.errback(UpstreamUnavailable("localaik is stopped"))
        gone: Deferred[None] = DeferredList(list(self._dying.values())).addCallback(lambda _: None)
        return gone

    def answered(self, worker: PageProcess, answer: Answer | LocalaikError) -> None:
        """Take an answer."""
        task = self._busy.pop(worker)
        self._stop_timer(task)
        self._idle.append(worker)
        self._assign()
        if isinstance(answer, LocalaikError):
            task.answer.errback(answer)
        else:
            task.answer.callback(answer)

    def exited(self, worker: PageProcess) -> None:
        """Learn of a worker's death, whether by us or by the document."""
        task = self._busy.get(worker)
        if worker not in self._dying:
            self._bury(worker)
        if task is not None:
            crashed = "the document made its reader crash or need too much memory or time"
            task.answer.errback(BadRequest(crashed))
        self._assign()

    def ended(self, worker: PageProcess) -> None:
        """Learn that nothing of a worker is left."""
        self._clean_up(worker)
        gone = self._dying.pop(worker)
        gone.callback(None)

    def _assign(self) -> None:
        while self._waiting:
            if not self._idle:
                if len(self._busy) >= self.size:
                    return
                self._idle.append(self._spawn(self))
            worker, task = self._idle.pop(), self._waiting.popleft()
            self._busy[worker] = task
            task.timer = self._clock.callLater(self._timeout, self._too_late, worker, task)
            worker.ask(task.job)

    def _give_up(self, task: _Task) -> None:
        if task in self._waiting:
            self._waiting.remove(task)
            return
        worker = next(worker for worker, busy in self._busy.items() if busy is task)
        self._kill(worker)
        self._assign()

    def _too_late(self, worker: PageProcess, task: _Task) -> None:
        task.timer = None
        self._kill(worker)
        self._assign()
        message = f"the document could not be read within {self._timeout:g} seconds"
        task.answer.errback(Failure(BadRequest(message)))

    def _kill(self, worker: PageProcess) -> None:
        self._bury(worker)
        worker.kill()

    def _bury(self, worker: PageProcess) -> None:
        task = self._busy.pop(worker, None)
        if task is not None:
            self._stop_timer(task)
        if worker in self._idle:
            self._idle.remove(worker)
        # Without a canceller: only `stop` waits for it, and the process always ends.
        self._dying[worker] = Deferred()

    def _stop_timer(self, task: _Task) -> None:
        if task.timer is not None:
            task.timer.cancel()
            task.timer = None
