"""The check of the settings: whether every service can work with them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence

from shared.command_line.service_places import SERVICE_HOSTS
from shared.command_line.stack.checks.finding import Finding, fine, warning, wrong
from shared.command_line.stack.leave_root import USER
from shared.command_line.stack.migrate import ADMIN_PASSWORD_FILE
from shared.command_line.stack.wrong_settings import faults_of
from shared.command_line.state_directory import StateDirectory
from shared.doors import DOORS
from shared.runtime.environment_example import known_variables, settings_classes, unknown_variables
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
        *("AGORA_VERSION", "AGORA_POSTGRES_IMAGE", "AGORA_REDIS_IMAGE"),
        *("AGORA_MEMORY", "AGORA_POSTGRES_MEMORY", "AGORA_TLS_DIRECTORY"),
        ADMIN_PASSWORD_FILE,
        SERVICE_HOSTS,
        USER,
    ),
)


def unknown_settings(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each variable that is set and that nothing reads, misspelt most likely: the fact, and what to do."""
    known = [*known_variables(), *NOT_FOR_SERVICES]
    for name in unknown_variables(environment, NOT_FOR_SERVICES):
        if not name.startswith(("AGORA_PUBLISH_", "AGORA_TEST_")):
            close = difflib.get_close_matches(name, known, n=1)
            meant = f"Is {close[0]} meant? " if close else ""
            yield f"{name} is no setting", f"{meant}All settings are in .env.example."


def check_settings(directory: StateDirectory) -> tuple[ServiceSettings | None, Sequence[Finding]]:
    """The settings that all services share, if they are usable; those of a stack running in `directory` go first."""
    record = directory.running()
    if record is not None and not os.environ.get("AGORA_DATABASE_URL"):
        os.environ.update(record.environment)
    findings = []
    for name, settings_class in settings_classes().items():
        faults = faults_of(settings_class)
        for fault in faults:
            findings.append(wrong("settings", f"{name}: {fault}", "Every setting is explained in .env.example."))
        if not faults:
            findings.append(fine("settings", f"{name} can work with them"))
    for fact, advice in unknown_settings(os.environ):
        findings.append(warning("settings", fact, advice))
    try:
        return read_settings(ServiceSettings), findings
    except WrongSetting:
        return None, findings
