"""Whether every service can work with the settings."""

from __future__ import annotations

import os
from collections.abc import Sequence

from shared.command_line.checks.finding import Finding, fine, warning, wrong
from shared.command_line.leave_root import USER
from shared.command_line.migrate import ADMIN_PASSWORD_FILE
from shared.command_line.place import Place
from shared.command_line.service_places import SERVICE_HOSTS
from shared.doors import DOORS
from shared.runtime.environment_example import settings_classes, unknown_variables
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings

# Read by the command line, compose.yaml or the tests, not by a service.
NOT_FOR_SERVICES = (
    *(door.setting for door in DOORS),
    *(
        "AGORA_STATE",
        "AGORA_VENV",
        "AGORA_IN_CONTAINER",
        "AGORA_SERVICE",
        "AGORA_COMPOSE",
        ADMIN_PASSWORD_FILE,
        SERVICE_HOSTS,
        USER,
    ),
)


def check_settings(place: Place) -> tuple[ServiceSettings | None, Sequence[Finding]]:
    """The settings that all services share, if they are usable; those of a stack running in `place` go first."""
    record = place.running()
    if record is not None and not os.environ.get("AGORA_DATABASE_URL"):
        os.environ.update(record.environment)
    findings = []
    for name, settings_class in settings_classes().items():
        try:
            read_settings(settings_class)
            findings.append(fine("settings", f"{name} can work with them"))
        except WrongSetting as error:
            findings.append(wrong("settings", f"{name}: {error}", "Every setting is explained in .env.example."))
    names = unknown_variables(os.environ, NOT_FOR_SERVICES)
    if unknown := [name for name in names if not name.startswith(("AGORA_PUBLISH_", "AGORA_TEST_"))]:
        findings.append(warning("settings", f"nobody reads {', '.join(unknown)}", "Misspelt? See .env.example."))
    try:
        return read_settings(ServiceSettings), findings
    except WrongSetting:
        return None, findings
