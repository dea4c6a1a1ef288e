"""Search: words in every script, with what is found marked."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.search_words import search_text, words_vector
from shared.wiki.search_pages import search_pages
from shared.wiki.tests.build import saved

PAGES = {
    "GardenPlan": "# The garden\n\nPotatoes by the well. CAFÉ at four; foo-bar, user@example.org, /usr/local/bin.",
    "Strasse": "Die Straße ist öd. Ölwechsel.",
    "東京": "東京都の庭園。ひらがなとカタカナ。",
    "สวน": "ยินดีต้อนรับสู่สวนของเรา",
    "中文": "欢迎来到我们的花园。",
    "한국어": "정원에서 만나요",
    "Hindi": "हिन्दी में लिखा हुआ",
    "Cyrillic": "ПРИВЕТ, мир",
    "Greek": "Καλημέρα ΚΌΣΜΕ",
}


FOUND = [
    ("potatoes", ["GardenPlan"]),
    ("POTAT", ["GardenPlan"]),
    ("garden well", ["GardenPlan"]),
    ("plan", ["GardenPlan"]),  # a word of a WikiWord
    ("gardenplan", ["GardenPlan"]),
    ("potatoes missing", []),
    ("café", ["GardenPlan"]),
    ("cafe\u0301", ["GardenPlan"]),
    ("bar", ["GardenPlan"]),
    ("foo-bar", ["GardenPlan"]),
    ("example.org", ["GardenPlan"]),
    ("local bin", ["GardenPlan"]),
    ("strasse", ["Strasse"]),
    ("STRASSE", ["Strasse"]),
    ("ölw", ["Strasse"]),
    ("京都", ["東京"]),
    ("庭園", ["東京"]),
    ("庭", ["東京"]),
    ("園庭", []),
    ("カタカナ", ["東京"]),
    ("花园", ["中文"]),
    ("园", ["中文"]),
    ("สวนของ", ["สวน"]),
    ("ต้อนรับ", ["สวน"]),
    ("정원", ["한국어"]),
    ("हिन्दी", ["Hindi"]),
    ("привет", ["Cyrillic"]),
    ("κόσμε", ["Greek"]),
    ("", []),
    ("!!! ' \\ & | <-> :*", []),
    ("\x00\ud800", []),
    ("'", []),
    ("zz'qq", []),
    ("x" * 100_000, []),
    ("absent " * 1000, []),
]


def test_pages_are_found_by_words_and_beginnings_of_words(transaction: Transaction) -> None:
    for name, source in PAGES.items():
        saved(transaction, name, source)
    for words, names in FOUND:
        assert [hit.name for hit in search_pages(transaction, words)] == names, words[:50]


def test_a_hit_shows_where_the_words_are(transaction: Transaction) -> None:
    saved(transaction, "LongPage", "# The title\n\n" + "filler " * 500 + "then **Walrus** and\nmore " + "text " * 500)
    [hit] = search_pages(transaction, "walrus mor")
    assert hit.title == "The title"
    assert [hit.snippet[begin:end] for begin, end in hit.marks] == ["Walrus", "mor"]
    assert len(hit.snippet) <= 240


def test_a_hit_is_shown_without_the_signs_of_markdown(transaction: Transaction) -> None:
    source = (
        "## The yard\n\n- [x] See [[Winter Work|the winter]], [[Compost]] and **`beans`**\n"
        "- 2*3 a * b [map](<a b.png>)\n\n"
        "| a | b |\n|---|--:|\n| c | d |\n\n```python\nx = 1\n```\n"
    )
    saved(transaction, "SignsPage", source)
    [hit] = search_pages(transaction, "beans")
    assert hit.snippet == "See the winter, Compost and beans 2*3 a * b map a b c d x = 1"
    assert [hit.snippet[begin:end] for begin, end in hit.marks] == ["beans"]


def test_pages_whose_name_has_the_words_come_first(transaction: Transaction) -> None:
    saved(transaction, "Aaa", "beans " * 50)
    saved(transaction, "ZzzBeans", "about them")
    assert [hit.name for hit in search_pages(transaction, "beans")] == ["ZzzBeans", "Aaa"]
    assert [hit.name for hit in search_pages(transaction, "beans", most=1, after=1)] == ["Aaa"]


def test_pages_with_the_beginning_of_a_word_come_behind_those_with_the_word(transaction: Transaction) -> None:
    saved(transaction, "Aaa", "a teapot for two")
    saved(transaction, "Zzz", "tea, and tea")
    saved(transaction, "Mmm 茶", "teapots 茶")
    assert [hit.name for hit in search_pages(transaction, "tea")] == ["Zzz", "Aaa", "Mmm 茶"]
    assert [hit.name for hit in search_pages(transaction, "tea", most=1)] == ["Zzz"]
    assert [hit.name for hit in search_pages(transaction, "tea", most=1, after=1)] == ["Aaa"]
    assert [hit.name for hit in search_pages(transaction, "tea 茶")] == ["Mmm 茶"]


def test_more_than_a_text_index_holds_is_saved_all_the_same(transaction: Transaction) -> None:
    saved(transaction, "Many", " ".join(f"w{number:x}" for number in range(1_200_000)))
    saved(transaction, "Long", "x" * 5_000_000 + " " + "\u00fc" * 100_000)
    saved(transaction, "Dense", "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(1_000_000)))
    assert [hit.name for hit in search_pages(transaction, "wff")] == ["Many"]


def test_words_in_ascii_are_those_of_any_other_text() -> None:
    ascii_text = "# Seed_2 potatoes,foo-bar it's C:\\x 'q' a1b2 " + "x" * 600
    assert search_text(ascii_text).words == [*search_text(ascii_text + " \u00fc").words[:-1]]
    assert search_text(ascii_text).grams == ()


def test_a_vector_has_the_first_places_of_each_word_and_those_of_the_title_first() -> None:
    assert words_vector(["tea", "at", "tea"], ["tea", "plan"]) == "'tea':1A,2,4 'plan':1A 'at':3"
    assert words_vector(["tea"] * 1000).count(",") == words_vector(["tea"] * 1000, ["tea"]).count(",") == 254
