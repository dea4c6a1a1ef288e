"""The programs of a local stack, in the order they start, and the settings they are given."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter

from shared.command_line.stack.ports import door_environment
from shared.command_line.stack.supervisor.monitor import Program
from shared.command_line.state_directory import ROOT, StateDirectory
from shared.database.embedded import EmbeddedPostgres
from shared.doors import loopback_endpoint
from shared.events.embedded import EmbeddedRedis
from shared.runtime.setting_kinds import Octets
from shared.runtime.settings import ServiceSettings, variable_name

POSTGRES = "postgres"
REDIS = "redis"
# A fast shutdown writes a checkpoint: everything that changed since the last one.
POSTGRES_PATIENCE = timedelta(seconds=60)


def stack_environment(directory: StateDirectory, ports: Mapping[str, int], given: Mapping[str, str]) -> dict[str, str]:
    """The settings of every program of this stack; what the operator set goes before what we choose."""
    chosen = {
        "AGORA_DATABASE_URL": postgres(directory).url,
        "AGORA_REDIS_URL": redis(directory).url,
        "AGORA_STORE_DIRECTORY": str(postgres(directory).state_dir),
        "AGORA_CERTIFICATE_DIRECTORY": str(directory.path / "certificates"),
        "AGORA_STACK_KEY_FILE": str(directory.path / "stack-key"),
        "AGORA_LOG_FORMAT": "console",
        "AGORA_SUPERVISED": "true",
    }
    operators = {name: value for name, value in given.items() if name.startswith("AGORA_") and value}
    # Its own store always: a database of somewhere else is not what `up` should migrate and write to by accident.
    own = {name: chosen[name] for name in ("AGORA_DATABASE_URL", "AGORA_REDIS_URL")}
    own["AGORA_STATE"] = str(directory.path)  # commands over SSH ask what runs here
    return {**chosen, **operators, **own, **door_environment(given, ports)}


def store_free_octets(settings: Mapping[str, str]) -> int:
    """The octets that the services want free on the store's disk."""
    default = ServiceSettings.model_fields["store_free_octets"].default
    return TypeAdapter(Octets).validate_python(settings.get(variable_name("store_free_octets"), default))


def postgres(directory: StateDirectory) -> EmbeddedPostgres:
    """The PostgreSQL of one stack. Its folder must exist before its URL is known."""
    return EmbeddedPostgres(_folder(directory, POSTGRES))


def redis(directory: StateDirectory) -> EmbeddedRedis:
    """The Redis of one stack."""
    return EmbeddedRedis(_folder(directory, REDIS))


def store_programs(directory: StateDirectory, environment: Mapping[str, str]) -> Sequence[Program]:
    """PostgreSQL and Redis, each with its folder below the state directory."""
    return (
        Program(POSTGRES, postgres(directory).command(), environment, stop_signal="INT", patience=POSTGRES_PATIENCE),
        Program(REDIS, redis(directory).command(), environment),
    )


def service_program(name: str, environment: Mapping[str, str], health_port: int) -> Program:
    """One service, as a process of its own that ends with this one."""
    own = {"AGORA_HEALTH_ENDPOINTS": loopback_endpoint(health_port)}
    return Program(name, tied(f"services.{name}"), {**environment, **own})


def tied(module: str, *arguments: str) -> list[str]:
    """The argv that runs one of our modules as a program that ends when this process ends."""
    child = "shared.command_line.stack.supervisor.child"
    return [sys.executable, "-P", "-m", child, str(os.getpid()), module, *arguments]


def process_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """`settings` on top of what every program of ours needs to find its modules."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings}


def _folder(directory: StateDirectory, name: str) -> Path:
    folder = directory.path / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
