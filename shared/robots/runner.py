"""The runner of a process: it answers mail to robots as soon as it has come, one message after the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.accounts.account import Account
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.mail.robots import ROBOTS
from shared.robots.answer import RobotAnswer, answer_mail
from shared.robots.channel import ROBOT_JOBS
from shared.robots.claim_job import ALL, MOST_LEASES, JobsOf, claim_job, give_back
from shared.robots.errors import LeaseLost
from shared.robots.finish_job import finish_job, forget_done
from shared.robots.job import RobotJob
from shared.robots.parts import RobotParts
from shared.robots.query import RobotQuery, read_query
from shared.robots.refusals import notice, refusal
from shared.robots.robot import Robot, Work, says
from shared.robots.table import TABLE
from shared.runtime.until_quiet import UntilQuiet

LOOK_EVERY = timedelta(seconds=5)  # should news be lost, or another process die; an index without rows is asked
WAIT = timedelta(seconds=10)  # until a message is tried again while the store, say, is full


class RobotRunner:
    """One for each process that answers; any number of them share the mail by leases."""

    _log = Logger()

    def __init__(self, parts: RobotParts, bus: Bus, table: Mapping[str, Robot] = TABLE, jobs: JobsOf = ALL) -> None:
        """`jobs`: the robots whose messages it takes; by default all."""
        self._parts = parts
        self._jobs = jobs
        self._table = table
        self._is_closed = False
        self._answering = UntilQuiet(self._answer_all, "answering mail to robots")
        self._watch = bus.watch(ROBOT_JOBS, EVERYTHING, self._look)
        self._looks = LoopingCall(self._look)
        self._looks.clock = parts.reactor
        self._looks.start(LOOK_EVERY.total_seconds(), now=True)

    async def close(self) -> None:
        """Begin nothing more; the message under way is left to its lease if the process ends before it is done."""
        self._is_closed = True
        self._looks.stop()
        self._watch.stop()

    def _look(self, _position: int | None = None) -> None:
        if not self._is_closed:
            self._answering.look()

    async def _answer_all(self) -> None:
        """Raises StoreUnavailable, StatementTimedOut: the next look is soon."""
        database = self._parts.database
        while not self._is_closed:
            database.free_space.check()
            job = await database.transact(claim_job, self._jobs)
            if job is None:
                return
            await self._answer(job)
            await database.transact(forget_done)

    async def _answer(self, job: RobotJob) -> None:
        """Answer one message. What is temporary leaves it for a later attempt."""
        account = await self._account(job)
        query = read_query(job, account)
        try:
            try:
                await self._finish(job, query, await self._work(job, query))
            except LeaseLost:
                raise
            except DomainError as error:
                if error.temporary:
                    raise
                await self._finish(job, query, says(refusal(query, error)))
        except LeaseLost:
            self._log.warn("message {job} to {robot}: another process has it", job=job.id, robot=job.robot)
        except DomainError as error:
            self._log.warn("message {job} to {robot} waits: {error!r}", job=job.id, robot=job.robot, error=error)
            await self._parts.database.transact(give_back, job, WAIT)
        except Exception:
            self._log.failure("message {job} to {robot} could not be answered", job=job.id, robot=job.robot)
            await self._finish(job, query, says(refusal(query, None)))

    async def _account(self, job: RobotJob) -> Account | None:
        """Who is proved; a stranger else."""
        if not job.is_proved or job.account_id is None:
            return None
        try:
            account = await self._parts.database.read(find_account_by_id, job.account_id)
        except AccountNotFound:
            return None
        return account if account.enabled else None

    async def _work(self, job: RobotJob, query: RobotQuery) -> Work:
        if job.is_notice:
            return says(notice(ROBOTS[job.robot].most_an_hour))
        robot = self._table.get(job.robot)
        if robot is None or job.lease > MOST_LEASES:
            self._log.error("message {job} to {robot} is given up", job=job.id, robot=job.robot)
            return says(refusal(query, None))
        return await robot(self._parts, query)

    async def _finish(self, job: RobotJob, query: RobotQuery, work: Work) -> None:
        now = self._parts.now()

        def mail(tx: Transaction) -> bytes:
            answer: RobotAnswer = work(tx)
            return answer_mail(job, query, answer, self._parts.hostname, now)

        taken = await self._parts.database.transact(finish_job, job, mail, now)
        self._log.info(
            "{robot} has answered message {job}{note}",
            robot=job.robot,
            job=job.id,
            note="" if taken else ", but the mailbox takes nothing",
        )
