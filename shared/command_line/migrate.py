"""`agora migrate`: a database that this release can work with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from shared.accounts.verifiers import derive_verifiers
from shared.administration import first_admin
from shared.administration.generate_password import generate_password
from shared.command_line.output import json_option, print_json
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.database.migrate import migrate
from shared.database.url import url_with_password

ADMIN_PASSWORD_FILE = "AGORA_ADMIN_PASSWORD_FILE"


@click.command()
@state_option
@json_option
def command(directory: StateDirectory, as_json: bool) -> None:
    """Bring the database up to date. `agora up` and compose's migrate job do it by themselves.

    Waits for PostgreSQL, applies the migrations that are missing, makes the domain AGORA_MAIL_DOMAIN known, and, when
    there is no admin yet, creates the account `admin` and shows its password: once. AGORA_ADMIN_PASSWORD_FILE names a
    file that holds this password instead. Several may run at once; running it again changes nothing.
    """
    settings = settings_for(directory)
    with plain_errors():
        applied = migrate(url_with_password(settings.database_url, settings.database_password_file))
        admin = _ensure_admin(Store(settings, announces=False))  # the services start after this
    if as_json:
        print_json({"applied": applied, "admin": admin})
        return
    click.echo(f"Migrations applied: {', '.join(applied)}" if applied else "The schema is up to date.")
    if admin is not None:
        click.echo(f"The administrator's account is {admin['name']}.")
    if admin is not None and admin["password"] is not None:
        click.echo(f"Its password, shown only now: {admin['password']}")


def _ensure_admin(store: Store) -> dict[str, Any] | None:
    """The name and the generated password of the admin this made, if it made one."""
    if store.transact(first_admin.prepare_store, store.settings.mail_domain):
        return None
    file = os.environ.get(ADMIN_PASSWORD_FILE)
    password = Path(file).read_text().partition("\n")[0] if file else generate_password()
    made = store.transact(first_admin.create_first_admin, derive_verifiers(password), store.settings.mail_domain)
    return None if made is None else {"name": made.name, "password": None if file else password}
