"""DokuWiki's syntax becomes Markdown."""

from __future__ import annotations

from time import process_time

import pytest

from shared.wiki.dokuwiki import Media, clean_id, markdown_of, name_of


def converted(text: str, page_id: str = "kitchen:tea") -> str:
    return markdown_of(text, page_id).source.strip("\n")


@pytest.mark.parametrize(
    ("doku", "markdown"),
    [
        ("====== Tea ======", "# Tea"),
        ("== Small ==", "##### Small"),
        ("**bold** //italic// __under__ ''mono''", "**bold** *italic* <u>under</u> `mono`"),
        ("a <del>b</del> H<sub>2</sub>O", "a <del>b</del> H<sub>2</sub>O"),
        ("http://example.org/a//b and a //word//", "http://example.org/a//b and a *word*"),
        ("one\\\\ two", "one\\\n two"),
        ("%%**not bold**%% <nowiki>//x//</nowiki>", "\\*\\*not bold\\*\\* //x//"),
        ("2 * 3 = <6> _x_ `y`", "2 \\* 3 = \\<6> \\_x\\_ \\`y\\`"),
        ("# no heading\n1. no list", "\\# no heading\n1\\. no list"),
        ("----", "---"),
        ("~~NOTOC~~\nx", "x"),
        ("> one\n>> two", "> one\n>> two"),
    ],
    ids=["h1", "h5", "emphasis", "tags", "url", "break", "nowiki", "escapes", "no block", "rule", "macro", "quote"],
)
def test_text(doku: str, markdown: str) -> None:
    assert converted(doku) == markdown


def test_lists_are_nested_by_their_blanks() -> None:
    doku = "  * one\n    * below\n      - first\n  - second\n        * deep at once\n"
    assert converted(doku) == "- one\n    - below\n        1. first\n1. second\n    - deep at once"


def test_code_keeps_its_text_and_its_language() -> None:
    assert converted("<code python>\nx = **1**\n```\n</code>\nafter") == "````python\nx = **1**\n```\n````\nafter"
    assert converted("before <file>\na\n</file>") == "before \n\n```\na\n```".replace("before ", "before")
    assert converted("text\n  indented //code//\n  more\nend") == "text\n\n```\nindented //code//\nmore\n```\n\nend"
    assert converted("<code>\nnever closed") == "```\nnever closed\n```"


def test_tables_get_a_head_and_keep_signs_in_links() -> None:
    doku = "^ Part ^ Number ^\n| [[pump|the pump]] | 1 |\n| ::: | a | \n"
    assert converted(doku, "x") == ("| Part | Number |\n| --- | --- |\n| [[pump\\|the pump]] | 1 |\n|  | a |")
    assert converted("^ A ^ B ^\n| both ||", "x") == "| A | B |\n| --- | --- |\n| both |  |"
    assert converted("| a | b |", "x") == "|  |  |\n| --- | --- |\n| a | b |"


@pytest.mark.parametrize(
    ("doku", "markdown"),
    [
        ("[[scones]]", "[[kitchen/scones]]"),
        ("[[:start|Home]]", "[[WikiHome|Home]]"),
        ("[[.:low:cup]] [[..:garden]]", "[[kitchen/low/cup]] [[garden]]"),
        ("[[garden:Winter Work#seeds|seeds]]", "[[garden/winter work|seeds]]"),
        ("[[https://example.org/a_b|site *]]", "[site \\*](<https://example.org/a_b>)"),
        ("[[doku>interwiki|there]] [[me@example.org]]", "there [me@example.org](mailto:me@example.org)"),
        ("[[#below]]", "#below"),
        ("[[a[b]]", "\\[\\[a\\[b\\]\\]"),
    ],
    ids=["near", "home", "relative", "section", "outside", "others", "own section", "none"],
)
def test_links(doku: str, markdown: str) -> None:
    assert converted(doku) == markdown


def test_media_are_files_of_the_page() -> None:
    made = markdown_of("{{ wiki:Pump.png?200 |the pump}} {{plan.pdf}} {{https://example.org/x.png}}", "kitchen:tea")
    assert made.source == (
        "![the pump](<wiki-pump.png>) [kitchen-plan.pdf](<kitchen-plan.pdf>) "
        "[https://example.org/x.png](<https://example.org/x.png>)\n"
    )
    assert made.media == [Media("wiki:pump.png", "wiki-pump.png"), Media("kitchen:plan.pdf", "kitchen-plan.pdf")]


def test_footnotes_are_gathered_at_the_end() -> None:
    assert converted("a((one **b**)) c((two))") == "a[^1] c[^2]\n\n[^1]: one **b**\n\n[^2]: two"


def test_names() -> None:
    assert name_of("start") == "WikiHome"
    assert name_of("a:b_c") == "a/b c"
    assert clean_id("Über uns!", "x") == "x:über_uns"
    assert clean_id("..:..:..:a", "x:y") == "a"


@pytest.mark.parametrize("piece", ["[[", "((", "{{", "''", "%%", "<nowiki>", "^", "|", "**", "<code>", "= ", "  * "])
def test_no_text_takes_long(piece: str) -> None:
    began = process_time()
    converted(piece * 20_000)
    converted((piece + "\n") * 20_000)
    assert process_time() - began < 20
