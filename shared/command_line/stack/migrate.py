"""`agora migrate`: a database that this release can work with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from shared.accounts.verifiers import derive_verifiers
from shared.administration import first_admin, host_keys
from shared.administration.generate_password import generate_password
from shared.command_line.stack.domain_keys import ensure_domain_keys
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json
from shared.database.migrate import migrate
from shared.database.url import url_with_password
from shared.runtime.stack_key import StackKeyUnusable, ensure_stack_key

ADMIN_PASSWORD_FILE = "AGORA_ADMIN_PASSWORD_FILE"


@click.command()
@state_option
@json_option
def command(directory: StateDirectory, as_json: bool) -> None:
    """Bring the database up to date. `agora up` and compose's migrate job do it by themselves.

    Waits for PostgreSQL, applies the migrations that are missing, makes the domain AGORA_MAIL_DOMAIN known, makes the
    server's SSH keys, which are kept in the store, sealed with the key in AGORA_STACK_KEY_FILE, and, when there is no
    admin yet, creates the account `admin` and shows its password: once. AGORA_ADMIN_PASSWORD_FILE names a
    file that holds this password instead. Several may run at once; running it again changes nothing.
    """
    settings = settings_for(directory)
    with plain_errors():
        applied = migrate(url_with_password(settings.database_url, settings.database_password_file))
        made, without = _ensure_host_keys(Store(settings, announces=False))
        admin = _ensure_admin(Store(settings, announces=False))  # the services start after this
        signing = ensure_domain_keys(Store(settings, announces=False))  # also for the domain that this has made known
    if as_json:
        print_json({"applied": applied, "admin": admin})
        return
    click.echo(f"Migrations applied: {', '.join(applied)}" if applied else "The schema is up to date.")
    if made:
        click.echo(f"SSH host keys made: {', '.join(made)}")
    if without is not None:
        click.echo(f"There are no SSH host keys: {without}")
    if signing:
        click.echo(f"Keys made to sign the mail of {', '.join(signing)}: agora domain dns NAME")
    if admin is not None:
        click.echo(f"The administrator's account is {admin['name']}.")
    if admin is not None and admin["password"] is not None:
        click.echo(f"Its password, shown only now: {admin['password']}")


def _ensure_host_keys(store: Store) -> tuple[Sequence[str], str | None]:
    """The kinds of the SSH keys that this made; and why it could not, which keeps no other door closed."""
    kinds = store.transact(host_keys.missing)
    if not kinds:
        return (), None
    try:
        stack_key = ensure_stack_key(store.settings.stack_key_file)
    except StackKeyUnusable as reason:
        return (), str(reason)
    return store.transact(host_keys.keep, host_keys.make(kinds, stack_key)), None


def _ensure_admin(store: Store) -> dict[str, Any] | None:
    """The name and the generated password of the admin this made, if it made one."""
    if store.transact(first_admin.prepare_store, store.settings.mail_domain):
        return None
    file = os.environ.get(ADMIN_PASSWORD_FILE)
    password = Path(file).read_text().partition("\n")[0] if file else generate_password()
    made = store.transact(first_admin.create_first_admin, derive_verifiers(password), store.settings.mail_domain)
    return None if made is None else {"name": made.name, "password": None if file else password}
