"""A site that people use: pages with all that Markdown has, files, rooms with threads, a post that waits, a weblog."""

from __future__ import annotations

import re

from services.wiki.tests.web import Web, basic
from shared.administration import feeds
from shared.clock import utc_day
from shared.database.transaction import Transaction
from shared.rooms.room import Readers
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted
from shared.testing.eventually import eventually
from shared.testing.reactor import wait_for

PAGE = "Repairing the Pump"
ROOM, HELD_ROOM, FED_ROOM = "local.garden", "local.workshop", "rss.city-council-planning-notices"
ATTACHED = "drawing of the pump.png"
BLOG_TITLE = "A summer without the pump ☀"
TEXT = """\
The pump in the yard brings water from 11 m. See also WateringRota, [[Winter Work]] and WikiHome.

## What to bring

- [x] the long spanner
- [ ] a new washer, 42 mm
- patience

1. Shut the valve.
2. Take off the lid:

   > Mind the spring. It jumps.

## Parts

| Part    | Number | Where it is kept |
|:--------|-------:|:----------------:|
| washer  |     12 | shelf *three*    |
| spindle |      1 | `box 7`          |

### How it is measured

```python
def litres(strokes: int) -> float:
    "Water from so many strokes."
    return strokes * 0.8  # measured in March
```

A line of code that is longer than any phone is wide: `pump --strokes 100 --litres 80 --until full --quietly`.

    an indented block

The pump is older than the house[^1]. https://example.org/pumps/yard-pumps?type=lift

[^1]: So says the stone above it.
"""
MIXED_SCRIPTS = """\
# 各种语言 and others

我带三种豆角和一包紫苏。

<p dir="rtl">مرحبا بكم في الحديقة</p>

שלום לכל הגננים, ברוכים הבאים.

---

![a picture that nobody has attached yet](drawing.png)
"""


def live_in(web: Web) -> None:
    """Fill the site by its own doors where it can be done."""
    _pages(web)
    _rooms(web)
    _weblog(web)
    web.transaction.execute(
        "INSERT INTO usage_of_account (account_id, day, requests, octets_in, octets_out) VALUES (%s, %s, 7, 10, 2000)",
        (web.accounts["alice"].id, utc_day()),
    )
    feeds.add(web.transaction, "https://feeds.example/planning", FED_ROOM)
    web.transaction.execute("UPDATE feed SET failures = 1, error = 'the server does not answer'")
    web.transaction.commit()


def _pages(web: Web) -> None:
    def put(name: str, text: str, who: str = "alice") -> None:
        got = web.script().ask("PUT", f"/{name.replace(' ', '%20')}", text.encode(), Authorization=basic(who))
        assert got.status in (200, 201), got

    put(
        "WikiHome", f"# The yard\n\nThe pump: [[{PAGE}]]. Words: GardenWords.\n\n## News\n\nRain.\n\n## Older\n\nSun.\n"
    )
    for text, who in ((TEXT.replace("11 m", "9 m"), "alice"), (TEXT.replace("three", "four"), "bob"), (TEXT, "alice")):
        put(PAGE, text, who)
    put("Languages/各种语言".replace("各种语言", "%E5%90%84%E7%A7%8D"), MIXED_SCRIPTS)
    put("DeletedPage", "gone")
    web.script().ask("DELETE", "/DeletedPage", Authorization=basic("alice"))
    path = f"/attachments/{PAGE.replace(' ', '%20')}"
    for name, kind, body in ((ATTACHED, "image/png", b"\x89PNG\r\n\x1a\n"), ("notes.txt", "text/plain", b"tea")):
        form = (
            f'--xx\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        ).encode() + body + b"\r\n--xx--\r\n"  # fmt: skip
        fields = {"Content_Type": "multipart/form-data; boundary=xx", "Authorization": basic("bob")}
        assert web.script().ask("POST", path, form, **fields).status == 303


def _rooms(web: Web) -> None:
    first = an_article(
        "Seed swap on Saturday: who brings what?", identifier="<1@x>",
        body="Seven people have said they come on Saturday.\r\nThe list: https://yard.example/list\r\n",
        Date="Mon, 23 Nov 2026 08:15:00 +0000",
    )  # fmt: skip
    second = (
        "From: =?utf-8?b?5p2O?= <li@example.org>\r\nSubject: Re: Seed swap on Saturday: who brings what?\r\n"
        "Message-ID: <2@x>\r\nReferences: <1@x>\r\nDate: Wed, 25 Nov 2026 15:58:00 +0000\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAlice wrote:\r\n> Seven people have said\r\n"
        "> they come on Saturday.\r\n> So that we do not\r\n> end up with forty envelopes\r\n\r\n"
        "我带三种豆角和一包紫苏。🫘🍅\r\n"
        "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=list.txt\r\n\r\nbeans\r\n"
        "--b--\r\n"
    ).encode()
    third = an_article("<b>No</b> reply", body="<script>alert(1)</script>\r\n", Date="Sun, 22 Nov 2026 07:30:00 +0000")

    def fill(tx: Transaction) -> None:
        garden = an_open_room(tx, ROOM, description="Beds, seeds, the watering rota", reading=Readers.EVERYONE)
        an_open_room(tx, HELD_ROOM, description="Tools, the kiln, repairs", moderated=True)
        an_open_room(tx, FED_ROOM, description="Planning notices", fed=True)
        an_open_room(tx, "local.members", reading=Readers.MEMBERS)
        posted(tx, *(a_post(garden, octets=octets) for octets in (first, second, third)))

    wait_for(lambda: web.parts.database.transact(fill))
    alice = web.browser("alice")
    path = f"/rooms/{HELD_ROOM}/new"
    eventually(lambda: alice.get(path).status == 200, "the site knows the room")
    fields = dict(re.findall(r'name="(csrf|token)" value="(\w*)"', alice.get(path).text))
    assert alice.post(path, {**fields, "subject": "The lathe", "text": "It hums."}).status == 303


def _weblog(web: Web) -> None:
    body = "The pump broke on the *third of June*.\n\n- forty cans\n- two people\n\n" + "Nobody would. " * 150
    for who, title in (("alice", BLOG_TITLE), ("bob", "读书会的第一年")):
        got = web.script().post("/blog/save", {"title": title, "body": body}, Authorization=basic(who))
        assert got.status == 303, got
