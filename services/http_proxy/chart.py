"""Bar charts as inline SVG: no script, no style attribute, readable at any width because only lengths are relative.

The page's style sheet colours them by the classes `bar`, `label` and `value`; without one they are grey and black.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_ROW = 38  # pixels: a line of text and its bar
_TEXT_Y, _BAR_Y, _BAR_HEIGHT = 15, 21, 9
_LONGEST_LABEL = 34  # characters beside a value, on the narrowest telephone
_COLUMNS_HEIGHT = 140
_FOOT = 20  # for the days below the columns


class Bar(NamedTuple):
    """`text` is the value in words and units, "1.2 GB"."""

    label: str
    value: int
    text: str


def bar_chart(title: str, bars: Sequence[Bar]) -> str:
    """One horizontal bar a line, the label above it on the left and the value on the right; "" when there are none."""
    if not bars:
        return ""
    most = max(1, *(bar.value for bar in bars))
    lines = "".join(_line(number * _ROW, bar, most) for number, bar in enumerate(bars))
    return _svg(title, len(bars) * _ROW, lines)


def column_chart(title: str, columns: Sequence[Bar]) -> str:
    """One column each, side by side, such as days; the first and last are named, the highest with its value."""
    if not columns:
        return ""
    most = max(1, *(column.value for column in columns))
    step = 100 / len(columns)
    top = _TEXT_Y + 6
    drawn = []
    for number, column in enumerate(columns):
        height = round(_COLUMNS_HEIGHT * column.value / most)
        left, width = (number + 0.08) * step, 0.84 * step
        drawn.append(
            f'<rect class="bar" fill="#888" x="{left:.2f}%" y="{top + _COLUMNS_HEIGHT - height}" '
            f'width="{width:.2f}%" height="{height}"><title>{_escape(f"{column.label}: {column.text}")}</title></rect>'
        )
    highest = max(columns, key=lambda column: column.value)
    foot = top + _COLUMNS_HEIGHT + _TEXT_Y
    drawn.append(_text("value", "0", _TEXT_Y, f"most: {highest.text} ({highest.label})"))
    drawn.append(_text("label", "0", foot, columns[0].label))
    if len(columns) > 1:
        drawn.append(_text("label", "100%", foot, columns[-1].label, anchor="end"))
    return _svg(title, top + _COLUMNS_HEIGHT + _FOOT, "".join(drawn))


def _line(top: int, bar: Bar, most: int) -> str:
    label = bar.label if len(bar.label) <= _LONGEST_LABEL else f"{bar.label[: _LONGEST_LABEL - 1]}…"
    return (
        f"<g><title>{_escape(bar.label)}: {_escape(bar.text)}</title>"
        + _text("label", "0", top + _TEXT_Y, label)
        + _text("value", "100%", top + _TEXT_Y, bar.text, anchor="end")
        + f'<rect class="bar" fill="#888" x="0" y="{top + _BAR_Y}" width="{100 * bar.value / most:.2f}%" '
        f'height="{_BAR_HEIGHT}"/></g>'
    )


def _text(kind: str, x: str, y: int, text: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{_escape(text)}</text>'


def _svg(title: str, height: int, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{_escape(title)}" '
        f'width="100%" height="{height}">{content}</svg>'
    )


def _escape(text: str) -> str:
    """Also without the characters that no XML may hold."""
    return escape("".join(character if character >= " " else "\ufffd" for character in text))
