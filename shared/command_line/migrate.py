"""`agora migrate`: a database that this release can work with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from shared.accounts.account import Account, Role
from shared.accounts.verifiers import Verifiers, derive_verifiers
from shared.command_line.create_user import create_user
from shared.command_line.output import json_option, print_json
from shared.command_line.passwords import generate_password
from shared.command_line.place import Place
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.database.migrate import migrate
from shared.database.transaction import Transaction
from shared.database.url import url_with_password
from shared.mail.domains import ensure_domain
from shared.runtime.settings import ServiceSettings

ADMIN = "admin"
ADMIN_PASSWORD_FILE = "AGORA_ADMIN_PASSWORD_FILE"
ONE_AT_A_TIME = 0x6669727374  # any number nobody else locks ("first"): several may start at once


@click.command()
@state_option
@json_option
def command(place: Place, as_json: bool) -> None:
    """Bring the database up to date. `agora up` and compose's migrate job do it by themselves.

    Waits for PostgreSQL, applies the migrations that are missing, makes the domain AGORA_MAIL_DOMAIN known, and, when
    there is no admin yet, creates the account `admin` and shows its password: once. AGORA_ADMIN_PASSWORD_FILE names a
    file that holds the password it shall have instead. Several may run at once; running it again changes nothing.
    """
    settings = settings_for(place)
    with plain_errors():
        applied = migrate(url_with_password(settings.database_url, settings.database_password_file))
        admin = _ensure_admin(Store(settings))
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
    if store.transact(_prepare, store.settings.mail_domain):
        return None
    file = os.environ.get(ADMIN_PASSWORD_FILE)
    password = Path(file).read_text().partition("\n")[0] if file else generate_password()
    made = store.transact(_create_first_admin, derive_verifiers(password), store.settings)
    return None if made is None else {"name": made.name, "password": None if file else password}


def _prepare(tx: Transaction, domain: str) -> bool:
    ensure_domain(tx, domain)
    return _has_admin(tx)


def _has_admin(tx: Transaction) -> bool:
    return bool(tx.value("SELECT EXISTS (SELECT FROM account WHERE role = 'admin')"))


def _create_first_admin(tx: Transaction, verifiers: Verifiers, settings: ServiceSettings) -> Account | None:
    tx.execute("SELECT pg_advisory_xact_lock(%s)", (ONE_AT_A_TIME,))
    if _has_admin(tx):  # whoever started at the same moment was faster
        return None
    return create_user(tx, ADMIN, verifiers, settings.mail_domain, Role.ADMIN)
