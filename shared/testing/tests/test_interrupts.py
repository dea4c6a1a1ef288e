"""Programs that tests start can be interrupted, however the tests were started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from shared.command_line.state_directory import ROOT

# Ignored signals are inherited by what is run next, others are not.
IGNORING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
TEST = """
import signal, subprocess, sys

def test_child() -> None:
    program = "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).stdout == b"False\\n"
"""


def test_a_session_in_the_background_of_a_script_starts_programs_that_obey_sigint(tmp_path: Path) -> None:
    (tmp_path / "test_child.py").write_text(TEST)
    pytest = [sys.executable, "-P", "-m", "pytest", "-q", "--rootdir", str(tmp_path), "-c", "/dev/null"]
    command = [*pytest, "-p", "shared.testing.fixtures", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", IGNORING, *command], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
