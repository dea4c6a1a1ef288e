"""The settings of the SSH service."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, field_validator

from shared.administration.host_keys import KINDS
from shared.doors import default_endpoints
from shared.runtime.setting_kinds import Duration, Endpoints, Words
from shared.runtime.site_settings import SiteSettings

METHODS = ("publickey", "password")


class SshAdminSettings(SiteSettings):
    """Settings of the SSH door."""

    ssh_endpoints: Endpoints = Field(
        default=default_endpoints("ssh"),
        description="Where SSH listens.",
    )
    ssh_connections: int = Field(
        default=1000,
        ge=1,
        description="How many SSH connections one process serves at a time.",
    )
    ssh_connections_per_address: int = Field(
        default=20,
        ge=1,
        description="How many of these connections may come from one address other than this machine's own.",
    )
    ssh_connections_per_account: int = Field(
        default=20,
        ge=1,
        description="How many SSH connections one account may have in one process.",
    )
    ssh_methods: Words = Field(
        default=METHODS,
        description="How clients sign in over SSH: publickey, password, or both.",
    )
    ssh_host_keys: Words = Field(
        default=("ed25519", "rsa"),
        description="Which of the server's SSH keys clients are offered: ed25519, rsa, ecdsa. All three are made.",
    )
    ssh_login_limit: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=1),
        description="An SSH client that has not signed in after this long is disconnected.",
    )
    ssh_idle_limit: Duration = Field(
        default=timedelta(hours=1),
        ge=timedelta(seconds=10),
        description="An SSH connection on which nothing was typed or shown for this long is closed.",
    )
    trace_kept: Duration = Field(
        default=timedelta(days=60),
        ge=timedelta(days=1),
        description="How long `agora trace` finds a message, and what was sent of it.",
    )

    @field_validator("ssh_methods")
    @classmethod
    def _known_methods(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        if not methods or not set(methods) <= set(METHODS):
            raise ValueError(f"should be one or both of {' '.join(METHODS)}")
        return methods

    @field_validator("ssh_host_keys")
    @classmethod
    def _known_keys(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        if not kinds or not set(kinds) <= set(KINDS):
            raise ValueError(f"should be some of {' '.join(KINDS)}")
        return kinds
