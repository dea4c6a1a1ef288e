"""The text of an HTML page that comes in pieces: tags, comments, scripts, styles and what is hidden left out.

No tree is built and nothing is looked at twice, so that time grows with the page's size whatever is in it. States are
those of the HTML Standard §13.2.5 as far as they decide what is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from shared.access.words.page_text.attributes import READ_CHARACTERS, hides, may_hide
from shared.access.words.page_text.hidden import VOID, HiddenElement

# Their content is not shown, or not as text.
_SKIPPED = frozenset(("script", "style", "noscript", "noembed", "noframes", "iframe", "xmp"))
_TEXT_ONLY = frozenset(("title", "textarea"))  # no tags inside but their own end
_TEMPLATE = "template"
# Tags that may stand inside a word. `a` and `span` are not among them: menus set links side by side without a space.
_IN_WORDS = frozenset(
    [
        "b",
        "bdi",
        "bdo",
        "big",
        "del",
        "em",
        "font",
        "i",
        "ins",
        "mark",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "wbr",
    ]
)
_LONGEST_NAME = 32  # characters; no element has a longer name, so that only the beginning is kept
_NAME = re.compile(rf"</?+[a-zA-Z][^\s/>]{{0,{_LONGEST_NAME - 1}}}+")
# A tag from < to >; a quote opens a value only after "=" (§13.2.5.37). Possessive: never tries another way.
_WHOLE_TAG = re.compile(
    rf"<(/?+)([a-zA-Z][^\s/>]{{0,{_LONGEST_NAME - 1}}}+)"
    r"(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+|(?=>)))*+>"
)
_IN_TAG_STOPS = re.compile(r"[>=]")
_VALUE_END = re.compile(r"[\s>]")
_NO_SPACE = re.compile(r"\S")
_COMMENT_START = re.compile(r"<!--(?:-?>)?")  # <!--> and <!---> are whole comments
_COMMENT_END = re.compile(r"--!?>")
_MARKUP_START = 6  # characters enough to tell what begins: "<!--->"
# Character references with a bound on their length, so that it does not matter where pieces end.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,31});?")
_REFERENCE_BEGUN = re.compile(r"&(?:#(?:[0-9]{0,9}|[xX][0-9a-fA-F]{0,8})|[a-zA-Z][a-zA-Z0-9]{0,31})?\Z")
_LONGEST_REFERENCE = 34

_State = Callable[[str, int], int]
_WAIT = -1  # a state's answer when only what comes next can tell what begins here


class HtmlText:
    """One page. What is not complete at the end of a piece waits for the next, 40 characters at most."""

    def __init__(self) -> None:
        self._state: _State = self._in_text
        self._kept = ""
        self._found: list[str] = []
        self._final = False
        self._templates = 0  # open ones; their content is not shown
        self._hidden: HiddenElement | None = None
        self._may_hide = True  # whether a tag that is whole in this piece may hide its element
        self._tag = ""  # what was seen of the tag that was begun, READ_CHARACTERS at most
        self._name = ""  # of the tag that was begun, "/" before that of an end tag
        self._quote = ""
        self._inside = ""  # the element whose end tag alone ends it
        self._its_end = _NO_SPACE

    def feed(self, text: str, final: bool = False) -> str:
        """The text to read in the next piece of HTML, a space for each tag that separates words."""
        text, self._kept, self._final = self._kept + text, "", final
        self._may_hide = may_hide(text)
        at = 0
        while at < len(text):
            following = self._state(text, at)
            if following == _WAIT:
                self._kept = "" if final else text[at:]
                break
            at = following
        found, self._found = self._found, []
        return "".join(found)

    def _in_text(self, text: str, at: int) -> int:
        start = at
        while (less_than := text.find("<", at)) >= 0:
            if less_than > at:
                self._add(text[at:less_than])
            at = less_than
            tag = _WHOLE_TAG.match(text, at)
            if tag is None:
                following = self._in_markup(text, at)
                return at if following == _WAIT and at > start else following
            end = tag.end()
            whole = text[at : min(end, at + READ_CHARACTERS)] if self._may_hide else ""
            self._end_of_tag(tag[1] + tag[2].lower(), whole)
            at = end
            if self._inside:
                return at
        following = self._add_whole_references(text, at, len(text))
        return at if following == _WAIT and at > start else following

    def _in_markup(self, text: str, at: int) -> int:
        """At a "<" that begins no tag that is complete."""
        if len(text) - at < _MARKUP_START and not self._final:
            return _WAIT
        if comment := _COMMENT_START.match(text, at):
            if comment[0].endswith("-"):
                self._state = self._in_comment
            return comment.end()
        if name := _NAME.match(text, at):
            if name.end() == len(text) and len(name[0]) < _LONGEST_NAME and not self._final:
                return _WAIT
            self._name, self._tag = name[0][1:].lower(), name[0]
            self._state = self._in_tag
            return name.end()
        if text[at + 1 : at + 2] in ("!", "?", "/"):
            self._state = self._in_declaration
        else:
            self._add("<")
        return at + 1

    def _in_tag(self, text: str, at: int) -> int:
        stop = _IN_TAG_STOPS.search(text, at)
        if stop is None:
            return self._take_tag(text, at, len(text))
        self._take_tag(text, at, stop.end())
        if stop[0] == "=":
            self._state = self._before_value
        else:
            self._state = self._in_text
            self._end_of_tag(self._name, self._tag)
        return stop.end()

    def _before_value(self, text: str, at: int) -> int:
        first = _NO_SPACE.search(text, at)
        if first is None:
            return self._take_tag(text, at, len(text))
        if first[0] in "\"'":
            self._quote, self._state = first[0], self._in_quotes
            return self._take_tag(text, at, first.end())
        self._state = self._in_tag if first[0] == ">" else self._in_bare_value
        return self._take_tag(text, at, first.start())

    def _in_quotes(self, text: str, at: int) -> int:
        end = text.find(self._quote, at)
        if end < 0:
            return self._take_tag(text, at, len(text))
        self._state = self._in_tag
        return self._take_tag(text, at, end + 1)

    def _in_bare_value(self, text: str, at: int) -> int:
        end = _VALUE_END.search(text, at)
        if end is None:
            return self._take_tag(text, at, len(text))
        self._state = self._in_tag
        return self._take_tag(text, at, end.start())

    def _take_tag(self, text: str, at: int, end: int) -> int:
        """Know text[at:end] of the tag, too; `end`."""
        if len(self._tag) < READ_CHARACTERS:
            self._tag += text[at : min(end, at + READ_CHARACTERS - len(self._tag))]
        return end

    def _in_comment(self, text: str, at: int) -> int:
        end = _COMMENT_END.search(text, at)
        if end is None:
            return self._keep_last(text, at, len("--!"))
        self._state = self._in_text
        return end.end()

    def _in_declaration(self, text: str, at: int) -> int:
        """<!DOCTYPE …>, <?xml …>, </ …>: up to the next >."""
        end = text.find(">", at)
        if end < 0:
            return len(text)
        self._state = self._in_text
        return end + 1

    def _in_skipped(self, text: str, at: int) -> int:
        end = self._its_end.search(text, at)
        if end is None:
            return self._keep_last(text, at, len(self._inside) + len("</>"))
        return self._leave_element(end.start())

    def _in_text_only(self, text: str, at: int) -> int:
        end = self._its_end.search(text, at)
        if end is not None:
            self._add(text[at : end.start()])
            return self._leave_element(end.start())
        if self._final:
            self._add(text[at:])
            return len(text)
        before = text.rfind("<", max(at, len(text) - len(self._inside) - len("</")))
        return self._add_whole_references(text, at, len(text) if before < 0 else before)

    def _leave_element(self, at: int) -> int:
        self._inside, self._state = "", self._in_text
        return at

    def _keep_last(self, text: str, at: int, count: int) -> int:
        """Go on near the end, where what is looked for may have begun."""
        return max(at, len(text) - count) if len(text) - at > count else _WAIT

    def _end_of_tag(self, name: str, tag: str) -> None:
        """`name` with "/" before that of an end tag; `tag` as it was written, its beginning if it is very long."""
        bare = name.removeprefix("/")
        if bare not in _IN_WORDS:
            self._found.append(" ")
        if self._hidden is not None:
            goes_on = self._hidden.start(name) if name == bare else self._hidden.end(bare)
            self._hidden = self._hidden if goes_on else None
        if tag and self._hidden is None and name == bare and name not in VOID and hides(tag):
            self._hidden = HiddenElement(name)
        if bare == _TEMPLATE:
            self._templates = self._templates + 1 if name == bare else max(0, self._templates - 1)
        elif name in _SKIPPED or name in _TEXT_ONLY:
            self._inside = name
            self._its_end = _END_TAGS[name]
            self._state = self._in_skipped if name in _SKIPPED else self._in_text_only

    def _add_whole_references(self, text: str, at: int, end: int) -> int:
        """Add text[at:end] without a character reference that goes on after `end`; where to go on."""
        if not self._final:
            begun = text.rfind("&", max(at, end - _LONGEST_REFERENCE), end)
            if begun >= 0 and _REFERENCE_BEGUN.match(text, begun, end):
                end = begun
        if end == at:
            return _WAIT
        self._add(text[at:end])
        return end

    def _add(self, text: str) -> None:
        if not self._templates and self._hidden is None:
            self._found.append(_REFERENCE.sub(_referred, text) if "&" in text else text)


_END_TAGS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _SKIPPED | _TEXT_ONLY}


def _referred(reference: re.Match[str]) -> str:
    return unescape(reference[0])
