"""SEARCH finds Chinese, Japanese, Arabic and others, whatever charset and encoding the message came in."""

from __future__ import annotations

import base64
import imaplib
from email.header import Header
from typing import Any

import pytest

from integration_tests.clients.mailbox import append
from integration_tests.stack.member import Member

# language: charset of the message, its text, what is in the text, what is not
TEXTS = {
    "simplified": ("gb18030", "我们明天下午四点在茶馆见面。", "我们明天", "后天"),
    "traditional": ("big5", "我們明天下午四點在茶館見面。", "茶館見面", "咖啡"),
    "japanese": ("iso-2022-jp", "明日の四時にお茶を飲みましょう。カタカナ", "お茶を飲み", "コーヒー"),
    "japanese-sjis": ("shift_jis", "テストメールを送ります。", "ストメ", "手紙"),
    "korean": ("euc-kr", "내일 네 시에 차를 마십시다.", "차를", "커피"),
    "arabic": ("windows-1256", "نلتقي غدا في الرابعة لشرب الشاي", "الشاي", "القهوة"),
    "hebrew": ("iso-8859-8", "ניפגש מחר בארבע לתה", "בארבע", "קפה"),
    "russian": ("koi8-r", "Встретимся завтра в четыре за чаем", "ВСТРЕТИМСЯ", "кофе"),
    "greek": ("iso-8859-7", "Θα συναντηθούμε αύριο στις τέσσερις", "ΑΎΡΙΟ", "καφές"),
    "german": ("iso-8859-1", "Grüße aus Köln, wir trinken Tee", "GRÜSSE", "Kaffee"),
    "thai": ("tis-620", "พรุ่งนี้สี่โมงดื่มชา", "ดื่มชา", "กาแฟ"),
}


def message(charset: str, text: str) -> bytes:
    subject = Header(text, charset).encode(linesep="\r\n")
    body = base64.encodebytes(text.encode(charset)).replace(b"\n", b"\r\n")
    header = (
        f"From: somebody@example.org\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return header.encode("ascii") + body


@pytest.fixture
def kept(member: Member) -> Member:
    """All texts in INBOX; number n is the n-th."""
    with member.imap() as session:
        for charset, text, _, _ in TEXTS.values():
            append(session, "INBOX", message(charset, text))
    return member


def search(session: imaplib.IMAP4, key: str, text: str) -> list[int]:
    """UID SEARCH with the text as a literal in UTF-8."""
    raw: Any = session
    raw.literal = text.encode()
    status, answer = raw._simple_command("SEARCH", "CHARSET", "UTF-8", key)
    assert status == "OK", answer
    return [int(number) for number in raw._untagged_response(status, answer, "SEARCH")[1][0].split()]


@pytest.mark.parametrize("key", ["BODY", "TEXT", "SUBJECT"])
def test_every_language_is_found_in_its_own_message_and_no_other(kept: Member, key: str) -> None:
    with kept.imap("INBOX") as session:
        for number, (language, (_, _, inside, outside)) in enumerate(TEXTS.items(), 1):
            assert search(session, key, inside) == [number], language
            assert search(session, key, outside) == [], language
