"""The name of a browser and of what it runs on, out of the User-Agent that it sends (RFC 9110 §10.1.5)."""

from __future__ import annotations

LONGEST_OTHER = 60  # characters of a client that is none of these

# Chromium's kin name Chrome and Safari, too, and Chrome names Safari: the first that is there is meant.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"), ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("OpenBSD", "OpenBSD"), ("FreeBSD", "FreeBSD"), ("Linux", "Linux"),
)  # fmt: skip


def browser_name(agent: str) -> str:
    """`Firefox on Linux`; of another program, the beginning of what it calls itself."""
    browser = _first(_BROWSERS, agent)
    if not browser:
        return agent[:LONGEST_OTHER] or "Unknown"
    system = _first(_SYSTEMS, agent)
    return f"{browser} on {system}" if system else browser


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in names if sign in agent), "")
