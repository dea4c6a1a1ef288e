"""Lists by the page: `limit` items from `cursor` on; the answer has the cursor of the next page, and a Link to it."""

from __future__ import annotations

from services.wiki.rest.endpoint import Query

USUAL, MOST = 100, 1000
LIMIT = Query("limit", int, "How many at most, from 1 to 1000.", USUAL, 1, MOST)
CURSOR = Query("cursor", str, "`next` of the page before.")
