"""DokuWiki's syntax as Markdown: headings, emphasis, lists, tables, code, links, images, footnotes.

What Markdown has no way to say is left out or stays as text: sizes of images, cells over several rows, plug-ins. Each
line is looked at once, and no pattern looks further than MOST characters: the time is that of the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.wiki.name import HOME

MOST = 2_000  # characters of one link, footnote or piece of code within a line
BLANK = None  # a line between blocks; several are one
START = "start"  # what DokuWiki calls the first page of a wiki

_HEADING = re.compile(r"[ \t]*(={2,6})[ \t]*(.{1,500}?)[ \t]*={2,}[ \t]*")
_ITEM = re.compile(r"((?:  |\t)[ \t]*)([*-])[ \t]?(.*)")
_BLOCK = re.compile(r"<(code|file|html|php)((?: [^>\n]{0,200})?)>", re.IGNORECASE)
_QUOTE = re.compile(r"(>{1,20})[ \t]?(.*)")
_MACRO = re.compile(r"~~[A-Z]{1,30}(?::[^~\n]{0,100})?~~")
_INLINE = re.compile(
    rf"%%(?P<raw>[^\n]{{1,{MOST}}}?)%%|<nowiki>(?P<nowiki>[^\n]{{0,{MOST}}}?)</nowiki>"
    rf"|''(?P<mono>[^\n]{{1,{MOST}}}?)''|\[\[(?P<link>[^\[\]\n]{{1,{MOST}}})\]\]"
    rf"|\{{\{{(?P<media>[^{{}}\n]{{1,{MOST}}})\}}\}}|\(\((?P<note>[^\n]{{1,{MOST}}}?)\)\)"
    r"|(?P<url>https?://[^\s<>\[\]|]{1,2000})|(?P<bold>\*\*)|(?P<italic>(?<!:)//)|(?P<under>__)"
    r"|(?P<tag></?(?:del|sub|sup)>)|(?P<break>\\\\(?=\s|$))|(?P<special>[\\`*_\[\]<])"
)
_NO_LETTERS = re.compile(r"[^\w.:/-]+")


class Media(NamedTuple):
    """A file that a page shows or links to: its id in DokuWiki, and what it is called among the page's files."""

    id: str
    file: str


class Converted(NamedTuple):
    """A page of Agora's, and the files that it needs."""

    source: str
    media: Sequence[Media]


def markdown_of(text: str, page_id: str) -> Converted:
    """The page `page_id`, such as `wiki:syntax`, in Markdown."""
    page = _Page(page_id)
    lines = [line.rstrip() for line in _MACRO.sub("", text).replace("\r\n", "\n").split("\n")]
    made: list[str] = []
    for line in page.blocks(lines):
        if line is not BLANK:
            made.append(line)
        elif made and made[-1]:
            made.append("")
    made += [line for number, note in enumerate(page.notes, 1) for line in ("", f"[^{number}]: {note}")]
    return Converted("\n".join(made).strip("\n") + "\n", list(dict.fromkeys(page.media)))


def name_of(page_id: str) -> str:
    """The page's name here: `a:b_c` is `a/b c`; the first page of all is the home page."""
    return HOME if page_id == START else page_id.replace(":", "/").replace("_", " ").strip("/ ")


def clean_id(text: str, namespace: str = "") -> str:
    """The id that a link means, as DokuWiki cleans it; `namespace` is that of the page with the link."""
    text = _NO_LETTERS.sub("_", text.strip().lower()).replace("/", ":")
    if text.startswith(".") and (":" in text or text.startswith("..")):
        parts = namespace.split(":") if namespace else []
        while text.startswith(".."):
            parts, text = parts[:-1], text[2:].lstrip(":")
        text = ":".join([*parts, text.lstrip(".:")])
    elif ":" not in text and namespace:
        text = f"{namespace}:{text}"
    return ":".join(part.strip("_.-") for part in text.split(":") if part.strip("_.-"))


class _Page:
    def __init__(self, page_id: str) -> None:
        self._namespace = page_id.rpartition(":")[0]
        self._is_under = False
        self.notes: list[str] = []
        self.media: list[Media] = []

    def blocks(self, lines: Sequence[str]) -> Iterator[str | None]:
        at, depth = 0, 0
        while at < len(lines):
            line = lines[at]
            item = _ITEM.fullmatch(line)
            if item is None or not line.strip():
                depth = 0
            if (block := _BLOCK.search(line)) is not None and f"</{block[1].lower()}>" not in line[
                block.end() :
            ].lower():
                at, code = _code(lines, at, block)
                before = line[: block.start()].strip()
                yield from ([self.inline(before), BLANK] if before else [])
                yield from code
            elif (heading := _HEADING.fullmatch(line)) is not None:
                yield from (BLANK, f"{'#' * (7 - len(heading[1]))} {self.inline(heading[2])}", BLANK)
                at += 1
            elif item is not None:
                depth = min(depth + 1, max(1, len(item[1].expandtabs(2)) // 2))
                yield f"{'    ' * (depth - 1)}{'-' if item[2] == '*' else '1.'} {self.inline(item[3])}"
                at += 1
            elif line.startswith(("^", "|")):
                end = at
                while end < len(lines) and lines[end].startswith(("^", "|")):
                    end += 1
                yield from (BLANK, *self.table(lines[at:end]), BLANK)
                at = end
            elif line.startswith(("  ", "\t")) and line.strip():
                end = at
                while end < len(lines) and lines[end].startswith(("  ", "\t")) and _ITEM.fullmatch(lines[end]) is None:
                    end += 1
                yield from (BLANK, *_fenced([each.removeprefix("  ") for each in lines[at:end]], ""), BLANK)
                at = end
            elif (quote := _QUOTE.fullmatch(line)) is not None:
                yield f"{'>' * len(quote[1])} {self.inline(quote[2])}"
                at += 1
            else:
                is_rule = len(line) >= 4 and not line.strip("-")
                yield from (BLANK, "---", BLANK) if is_rule else [_no_block(self.inline(line)) if line else BLANK]
                at += 1

    def table(self, rows: Sequence[str]) -> Iterator[str]:
        cells = [self.cells(row) for row in rows]
        width = max(len(row) for row in cells)
        has_head = rows[0].startswith("^")
        head = cells[0] if has_head else []
        for row in (head, ["---"] * width, *cells[has_head:]):
            yield "| " + " | ".join([*row, *[""] * (width - len(row))]) + " |"

    def cells(self, row: str) -> list[str]:
        """Links and images may have the signs that stand between cells."""
        kept: list[str] = []

        def keep(match: re.Match[str]) -> str:
            if match.lastgroup in ("link", "media", "raw", "nowiki", "mono"):
                kept.append(match[0])
                return f"\x00{len(kept) - 1}\x00"
            return match[0]

        row = _INLINE.sub(keep, row.replace("\x00", "")).rstrip()
        parts = re.split(r"[\^|]", row)[1:]
        if parts and not parts[-1].strip():
            parts.pop()
        whole = [re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], part).strip() for part in parts]
        return ["" if cell == ":::" else self.inline(cell).replace("|", "\\|") for cell in whole]

    def inline(self, text: str) -> str:
        return _INLINE.sub(self._piece, text)

    def _piece(self, match: re.Match[str]) -> str:
        kind, piece = match.lastgroup or "", match[0]
        match kind:
            case "raw" | "nowiki":
                return _escaped(match[kind])
            case "mono":
                return _code_span(match[kind])
            case "link":
                return self._link(match[kind])
            case "media":
                return self._media(match[kind])
            case "note":
                self.notes.append("")
                number = len(self.notes)
                self.notes[number - 1] = self.inline(match[kind])
                return f"[^{number}]"
            case "bold":
                return "**"
            case "italic":
                return "*"
            case "under":
                self._is_under = not self._is_under
                return "<u>" if self._is_under else "</u>"
            case "break":
                return "\\\n"
            case "special":
                return "\\" + piece
        return piece

    def _link(self, text: str) -> str:
        target, _, words = (part.strip() for part in text.partition("|"))
        if words.startswith("{{"):
            words = ""
        if re.match(r"(?:https?|ftp|mailto):", target, re.IGNORECASE):
            return f"[{_escaped(words or target)}](<{target}>)"
        if "@" in target and ":" not in target:
            return f"[{_escaped(words or target)}](mailto:{target})"
        if ">" in target or target.startswith("\\\\"):
            return _escaped(words or target)  # another wiki, a share of Windows
        page, _, _ = target.partition("#")
        name = name_of(clean_id(page, self._namespace)) if page.strip() else ""
        if not name:
            return _escaped(words or target)
        return f"[[{name}|{words}]]" if words and words != name else f"[[{name}]]"

    def _media(self, text: str) -> str:
        target, _, words = text.partition("|")
        address = target.strip().partition("?")[0]
        words = _escaped(words.strip())
        if re.match(r"https?://", address, re.IGNORECASE):
            return f"[{words or _escaped(address)}](<{address}>)"  # images of other sites are not shown
        if ">" in address:
            return _escaped("{{" + text + "}}")  # a plug-in
        media = clean_id(address, self._namespace)
        file = media.replace(":", "-")
        self.media.append(Media(media, file))
        is_image = file.endswith((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"))
        return f"{'!' if is_image else ''}[{words or file}](<{file}>)"


def _code(lines: Sequence[str], at: int, block: re.Match[str]) -> tuple[int, Iterator[str]]:
    """The lines of a block that begins at `at`, and where the text goes on."""
    end_tag, found = f"</{block[1].lower()}>", [lines[at][block.end() :]]
    end = at + 1
    while end < len(lines) and end_tag not in lines[end].lower():
        found.append(lines[end])
        end += 1
    if end < len(lines):
        found.append(lines[end][: lines[end].lower().index(end_tag)])
    language = (block[2].split() or [""])[0]
    body = found[1:] if not found[0].strip() else found
    while body and not body[-1].strip():
        body.pop()
    return end + 1, _fenced(body, "" if language == "-" else language)


def _fenced(lines: Sequence[str], language: str) -> Iterator[str]:
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (fence + re.sub(r"[^\w+#-]", "", language), *lines, fence)


def _code_span(text: str) -> str:
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<])", r"\\\1", text)


def _no_block(line: str) -> str:
    """A line of a paragraph begins nothing else."""
    return re.sub(r"^(\s*)(#{1,6}(?=\s|$)|[+-](?=\s)|\d{1,9}(?=[.)]\s))", _escape_begin, line)


def _escape_begin(match: re.Match[str]) -> str:
    if match[2][0].isdigit():
        return f"{match[1]}{match[2]}\\"
    return f"{match[1]}\\{match[2]}"
