"""The first process of a service: what it prepares once, partly as root: limits, ports, files, user, log."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from OpenSSL import SSL
from twisted.logger import Logger

from shared.runtime.chroot import check_directory
from shared.runtime.chroot import enter as enter_chroot
from shared.runtime.daemon import Background, PidFile, ProcessOptions, give_logfile
from shared.runtime.open_log import ServiceLog, open_log
from shared.runtime.parts import open_certificates
from shared.runtime.privileges import become, find_identity, name_of, raise_file_limit
from shared.runtime.settings import ServiceSettings, WrongSetting, variable_name
from shared.runtime.sockets import Sockets, bind_all, place_of

_log = Logger()


@dataclass(slots=True)
class FirstProcess:
    """What the preparations of a service's first process leave behind."""

    name: str
    settings: ServiceSettings
    sockets: Sockets
    background: Background
    pid_file: PidFile | None
    log: ServiceLog
    places: Mapping[str, Sequence[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {door: [place_of(each) for each in bound] for door, bound in self.sockets.doors()}

    def tell_started(self) -> None:
        """Say where the doors are, in the log and in the ports file, and let the starting command return."""
        for door, places in self.places.items():
            for place in places:
                _log.info("{door} listens on {place}", door=door, place=place)
        if self.settings.ports_file is not None:
            new = self.settings.ports_file.with_name(f".{self.settings.ports_file.name}.{os.getpid()}")
            new.write_text(json.dumps({"service": self.name, "pid": os.getpid(), "doors": self.places}) + "\n")
            new.replace(self.settings.ports_file)
        self.background.started()


def prepare_first_process(name: str, flags: ProcessOptions, settings: ServiceSettings) -> FirstProcess:
    """Bind the ports, go to the background, become the ordinary user, start the log: as far as each is asked for.

    Files that are read later, such as keys and secrets, must be readable by that user. Raises WrongSetting.
    """
    raise_file_limit()
    identity = find_identity(flags.user, flags.group)
    pid_file = PidFile(flags.pidfile) if flags.pidfile else None
    if pid_file:
        pid_file.refuse_second()
    if flags.chroot:
        check_directory(flags.chroot, name, settings)
    sockets = bind_all(settings)
    if identity:
        for path in (flags.logfile, flags.error_logfile):
            seen = path if path is None or flags.chroot is None else flags.chroot / path.relative_to(path.anchor)
            if seen is not None and (path is flags.logfile or seen.exists()):
                give_logfile(seen, identity.user_id, identity.group_id)
    background = Background()
    if flags.daemon:
        background.enter()
    if pid_file:
        pid_file.write()
    named = "" if identity is None else name_of(identity)  # by files that may be out of reach soon
    if flags.chroot:
        enter_chroot(flags.chroot, name)
    if identity:
        become(identity)
    check_certificates(settings)
    log = open_log(name, flags, settings)
    log.begin_anew(flags)
    if identity:
        _log.info("is {named} from here on", named=named)
    return FirstProcess(name, settings, sockets, background, pid_file, log)


def check_certificates(settings: ServiceSettings) -> None:
    """Raises WrongSetting unless the certificate and its key can be used, or made."""
    variable = variable_name("certificate_directory" if settings.certificate_file is None else "certificate_file")
    try:
        open_certificates(settings)
    except OSError as error:
        raise WrongSetting(f"{variable}: no certificate can be read or made there ({error}).") from error
    except SSL.Error as error:
        reasons = ", ".join(str(each[-1]) for each in error.args[0]) if error.args else "no reason is given"
        raise WrongSetting(f"{variable}: the certificate and its key cannot be used together ({reasons}).") from error
