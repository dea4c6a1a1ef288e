"""The end of an element that is not shown: its end tag, or what implies it (HTML Standard §13.1.2.4)."""

from __future__ import annotations

MOST_OPEN = 32  # elements inside that are known by name; what is deeper is counted


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID = _names("area base br col embed hr img input link meta param source track wbr")
_P_ENDS_BEFORE = _names(
    "address article aside blockquote details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hgroup hr main menu nav ol p pre search section table ul"
)
# By an element, which others its start ends, and the elements that they cannot end beyond.
_CELLS, _ROWS = frozenset(("td", "th")), frozenset(("tr", "td", "th"))
_BODIES = frozenset(("tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup"))
_TABLE, _LISTS = frozenset(("table", "template")), frozenset(("ul", "ol", "menu", "template"))
_ENDS_BEFORE = {
    "li": (frozenset(("li",)), _LISTS),
    **dict.fromkeys(("dt", "dd"), (frozenset(("dt", "dd")), frozenset(("dl", "template")))),
    **dict.fromkeys(_CELLS, (_CELLS, _TABLE)),
    "tr": (_ROWS, _TABLE),
    **dict.fromkeys(("tbody", "thead", "tfoot"), (_BODIES, _TABLE)),
    **dict.fromkeys(("option", "optgroup"), (frozenset(("option",)), frozenset(("select", "datalist", "template")))),
    **dict.fromkeys(
        _P_ENDS_BEFORE, (frozenset(("p",)), frozenset(("button", "td", "th", "object", "table", "template")))
    ),
}
_END_MAY_BE_LEFT_OUT = frozenset(
    ("p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "optgroup", "caption", "colgroup")
)


class HiddenElement:
    """One that was begun. start() and end() say for each tag inside whether it goes on after that."""

    def __init__(self, name: str) -> None:
        self._open = [name]
        self._deeper = 0  # elements beyond the last that has a name here

    def start(self, name: str) -> bool:
        """A start tag; when the answer is False it is outside."""
        if not self._deeper and name in _ENDS_BEFORE:
            ended, beyond = _ENDS_BEFORE[name]
            for at in range(len(self._open) - 1, -1, -1):
                if self._open[at] in ended:
                    del self._open[at:]
                elif self._open[at] in beyond:
                    break
            if not self._open:
                return False
        if name not in VOID:
            if len(self._open) < MOST_OPEN:
                self._open.append(name)
            else:
                self._deeper += 1
        return True

    def end(self, name: str) -> bool:
        """An end tag; of an element that was begun outside it ends only what needs no end tag of its own."""
        if self._deeper:
            self._deeper -= 1
        elif name in self._open:
            while self._open.pop() != name:
                pass
        elif name != "p" and self._open[0] in _END_MAY_BE_LEFT_OUT and name in _PARENTS:
            self._open.clear()
        return bool(self._open)


_PARENTS = _names(
    "ul ol menu dl table tr tbody thead tfoot select datalist div section article aside main header footer nav form "
    "blockquote body html td th details figure fieldset"
)
