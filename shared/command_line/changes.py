"""The commands that change something, and the line that each of them leaves in the log: who ran what, how it went.

The line goes to `admin.log` beside the logs of the local stack; in a container to that container's own log.
"""

from __future__ import annotations

import functools
import os
import pwd
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from shared.activity.events import Command
from shared.activity.line import as_fields, as_json, as_text
from shared.command_line.service_places import in_container
from shared.command_line.state_directory import StateDirectory
from shared.command_line.terminal.output import CommandFailed
from shared.command_line.terminal.surroundings import surroundings
from shared.runtime.log_file import LogFile
from shared.runtime.logs import now_shown
from shared.runtime.settings import LogFormat

CHANGING = frozenset({
    "address add", "address delete", "domain add", "domain delete", "down",
    "feed add", "feed import", "feed refresh", "feed remove", "feed set",
    "import imap", "import maildir", "import mbox", "mail send", "migrate", "news post",
    "page delete", "page edit", "page import", "page put", "page rename", "page revert", "page set", "page undelete",
    "passwd",
    "queue drop", "queue hold", "queue release", "queue retry",
    "proxy limits clear", "proxy limits set", "proxy rules allow", "proxy rules block", "proxy rules import",
    "proxy rules mode", "proxy rules remove", "restart", "restore", "room add", "room approve", "room cancel",
    "room delete", "room marks", "room members", "room reject", "room set", "room subscribe", "room undo",
    "room unsubscribe",
    "sender allow", "sender block", "sender remove", "service restart", "service start", "service stop",
    "session end", "session watch", "store load", "tour",
    "undelete", "user add",
    "user app-password add", "user app-password delete", "user delete", "user disable", "user enable", "user import",
    "user set", "user set-name", "user set-password", "user set-quota", "user set-role",
    "user forward add", "user forward copy", "user forward delete", "user ssh-key add", "user ssh-key delete",
    "user unlock",
    "wiki delete", "wiki import", "wiki put",
})  # fmt: skip
READING = frozenset({
    "address list", "audit list", "backup", "bench", "check", "completion", "connect", "domain dns", "domain list",
    "export maildir", "export mbox", "feed export", "feed list", "fetch", "logs",
    "mail folders", "mail get", "mail mx", "mail pop",
    "news get", "news groups", "page diff", "page export", "page history", "page list",
    "page needed", "page orphans", "page recent", "page search", "page show", "proxy limits list", "proxy report usage",
    "proxy report words", "proxy rules list", "proxy status", "room held", "room list", "room show",
    "queue list", "queue show", "room subscribers", "sender list", "service list",
    "session list", "ssh", "ssh-keys", "status",
    "store dump", "store up", "test", "trace", "up", "watch",
    "user list", "user app-password list", "user forward list", "user lockouts", "user ssh-key list",
    "wiki export", "wiki get", "wiki history", "wiki list", "wiki needed", "wiki search",
})  # fmt: skip
LOG = "admin"
LOG_OCTETS = 10_000_000
LOG_FILES = 5
LONGEST_REASON = 200
CONTAINERS_LOG = Path("/proc/1/fd/2")  # the standard error of the container's first process, which its log is made of


def recorded(command: click.Command, path: str) -> click.Command:
    """`command`, with a line in the log for each command at or below `path` that changes something."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            recorded(below, f"{path} {name}")
    elif path in CHANGING and command.callback is not None and not hasattr(command.callback, "is_recorded"):
        command.callback = _recording(command.callback)
    return command


def _recording(callback: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(callback)
    def run(*arguments: Any, **named: Any) -> Any:
        context = click.get_current_context()
        try:
            result = callback(*arguments, **named)
        except SystemExit as end:
            reason = end.reason if isinstance(end, CommandFailed) else ""
            _write(context, "done" if end.code in (0, None) else "failed", reason[:LONGEST_REASON])
            raise
        except BaseException as error:
            _write(context, "failed", f"{type(error).__name__}: {error}"[:LONGEST_REASON])
            raise
        _write(context, "done", "")
        return result

    run.is_recorded = True  # type: ignore[attr-defined]
    return run


def _write(context: click.Context, outcome: str, reason: str) -> None:
    """Write the line; if that fails, the command has still succeeded."""
    if (around := surroundings()) is not None:
        around.record(Command(outcome, around.user, _typed(context), reason))
        return
    event = Command(outcome, _user(), _typed(context), reason)
    directory = context.params.get("directory")
    form = LogFormat.JSON if os.environ.get("AGORA_LOG_FORMAT") == LogFormat.JSON.value else LogFormat.CONSOLE
    if form is LogFormat.JSON:
        line = as_json({"time": now_shown(), "level": "info", "service": LOG, **as_fields(event)})
    else:
        line = f"{now_shown()} info  {LOG} {as_text(event)}"
    with suppress(OSError):
        if isinstance(directory, StateDirectory) and directory.logs.is_dir():
            LogFile(directory.logs / f"{LOG}.log", LOG_OCTETS, LOG_FILES).write(line + "\n")
        elif in_container():
            with CONTAINERS_LOG.open("a") as log:
                log.write(line + "\n")


def who_runs() -> str:
    """Who runs this command: the account that has signed in, else the user of the operating system."""
    return _user() if (around := surroundings()) is None else around.user


def _user() -> str:
    """The user of the operating system; behind a slash the user before `sudo`, as sudo says."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    before = os.environ.get("SUDO_USER")
    return f"{name}/{before}" if before else name


def _typed(context: click.Context) -> str:
    """The command with its arguments and the options that were given. Passwords are read, and never arguments."""
    words = ["agora", *context.command_path.removeprefix(context.find_root().command_path).split()]
    for parameter in context.command.params:
        name = parameter.name or ""
        if name == "directory" or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        value = context.params.get(name)
        values = value if isinstance(value, (list, tuple)) else [value]
        if isinstance(parameter, click.Option):
            option = parameter.opts[0]
            words += [option] if parameter.is_flag else [each for one in values for each in (option, _shown(one))]
        else:
            words += [_shown(each) for each in values if each is not None]
    return shlex.join(words)


def _shown(value: object) -> str:
    return str(getattr(value, "name", None) or getattr(value, "value", None) or value)
