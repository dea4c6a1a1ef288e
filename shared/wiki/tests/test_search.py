"""Search: words in every script, with what is found marked."""

from __future__ import annotations

from shared.database.transaction import Transaction
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


def test_pages_whose_name_has_the_words_come_first(transaction: Transaction) -> None:
    saved(transaction, "Aaa", "beans " * 50)
    saved(transaction, "ZzzBeans", "about them")
    assert [hit.name for hit in search_pages(transaction, "beans")] == ["ZzzBeans", "Aaa"]
    assert [hit.name for hit in search_pages(transaction, "beans", most=1, after=1)] == ["Aaa"]


def test_more_than_a_text_index_holds_is_saved_all_the_same(transaction: Transaction) -> None:
    saved(transaction, "Many", " ".join(f"w{number:x}" for number in range(1_200_000)))
    saved(transaction, "Long", "x" * 5_000_000 + " " + "\u00fc" * 100_000)
    saved(transaction, "Dense", "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(1_000_000)))
    assert [hit.name for hit in search_pages(transaction, "wff")] == ["Many"]
