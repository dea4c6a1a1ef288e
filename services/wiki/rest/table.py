"""The table of REST endpoints: a group for each subject."""

from __future__ import annotations

from collections.abc import Sequence

from services.wiki.rest.account import ENDPOINTS as ACCOUNT
from services.wiki.rest.attachments import ENDPOINTS as ATTACHMENTS
from services.wiki.rest.endpoint import Endpoint
from services.wiki.rest.feeds import ENDPOINTS as FEEDS
from services.wiki.rest.finding import ENDPOINTS as FINDING
from services.wiki.rest.history import ENDPOINTS as HISTORY
from services.wiki.rest.marks import ENDPOINTS as MARKS
from services.wiki.rest.pages import ENDPOINTS as PAGES
from services.wiki.rest.renaming import ENDPOINTS as RENAMING
from services.wiki.rest.rooms import ENDPOINTS as ROOMS

ENDPOINTS: Sequence[Endpoint] = (
    *PAGES, *RENAMING, *HISTORY, *FINDING, *ATTACHMENTS, *ACCOUNT, *ROOMS, *MARKS, *FEEDS,
)  # fmt: skip
