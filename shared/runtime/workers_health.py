"""The health port of a service with several workers: one page from all of theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.web.client import Agent, readBody

from shared.runtime.health import Condition, State
from shared.runtime.metrics import merge
from shared.runtime.workers import Workers

LONGEST_ANSWER_SECONDS = 4.0  # a worker itself answers within 2 s for each dependency
_BADNESS = [State.OK, State.DEGRADED, State.AWAY]


class WorkersHealth:
    """Asks every worker that serves, each on its own private port."""

    def __init__(self, reactor: Any, workers: Workers) -> None:
        self._reactor = reactor
        self._workers = workers
        self._agent = Agent(reactor, connectTimeout=LONGEST_ANSWER_SECONDS)
        self.leaving = False

    async def conditions(self) -> Mapping[str, Condition]:
        """The worst condition that any worker reports of each dependency.

        One worker that serves is enough to be ready.
        """
        answers = [json.loads(page) for page in (await self._ask("/readyz")).values()]
        combined = {"workers": self._presence(len(answers))}
        for answer in answers:
            for name, told in answer.items():
                if name == "ready":
                    continue
                condition = Condition(State(told["state"]), told["reason"])
                known = combined.get(name, condition)
                combined[name] = max(known, condition, key=lambda each: _BADNESS.index(each.state))
        return combined

    async def metrics(self) -> bytes:
        """The numbers of all, each with the label `worker`."""
        return merge(await self._ask("/metrics"))

    def _presence(self, answered: int) -> Condition:
        if self.leaving:
            return Condition(State.AWAY, "leaving")
        of_all = f"{answered} of {len(self._workers.row)} serve"
        if answered == 0:
            return Condition(State.AWAY, of_all)
        return Condition(State.OK if answered == len(self._workers.row) else State.DEGRADED, of_all)

    async def _ask(self, path: str) -> Mapping[str, str]:
        ports = self._workers.health_ports()
        questions = [Deferred.fromCoroutine(self._ask_one(port, path)) for port in ports.values()]
        answers = await gatherResults(questions)
        return {number: answer for number, answer in zip(ports, answers, strict=True) if answer is not None}

    async def _ask_one(self, port: int, path: str) -> str | None:
        try:
            answer = Deferred.fromCoroutine(self._fetch(port, path))
            return await answer.addTimeout(LONGEST_ANSWER_SECONDS, self._reactor)
        except Exception:
            return None  # it has just died, or hangs: _presence() counts those

    async def _fetch(self, port: int, path: str) -> str:
        response = await self._agent.request(b"GET", f"http://127.0.0.1:{port}{path}".encode())
        body: bytes = await readBody(response)
        return body.decode()
