"""The table of robots: a file each. Their addresses and limits are in shared/mail/robots.py."""

from __future__ import annotations

from collections.abc import Mapping

from shared.robots.robot import Robot
from shared.robots.search import answer_search
from shared.robots.web import answer_web
from shared.robots.wiki import write_page

# Those that wait for other servers, and have a runner of their own: a search is answered meanwhile.
SLOW = ("web",)
TABLE: Mapping[str, Robot] = {"search": answer_search, "wiki": write_page, "web": answer_web}
