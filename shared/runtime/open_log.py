"""The log of a service's process, opened as its flags and settings say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.daemon import ProcessOptions
from shared.runtime.log_file import LogFile
from shared.runtime.logs import start_logging
from shared.runtime.settings import ServiceSettings, WrongSetting, variable_name


@dataclass(frozen=True, slots=True)
class ServiceLog:
    """The files that a log is written to."""

    files: Sequence[LogFile]
    errors: LogFile | None

    def reopen(self) -> None:
        """Go on in whatever files the paths name now."""
        for file in self.files:
            file.reopen()

    def begin_anew(self, flags: ProcessOptions) -> None:
        """Put aside the errors of earlier runs, if --error-logfile made the file this service's own."""
        if self.errors is not None and flags.error_logfile is not None:
            self.errors.put_aside()


def open_log(name: str, flags: ProcessOptions, settings: ServiceSettings) -> ServiceLog:
    """Start the log. Raises WrongSetting."""
    output = errors = None
    if flags.logfile:
        try:
            output = _file(flags.logfile, settings)
        except OSError as error:
            raise WrongSetting(f"--logfile: cannot write {flags.logfile} ({error.strerror}).") from error
    error_path = flags.error_logfile or settings.error_log_file
    if error_path is not None:
        _check_place(error_path, "--error-logfile" if flags.error_logfile else variable_name("error_log_file"))
        errors = _file(error_path, settings, when_needed=True)
    start_logging(name, settings.log_format, settings.log_level, output, errors)
    return ServiceLog([file for file in (output, errors) if file is not None], errors)


def _file(path: Path, settings: ServiceSettings, *, when_needed: bool = False) -> LogFile:
    return LogFile(path, settings.log_file_octets, settings.log_files_kept, when_needed=when_needed)


def _check_place(path: Path, said_by: str) -> None:
    """Check now that the file of errors can be made: it is made at the first error, and that must not fail.

    Raises WrongSetting.
    """
    directory = path.absolute().parent
    if not os.access(directory, os.W_OK | os.X_OK):
        raise WrongSetting(f"{said_by}: the user that the service runs as cannot make files in {directory}.")
    if path.exists() and not os.access(path, os.W_OK):
        raise WrongSetting(f"{said_by}: the user that the service runs as cannot write {path}.")
