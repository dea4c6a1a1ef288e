"""A notice that the next page shows: a word in a cookie of some seconds, so that the page's address stays its own."""

from __future__ import annotations

from services.wiki.site.cookies import cookie_of
from services.wiki.site.request import WebRequest

NAME = b"said"
_SECONDS = 30
NOTICES = {
    "saved": ("Saved.", "", "good"),
    "merged": (
        "Saved and merged.",
        "Somebody else had changed the page meanwhile; both changes are in the text.",
        "good",
    ),
    "unchanged": ("Nothing changed.", "The page had this text already.", "good"),
    "reverted": ("Brought back.", "The older text is the newest revision now.", "good"),
    "renamed": ("Renamed.", "The former name leads here.", "good"),
    "undeleted": ("Undeleted.", "The page is there again.", "good"),
    "attached": ("Attached.", "", "good"),
    "deleted": ("Deleted.", "The history is kept: moderators can undelete the page.", "good"),
}


def said_cookie(word: str) -> bytes:
    """Set-Cookie."""
    return b"%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d" % (NAME, word.encode("ascii"), _SECONDS)


def notice_of(request: WebRequest) -> tuple[str, str, str] | None:
    """What is to be shown: the fact, what it means, its tone."""
    word = cookie_of(request, NAME)
    return None if word is None else NOTICES.get(word)


FORGET = b"%s=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0" % NAME
