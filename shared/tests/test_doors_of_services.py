"""The frame of every door is put together in one place."""

from __future__ import annotations

from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"


def test_no_service_names_the_trusted_proxies_or_makes_a_factory_of_its_own() -> None:
    for file in SERVICES.rglob("*.py"):
        if "tests" not in file.parts:
            text = file.read_text()
            assert "trusted_proxies" not in text, file
            assert "ConversationFactory(" not in text, file
