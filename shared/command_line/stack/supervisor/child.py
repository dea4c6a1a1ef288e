"""A service as a child of its supervisor: it ends when the supervisor ends, however that ends.

`python -m shared.command_line.stack.supervisor.child SUPERVISOR_PID MODULE [ARGUMENT …]`: a small process that only
asks the kernel for a signal at its parent's death, and then replaces itself by `python -m MODULE …`: the supervisor
then has the service's own pid.
"""

from __future__ import annotations

import os
import signal
import sys

from shared.runtime.tied_process import tie_to_parent


def main() -> None:
    supervisor, module_and_arguments = int(sys.argv[1]), sys.argv[2:]
    tie_to_parent(signal.SIGTERM)
    if os.getppid() != supervisor:  # the parent had ended before the kernel was asked
        sys.exit("the supervisor is gone")
    os.execv(sys.executable, [sys.executable, "-P", "-m", *module_and_arguments])


if __name__ == "__main__":
    main()
