"""The life in a directory of its own: a service that sees nothing else of the machine's files (chroot(2)).

Whatever Python would read from its own files later is read before: modules, codecs, the resolver's libraries.
"""

from __future__ import annotations

import contextlib
import encodings
import importlib
import os
import pkgutil
import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from shared.runtime.settings import ServiceSettings, WrongSetting

NEEDED = ("dev/null", "etc/hosts", "etc/resolv.conf", "tmp")
_NOT_OF_SERVICES = ("tests", "test", "testing")
_COMMAND_LINE = "shared.command_line"  # of the services ssh_admin alone runs commands
# Packages that import parts of their own when they are first used.
_READ_LATER = ("cryptography", "idna", "psycopg2", "twisted.internet", "twisted.names", "twisted.web")
_OF_OTHER_SYSTEMS = re.compile(r"twisted\.internet\.(_?win|wx|gtk|gi|glib|cf|iocp|kq|tksupport|pyui)")
STARTS_PROCESSES = ("wiki", "news_gateway")  # pages and feeds are read in processes of their own


def check_directory(directory: Path, service: str, settings: ServiceSettings) -> None:
    """Raises WrongSetting, in one sentence, unless a service can live in the directory."""
    if os.geteuid() != 0:
        raise WrongSetting("--chroot can be used by root only.")
    if not directory.is_dir():
        raise WrongSetting(f"--chroot: {directory} is no directory.")
    missing = [name for name in NEEDED if not (directory / name).exists()]
    if (settings.workers > 1 or service in STARTS_PROCESSES) and not _within(directory, Path(sys.executable)).exists():
        missing.append(f"{sys.executable} and all that it needs")
    if missing:
        raise WrongSetting(f"--chroot: {directory} lacks {', '.join(missing)}.")


def enter(directory: Path, service: str) -> None:
    """Read what will be needed, then see nothing but the directory, for good."""
    for package in _packages(service):
        for name in _modules_below(package):
            if _OF_OTHER_SYSTEMS.match(name) or (name.startswith(_COMMAND_LINE) and service != "ssh_admin"):
                continue
            with contextlib.suppress(Exception):  # what is for other systems, or for a local stack alone
                importlib.import_module(name)
    with contextlib.suppress(OSError):
        socket.getaddrinfo("localhost", 0)  # loads the libraries that /etc/nsswitch.conf names
    time.tzset()
    os.chroot(directory)
    os.chdir("/")


def _within(directory: Path, path: Path) -> Path:
    return directory / path.absolute().relative_to("/")


def _packages(service: str) -> Iterator[ModuleType]:
    yield encodings
    for name in ("shared", f"services.{service}", *_READ_LATER):
        with contextlib.suppress(ImportError):
            yield importlib.import_module(name)


def _modules_below(package: ModuleType) -> Iterator[str]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=lambda _name: None):
        parts = module.name.split(".")
        if not any(each in _NOT_OF_SERVICES or each.startswith("__main") for each in parts):
            yield module.name
