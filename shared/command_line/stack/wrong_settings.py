"""Settings that cannot be used, found before anything is started or stopped for them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.command_line.stack.migrate import ADMIN_PASSWORD_FILE
from shared.command_line.stack.ports import PortUnusable, port_number
from shared.command_line.state_directory import ROOT, StateDirectory
from shared.doors import DOORS
from shared.runtime.environment_example import settings_classes
from shared.runtime.first_process import check_certificates
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings, variable_name
from shared.runtime.sockets import check_endpoint

# What `agora up` chooses by itself, whatever the environment says (supervisor/programs.py).
_NOT_FOR_OPERATORS = ("database_url", "redis_url", "health_endpoints")


def wrong_settings(directory: StateDirectory) -> Sequence[str]:
    """A sentence for each setting of this process's environment with which no stack can be started in `directory`."""
    chosen = {name: _default(name) for name in _NOT_FOR_OPERATORS}
    faults = list(_wrong_ports())
    with contextlib.chdir(ROOT):  # where services run, and what relative paths are relative to
        for settings_class in settings_classes().values():
            faults += faults_of(settings_class, **chosen)
        faults = faults or list(_wrong_certificates(**chosen))
        if not (directory.path / "postgres").exists():  # the file is not read again
            faults += _wrong_password_file()
    return list(dict.fromkeys(faults))


def faults_of(settings_class: type[ServiceSettings], **instead: str) -> Sequence[str]:
    """A sentence for each setting that this service cannot work with; none whether its ports are free."""
    try:
        settings = read_settings(settings_class, **instead)
    except WrongSetting as wrong:
        return wrong.sentences
    return list(_wrong_endpoints(settings))


def _wrong_ports() -> Iterator[str]:
    for door in DOORS:
        text = os.environ.get(door.setting)
        if text and not os.environ.get(door.endpoints_setting):
            try:
                port_number(door.setting, text)
            except PortUnusable as fault:
                yield f"{fault}."


def _wrong_endpoints(settings: ServiceSettings) -> Iterator[str]:
    for name in settings.door_names():
        for description in settings.endpoints_of(name):
            try:
                check_endpoint(description)
            except ValueError as fault:
                yield f"{variable_name(f'{name}_endpoints')}: cannot listen on {description!r} ({fault})."


def _wrong_certificates(**instead: str) -> Iterator[str]:
    settings = read_settings(ServiceSettings, **instead)
    if settings.certificate_file is not None:  # without one, a certificate is made when the service starts
        try:
            check_certificates(settings)
        except WrongSetting as fault:
            yield str(fault)


def _wrong_password_file() -> Iterator[str]:
    if (file := os.environ.get(ADMIN_PASSWORD_FILE)) and not (Path(file).is_file() and os.access(file, os.R_OK)):
        yield f"{ADMIN_PASSWORD_FILE} names no file that can be read: {file}."


def _default(name: str) -> str:
    default = ServiceSettings.model_fields[name].default
    return default if isinstance(default, str) else " ".join(default)
