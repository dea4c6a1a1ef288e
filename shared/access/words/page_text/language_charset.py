"""The charset of a page that declares none and is not UTF-8: by its language, and only where the text bears it out.

Browsers choose by the reader's language (HTML Standard §13.2.3.2); here the page's own is known at best. Most of these
charsets read any octets, so a guess counts only if it makes the letters that the language writes most.
"""

# ruff: noqa: RUF001  (letters of Cyrillic that look like Latin ones)

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.access.words.page_text.attributes import attributes_of

WESTERN = "cp1252"
_HTML = re.compile(rb"<html(?=\s)[^>]*>", re.IGNORECASE)
_META = re.compile(rb"<meta(?=\s)[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guess:
    """Charsets to try; `letters` are to make up so much of what is not ASCII, more than with any other of them."""

    codecs: Sequence[str]
    letters: re.Pattern[str]
    least: float

    def codec(self, sample: bytes) -> str:
        """For text that begins as `sample`, maybe in the middle of a character at its end; "" when none fits."""
        shares = {codec: self._share(sample, codec) for codec in self.codecs}
        best = max(self.codecs, key=shares.__getitem__)  # the first of equal ones
        return best if shares[best] >= self.least else ""

    def _share(self, sample: bytes, codec: str) -> float:
        text = re.sub(r"[\0-\x7f]+", "", sample.decode(codec, "replace"))
        return len(self.letters.findall(text)) / max(1, len(text))


def _guesses(languages: str, codecs: str, letters: str, least: float = 0.5) -> dict[str, Guess]:
    return dict.fromkeys(languages.split(), Guess(codecs.split(), re.compile(f"[{letters}]"), least))


_COMMON_HAN = (
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會"
    "可也你对對生能而子那得于於着著下自之年过過发發后後作里裡"
)
_CYRILLIC, _GREEK = "а-яёіїєґўјљњћђџѓѕќ", "\u03ac-\u03ce"  # small letters: in the wrong charset these are capitals
GUESSES = {
    **_guesses("ru", "cp1251 koi8_r iso8859_5 cp866", "а-яё"),
    **_guesses("uk be", "cp1251 koi8_u iso8859_5", _CYRILLIC),
    **_guesses("bg mk sr kk ky ba tt tg", "cp1251 iso8859_5", _CYRILLIC),
    **_guesses("el", "iso8859_7 cp1253", _GREEK),
    **_guesses("ja", "cp932 euc_jp", "\u3041-\u30fc", 0.2),  # without half-width katakana, which EUC makes of others
    **_guesses("zh", "gb18030 big5hkscs", _COMMON_HAN, 0.05),
    **_guesses("ko", "cp949", "\uac00-\ud7a3", 0.8),
    **_guesses("th", "cp874", "\u0e01-\u0e4e"),
    **_guesses("he yi", "cp1255 iso8859_8", "\u05d0-\u05ea"),
    **_guesses("ar fa ur", "cp1256 iso8859_6", "\u0621-\u0652\u067e\u0686\u0698\u06a9\u06af\u06cc"),
    **_guesses("cs sk", "cp1250 iso8859_2", "áäčďéěíĺľňóôŕřšťúůýž"),
    **_guesses("pl", "iso8859_2 cp1250", "ąćęłńóśźż"),
    **_guesses("hu", "iso8859_2 cp1250", "áéíóöőúüű"),
    **_guesses("hr bs sl", "cp1250 iso8859_2", "čćđšž"),
    **_guesses("ro", "iso8859_2 cp1250", "ăâîşţ"),
    **_guesses("tr az ku", "cp1254", "çğıiöşüâî"),
    **_guesses("et lv lt", "cp1257 iso8859_13", "äöõüšžāčēģīķļņūąęėįų"),
}
# Several letters in a row that are not ASCII are rare in the languages that windows-1252 was made for.
_RUN = re.compile(rb"[\x80-\xff]{3,}")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")


def language_of(head: bytes) -> str:
    """The main subtag of the language that the page says it is in, in lower case: `zh`; "" when it says nothing.

    `head` without comments. The attribute of <html>, else <meta http-equiv="content-language">.
    """
    if html := _HTML.search(head):
        attributes = attributes_of(html[0].decode("latin-1"))
        if named := attributes.get("lang") or attributes.get("xml:lang"):
            return _main_subtag(named)
    for meta in _META.finditer(head):
        attributes = attributes_of(meta[0].decode("latin-1"))
        if attributes.get("http-equiv", "").lower() == "content-language":
            return _main_subtag(attributes.get("content", ""))
    return ""


def guessed_codec(language: str, sample: bytes) -> str:
    """The charset of text in `language` that begins as `sample`; "" when none is likely."""
    if language in GUESSES:
        return GUESSES[language].codec(sample)
    in_runs, all_of_them = (sum(map(len, pattern.findall(sample))) for pattern in (_RUN, _NOT_ASCII))
    return "" if in_runs * 2 > all_of_them else WESTERN


def _main_subtag(tag: str) -> str:
    return re.split("[-_,]", tag.strip())[0].lower()
