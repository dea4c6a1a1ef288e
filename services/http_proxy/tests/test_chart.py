"""Charts that any page can hold."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

from services.http_proxy.chart import Bar, bar_chart, column_chart

RECT, TEXT, TITLE = ("{http://www.w3.org/2000/svg}" + name for name in ("rect", "text", "title"))


def test_bars_are_as_long_as_their_values() -> None:
    chart = ElementTree.fromstring(bar_chart("Use", [Bar("a", 200, "200 B"), Bar("b", 50, "50 B"), Bar("c", 0, "0 B")]))
    assert [bar.attrib["width"] for bar in chart.iter(RECT)] == ["100.00%", "25.00%", "0.00%"]
    assert [text.text for text in chart.iter(TEXT)] == ["a", "200 B", "b", "50 B", "c", "0 B"]
    assert chart.attrib["aria-label"] == "Use"


def test_columns_stand_side_by_side_from_one_ground() -> None:
    days = [Bar(f"day {number}", number, str(number)) for number in range(5)]
    chart = ElementTree.fromstring(column_chart("Days", days))
    columns = [{name: float(value.rstrip("%")) for name, value in bar.attrib.items() if name in "x y width height"}
               for bar in chart.iter(RECT)]  # fmt: skip
    assert len({column["y"] + column["height"] for column in columns}) == 1
    assert [column["height"] for column in columns] == [0, 35, 70, 105, 140]
    assert all(a["x"] + a["width"] <= b["x"] for a, b in pairwise(columns))
    assert "most: 4 (day 4)" in [text.text for text in chart.iter(TEXT)]


def test_labels_of_strangers_are_cut_and_escaped() -> None:
    name = '<script>&"\x00\x1b' + "x" * 300
    chart = ElementTree.fromstring(bar_chart('"', [Bar(name, 1, "<b>")]) + "")
    shown = next(chart.iter(TEXT)).text
    assert shown is not None
    assert shown.startswith('<script>&"\ufffd\ufffd')
    assert len(shown) < 40
    assert "x" * 300 in (next(chart.iter(TITLE)).text or "")


def test_nothing_has_no_chart() -> None:
    assert bar_chart("Use", []) == column_chart("Use", []) == ""
    assert "0.00%" in bar_chart("Use", [Bar("a", 0, "0")])
