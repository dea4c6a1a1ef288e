"""Reports for spreadsheets."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_report import csv_report


def test_numbers_stay_numbers_and_lines_end_as_the_format_says() -> None:
    assert csv_report(["host", "octets"], [("example.org", -5), ('a"b,c', 0)]) == (
        'host,octets\r\nexample.org,-5\r\n"a""b,c",0\r\n'
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    _, (cell,) = csv.reader(io.StringIO(csv_report(["host"], [(text,)]), newline=""))
    assert cell == f"'{text}"


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.integers())))
def test_every_cell_can_be_read_back(rows: list[tuple[str, int]]) -> None:
    _, *read = csv.reader(io.StringIO(csv_report(["host", "octets"], rows), newline=""))
    assert [(cell.removeprefix("'"), int(number)) for cell, number in read] == [
        (text.removeprefix("'"), number) for text, number in rows
    ]
