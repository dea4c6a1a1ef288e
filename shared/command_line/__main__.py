"""`python -m shared.command_line`, which is what `./agora` becomes."""

from __future__ import annotations

from shared.command_line.called_as import CALLED_AS
from shared.command_line.completion import VARIABLE
from shared.command_line.root import agora

if __name__ == "__main__":
    agora(prog_name=CALLED_AS, complete_var=VARIABLE)
