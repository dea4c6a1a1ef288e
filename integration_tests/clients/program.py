"""A mail program of this machine, run with an empty home directory."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

# A folder of programs that are unpacked and not installed, for some of them exclude each other as packages.
UNPACKED = os.environ.get("AGORA_UNPACKED_PROGRAMS", "")
PATH = os.pathsep.join(filter(None, (os.defpath, "/usr/sbin", UNPACKED)))
PATIENCE_SECONDS = 60  # of one run; the longest takes 3 s on an idle machine


@dataclass(frozen=True)
class Finished:
    """How a run ended, and what it wrote."""

    status: int
    output: bytes
    errors: bytes

    @property
    def text(self) -> str:
        """All that was written, for a person to read."""
        return (self.output + self.errors).decode(errors="replace")


@dataclass(frozen=True)
class Program:
    """An installed program. It sees no settings but those written into `home`, and nothing of it outlives a run."""

    path: str
    home: Path

    def write(self, name: str, text: str | bytes) -> Path:
        """A file in the home, readable to its owner alone, as these programs want it."""
        file = self.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        file.chmod(0o600)
        return file

    @property
    def environment(self) -> dict[str, str]:
        """All that it is told from outside."""
        return {"HOME": str(self.home), "PATH": PATH, "LANG": "C.UTF-8", "TZ": "UTC"}

    def run(self, *arguments: str | Path, input: bytes = b"") -> Finished:
        """Run to the end, whatever it is. Fails when that does not come."""
        process = subprocess.Popen(
            [self.path, *map(str, arguments)],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(input, PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            raise AssertionError(f"{self.path} does not end: {(output + errors).decode(errors='replace')}") from None
        return Finished(process.returncode, output, errors)

    def succeed(self, *arguments: str | Path, input: bytes = b"") -> bytes:
        """Run, and give what it wrote to its standard output. Fails unless it ended well."""
        finished = self.run(*arguments, input=input)
        assert finished.status == 0, f"{self.path} ended with {finished.status}: {finished.text}"
        return finished.output
