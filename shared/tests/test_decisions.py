"""The decisions in docs/decisions have a number each, and the list there has all of them with their titles."""

from __future__ import annotations

import re
from pathlib import Path

DECISIONS = Path(__file__).resolve().parents[2] / "docs" / "decisions"


def test_each_decision_has_a_number_of_its_own_and_is_in_the_list() -> None:
    listed = re.findall(
        r"^- \[(\d+)\]\((\d{4}-[\w-]+\.md)\): (.+)$", (DECISIONS / "README.md").read_text(), re.MULTILINE
    )
    titles = [
        (number, file.name, title)
        for file in sorted(DECISIONS.glob("0*.md"))
        for number, title in re.findall(r"\A# (\d+)\. (.+)$", file.read_text(), re.MULTILINE)
    ]
    assert listed == titles
    assert [int(number) for number, _, _ in titles] == list(range(1, len(titles) + 1))
    assert [int(name[:4]) for _, name, _ in titles] == list(range(1, len(titles) + 1))
