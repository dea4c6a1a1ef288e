"""`agora ssh-keys`: the server's own SSH keys, by which clients recognise it."""

from __future__ import annotations

import click

from shared.administration import host_keys
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, print_json, show_listing


@click.command()
@state_option
@json_option
def command(directory: StateDirectory, as_json: bool) -> None:
    """Show the fingerprints of the server's SSH keys, and their SSHFP records for DNS.

    `agora migrate` makes the keys, once. Publish the records in a zone that is signed (DNSSEC): OpenSSH then trusts
    them with VerifyHostKeyDNS=yes.
    """
    with plain_errors():
        store = Store(settings_for(directory))
        keys = store.transact(host_keys.list_all)
    rows = [{"kind": each.kind, "fingerprint": each.fingerprint, "sshfp": each.sshfp} for each in keys]
    if as_json:
        print_json(rows)
        return
    if not rows:
        fail("there are no SSH host keys yet: `agora migrate` makes them")
    show_listing([{"kind": row["kind"], "fingerprint": row["fingerprint"]} for row in rows], False)
    click.echo()
    for row in rows:
        click.echo(f"{store.settings.hostname}. IN SSHFP {row['sshfp']}")
