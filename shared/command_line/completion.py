"""`agora completion`: the completion of commands for a shell, made from the tree of commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from shared.command_line.terminal.output import fail

VARIABLE = "_AGORA_COMPLETE"  # set by the shell's function: then `agora` prints what may come next, and does nothing
SHELLS = ("bash", "zsh", "fish")
WAY_IN = {
    "bash": "agora completion bash > ~/.local/share/bash-completion/completions/agora",
    "zsh": "agora completion zsh > ~/.zfunc/_agora    # with ~/.zfunc in fpath before compinit",
    "fish": "agora completion fish > ~/.config/fish/completions/agora.fish",
}


@click.command(epilog="\b\nFor good:\n" + "\n".join(f"  {line}" for line in WAY_IN.values()))
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion of commands, options and files for SHELL.

    \b
    In this bash alone:  source <(agora completion bash)
    """
    completion = get_completion_class(shell)
    if completion is None:
        fail(f"there is no completion for {shell}")
    root = click.get_current_context().find_root()
    # Not `source()`: it would ask which bash is installed, and say so on the standard error.
    made = completion(root.command, {}, "agora", VARIABLE)
    click.echo(made.source_template % made.source_vars(), nl=False)
