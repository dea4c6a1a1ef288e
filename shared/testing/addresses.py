"""A resolver for tests: it knows some names, and their addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.reach.names import Answer


class Addresses:
    """A resolver that knows some names; the answers of each are given one after the other, the last one for good."""

    def __init__(self, names: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._names = {name: list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, answered: Answer) -> None:
        self.asked.append(host)
        answers = self._names.get(host, [()])
        answered(answers.pop(0) if len(answers) > 1 else answers[0])
