"""The settings of every service: read once from `AGORA_…` variables into a frozen object.

A service adds its own in a subclass of `ServiceSettings`, in its `settings.py`. The listeners of the door `smtp` are
the setting `smtp_endpoints`. Each setting's description becomes its comment in `.env.example`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.doors import DOORS, find_door
from shared.public_ports import read_public_ports
from shared.runtime.endpoint_places import port_of
from shared.runtime.setting_kinds import Duration, Endpoints, Networks, Octets, PublicPorts, ReadableFile, Words

PREFIX = "AGORA_"
CONTINUES = ("should ", "names ", "holds ")  # how our validators' messages begin: the setting is their subject
ENDPOINTS_SUFFIX = "_endpoints"
LONGEST_LIFE_AFTER_SIGNAL = timedelta(seconds=10)  # what operators are promised; Kubernetes would wait 30 s


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


class WrongSetting(Exception):
    """A setting that cannot be used; the text is one sentence that names it. `sentences` has those of all."""

    def __init__(self, sentence: str, *others: str) -> None:
        super().__init__(sentence)
        self.sentences = (sentence, *others)


class ServiceSettings(BaseSettings):
    """The settings that every service has."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    hostname: str = Field(
        default="localhost",
        pattern=r"^[A-Za-z0-9.:-]+$",
        examples=["mail.example.org"],
        description="The name this server gives itself in greetings, in Received lines and in its own certificate.",
    )
    mail_domain: str = Field(
        default="localhost",
        pattern=r"^[A-Za-z0-9.-]+$",
        examples=["example.org"],
        description="The domain of accounts' first addresses; `alice` signs in as `alice@` this domain, too.",
    )
    public_ports: PublicPorts = Field(
        default=(),
        description="The ports at which others reach the doors of AGORA_HOSTNAME: DOOR=PORT, as in imaps=993 "
        "submissions=465, or DOOR=off. Mail programs that set themselves up are told these, and `domain dns` prints "
        "them. A door that is not named: the port that `agora up` or compose opens, else the door's default.",
    )
    database_url: str = Field(
        default="postgresql://agora@127.0.0.1:5432/agora",
        description="Where PostgreSQL is, without the password.",
    )
    database_password_file: ReadableFile | None = Field(
        default=None,
        description="A file whose first line is the password for PostgreSQL.",
    )
    database_connections: int = Field(
        default=8,
        ge=2,
        le=200,
        description="The most connections that each process keeps open to PostgreSQL.",
    )
    store_directory: Path | None = Field(
        default=None,
        description="A directory on the disk that PostgreSQL writes to, where this process can see it. "
        "New messages are refused while less than AGORA_STORE_FREE_OCTETS are free there.",
    )
    store_free_octets: Octets = Field(
        default=256 << 20,
        ge=0,
        description="The octets that must be free on the disk of AGORA_STORE_DIRECTORY for new messages to be taken.",
    )
    statement_timeout: Duration = Field(
        default=timedelta(seconds=30),
        gt=timedelta(0),
        description="A statement that runs for longer is cancelled, and the client asked to try again.",
    )
    redis_url: str = Field(
        default="redis://127.0.0.1:6379/0",
        description="Where Redis is, without the password.",
    )
    redis_password_file: ReadableFile | None = Field(
        default=None,
        description="A file whose first line is the password for Redis.",
    )
    poll_interval: Duration = Field(
        default=timedelta(seconds=5),
        gt=timedelta(0),
        description="How often sessions ask PostgreSQL for changes while Redis is away.",
    )
    certificate_file: ReadableFile | None = Field(
        default=None,
        description="The certificate and its chain (PEM). Renewed files are served on the next connection. "
        "Without it, a development authority is made in AGORA_CERTIFICATE_DIRECTORY.",
    )
    key_file: ReadableFile | None = Field(
        default=None,
        description="The certificate's private key (PEM), readable by the user that the service runs as.",
    )
    certificate_directory: Path = Field(
        default=Path(".agora/certificates"),
        description="Where the development authority and its certificate for AGORA_HOSTNAME are kept.",
    )
    stack_key_file: Path = Field(
        default=Path(".agora/stack-key"),
        description="A file with a secret of this stack, which seals what the store keeps sealed: the SSH host keys. "
        "`agora migrate` makes it where it may.",
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="Addresses and networks of load balancers whose PROXY header (v1 or v2) is believed.",
    )
    lockout_trusted_networks: Networks = Field(
        default=(),
        description="Addresses and networks that are never locked out, however often a sign-in from there fails.",
    )
    manhole: bool = Field(
        default=False,
        description="`on`: administrators may run Python inside this process, by `manhole` in the SSH shell. "
        "They may do then whatever the process may. What they type comes through the store, sealed with the key in "
        "AGORA_STACK_KEY_FILE, which the process must be able to read.",
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many processes share each door of a service.",
    )
    supervised: bool = Field(
        default=False,
        description="Whether something starts a service again when its process ends, as `agora up`, compose and "
        "Kubernetes do; `agora service restart` needs that.",
    )
    shutdown_grace: Duration = Field(
        default=timedelta(seconds=8),
        ge=timedelta(0),
        le=LONGEST_LIFE_AFTER_SIGNAL - timedelta(seconds=1),
        description="How long commands may take to finish after SIGTERM, 9s at most; the process is gone after 10 s.",
    )
    health_endpoints: Endpoints = Field(
        default=("tcp:0:interface=127.0.0.1",),
        description="Where /healthz, /readyz and /metrics are answered. Keep it private.",
    )
    ports_file: Path | None = Field(
        default=None,
        description="A JSON file to write the doors' real ports to, where the system chooses them (tcp:0).",
    )
    show_conversations: Words = Field(
        default=(),
        description="Accounts, addresses and networks whose conversations by SMTP, IMAP, POP3 and NNTP are shown in "
        "the log, line by line, without passwords and messages.",
    )
    log_format: LogFormat = Field(
        default=LogFormat.CONSOLE,
        description="`console` for people, `json` for programs; one event per line.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO,
        description="The least level that is written: debug, info, warn or error.",
    )
    error_log_file: Path | None = Field(
        default=None,
        description="A file for errors and their tracebacks alone, which are in the log, too. It is made when there is "
        "one, and several services may share it. With --error-logfile FILE instead, each start begins a new file.",
    )
    log_file_octets: Octets = Field(
        default=64 << 20,
        ge=0,
        description="With --logfile, and for every other file of log lines: it is put aside as FILE.1 when it has "
        "grown to this size; 0 leaves that to logrotate.",
    )
    log_files_kept: int = Field(
        default=5,
        ge=1,
        description="How many such files that were put aside are kept: FILE.1 is the newest.",
    )

    @field_validator("database_url")
    @classmethod
    def _of_postgresql(cls, url: str) -> str:
        if not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("should begin with postgresql://")
        return url

    @field_validator("redis_url")
    @classmethod
    def _of_redis(cls, url: str) -> str:
        if not re.match(r"unix:///|rediss?://[^/]+(/\d*)?$", url):
            raise ValueError("should look like redis://host:6379/0, rediss://host or unix:///path")
        return url

    @field_validator("database_url", "redis_url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        if urlsplit(url).password:
            raise ValueError("holds a password, which belongs in the file that the …_PASSWORD_FILE setting names")
        return url

    @model_validator(mode="after")
    def _certificate_with_key(self) -> ServiceSettings:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError(f"{PREFIX}CERTIFICATE_FILE and {PREFIX}KEY_FILE must be set together")
        return self

    @classmethod
    def door_names(cls) -> Sequence[str]:
        """The names of all doors that have a setting `…_endpoints`, in the order they are declared; health is first."""
        return [name.removesuffix(ENDPOINTS_SUFFIX) for name in cls.model_fields if name.endswith(ENDPOINTS_SUFFIX)]

    def endpoints_of(self, door_name: str) -> Sequence[str]:
        """The endpoint descriptions of one door; none if the settings do not know it or it is off."""
        endpoints: Sequence[str] = getattr(self, door_name + ENDPOINTS_SUFFIX, ())
        return endpoints

    def public_port(self, door_name: str) -> int | None:
        """The port at which others reach a door, be it this service's or another's; None where it is closed."""
        named = read_public_ports(self.public_ports)
        if door_name in named:
            return named[door_name]
        if door_name + ENDPOINTS_SUFFIX in type(self).model_fields:
            return port_of(self.endpoints_of(door_name))
        return find_door(door_name).port

    def all_public_ports(self) -> Mapping[str, int | None]:
        """The same of every door."""
        return {door.name: self.public_port(door.name) for door in DOORS}


Settings = TypeVar("Settings", bound=ServiceSettings)


def read_settings(settings_class: type[Settings], **instead: Any) -> Settings:
    """The settings of this process's environment, but for those given by name. Raises WrongSetting."""
    try:
        return settings_class(**instead)
    except ValidationError as error:
        fields = settings_class.model_fields
        raise WrongSetting(*[_sentence(fields, each) for each in error.errors(include_url=False)]) from error


def variable_name(field_name: str) -> str:
    """The environment variable that holds a setting."""
    return PREFIX + field_name.upper()


def _sentence(fields: Mapping[str, FieldInfo], problem: Any) -> str:
    message = re.sub(r"^(Input|String|Value) should", "should", str(problem["msg"]).removeprefix("Value error, "))
    if not problem["loc"]:
        return f"{message}."
    field_name = str(problem["loc"][0])
    field = fields.get(field_name)
    if problem["type"] == "string_pattern_mismatch" and field is not None and field.examples:
        message = f"should look like {field.examples[0]}"
    if problem["type"] == "missing":
        return f"{variable_name(field_name)} is not set."
    if field_name.endswith("_url"):  # may hold a password, which is not repeated
        return f"{variable_name(field_name)} {message}."
    between = ", which " if message.startswith(CONTINUES) else ": "
    given = os.environ.get(variable_name(field_name), str(problem["input"]))  # as it was written, not as it was read
    return f"{variable_name(field_name)} is {given!r}{between}{message}."
