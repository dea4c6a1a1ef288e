"""The settings of web@: off unless wanted, and a search over TLS with a place for the words."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.robots.settings import RobotSettings, RobotUsers

SEARCH = "https://search.example/?q={query}"


def test_web_is_off_unless_the_operator_wants_it() -> None:
    assert RobotSettings().optional_robots == ()
    assert RobotSettings(robot_web=RobotUsers.MEMBERS, robot_web_search=SEARCH).optional_robots == ("web",)


@pytest.mark.parametrize(
    "wrong",
    ["http://search.example/?q={query}", "https://search.example/", "https://{query}/", "{query}", "ftp://x/{query}"],
)
def test_a_search_is_an_https_address_with_a_place_for_the_words(wrong: str) -> None:
    with pytest.raises(ValidationError):
        RobotSettings(robot_web_search=wrong)
