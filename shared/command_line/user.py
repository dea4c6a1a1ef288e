"""`agora user`: accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from shared.accounts.account import Account, Role
from shared.accounts.change_account import disable_account, enable_account, set_quota, set_role
from shared.accounts.delete_account import delete_account
from shared.accounts.errors import AccountExists
from shared.accounts.find_account import find_account
from shared.accounts.list_accounts import list_accounts
from shared.accounts.names import check_account_name
from shared.accounts.set_password import set_password
from shared.accounts.verifiers import derive_verifiers
from shared.command_line.app_password import app_password
from shared.command_line.create_user import create_user
from shared.command_line.lockouts import lockouts, unlock
from shared.command_line.output import fail, json_option, print_json, show_listing
from shared.command_line.passwords import generate_password, read_password
from shared.command_line.place import Place
from shared.command_line.quantities import OCTETS
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.database.transaction import Transaction
from shared.events.events import AccountChanged
from shared.octets import format_octets

ROLES = click.Choice([role.value for role in Role])
password_stdin = click.option("--password-stdin", is_flag=True, help="Read it from the standard input's first line.")
weak_option = click.option("--weak", is_flag=True, help="Take a short or common password all the same.")
quota_option = click.option("--quota", type=OCTETS, help="Most mail it may keep: 500MiB, 2GiB (default: no limit).")


@click.group()
def command() -> None:
    """Accounts: who may sign in, and with what.

    NAME is what somebody signs in with, and the first part of their first address. alice and alice@DOMAIN both mean
    alice, for any domain that mail is kept for.
    """


@command.command()
@state_option
@click.argument("name")
@click.option("--role", type=ROLES, default=Role.MEMBER.value, show_default=True, help="What it may do.")
@quota_option
@password_stdin
@click.option("--generate-password", "generate", is_flag=True, help="Make one up, and show it.")
@weak_option
@json_option
def add(
    place: Place,
    name: str,
    role: str,
    quota: int | None,
    password_stdin: bool,
    generate: bool,
    weak: bool,
    as_json: bool,
) -> None:
    """Make an account with its folders and its address NAME@DOMAIN. Asks for the password: of 8 characters at least,
    and none of the most used ones.

    \b
    In scripts:  printf '%s\\n' "$PASSWORD" | agora user add alice --password-stdin
    """
    with plain_errors():
        store = Store(settings_for(place))
        store.transact(_require_new, name)
        password = generate_password() if generate else read_password(password_stdin)
        verifiers = derive_verifiers(password, may_be_weak=weak)
        account = store.transact(create_user, name, verifiers, store.settings.mail_domain, Role(role), quota)
        store.announce([AccountChanged(account.id)])
    address = f"{account.name}@{store.settings.mail_domain}"
    shown = {"password": password} if generate else {}
    if as_json:
        print_json({**_row(account, 0), "address": address, **shown})
        return
    click.echo(f"{account.name} can sign in, and receives mail for {address}.")
    if generate:
        click.echo(f"The password, shown only now: {password}")


def _require_new(tx: Transaction, name: str) -> None:
    """Before anybody is asked for a password. Raises UnusableName, AccountExists."""
    if tx.value("SELECT EXISTS (SELECT FROM account WHERE name = %s)", (check_account_name(name),)):
        raise AccountExists(name)


@command.command("list")
@state_option
@json_option
def list_all(place: Place, as_json: bool) -> None:
    """Show all accounts, and how much mail each keeps."""
    with plain_errors():
        accounts, used = Store(settings_for(place)).transact(lambda tx: (list_accounts(tx), _used_octets(tx)))
    rows = [_row(account, used.get(account.id, 0)) for account in accounts]
    if not as_json:
        for row in rows:
            row["used"] = format_octets(row.pop("used_octets"))
            row["quota"] = format_octets(row.pop("quota_octets"))
    show_listing(rows, as_json, nothing="No accounts.")


def _used_octets(tx: Transaction) -> dict[int, int]:
    rows = tx.rows("SELECT account_id, sum(octets)::bigint FROM folder WHERE account_id IS NOT NULL GROUP BY 1")
    return dict(rows)


def _row(account: Account, used_octets: int) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role.value,
        "enabled": account.enabled,
        "used_octets": used_octets,
        "quota_octets": account.quota_octets,
    }


@command.command("set-password")
@state_option
@click.argument("name")
@password_stdin
@weak_option
def change_password(place: Place, name: str, password_stdin: bool, weak: bool) -> None:
    """Give NAME a new password. Its app passwords stay as they are."""
    with plain_errors():
        store = Store(settings_for(place))
        store.transact(find_account, name)
        verifiers = derive_verifiers(read_password(password_stdin), may_be_weak=weak)
        _change(store, name, lambda tx, account: set_password(tx, account.id, verifiers))
    click.echo(f"{name} has a new password.")


@command.command()
@state_option
@click.argument("name")
def disable(place: Place, name: str) -> None:
    """Let NAME not sign in any more. Everything it keeps stays, and mail goes on arriving."""
    with plain_errors():
        _change(Store(settings_for(place)), name, lambda tx, account: disable_account(tx, account.id))
    click.echo(f"{name} cannot sign in now; open sessions end.")


@command.command()
@state_option
@click.argument("name")
def enable(place: Place, name: str) -> None:
    """Let NAME sign in again."""
    with plain_errors():
        _change(Store(settings_for(place)), name, lambda tx, account: enable_account(tx, account.id))
    click.echo(f"{name} can sign in.")


@command.command("set-role")
@state_option
@click.argument("name")
@click.argument("role", type=ROLES)
def change_role(place: Place, name: str, role: str) -> None:
    """Change what NAME may do. Mail for postmaster and abuse goes to every admin."""
    with plain_errors():
        _change(Store(settings_for(place)), name, lambda tx, account: set_role(tx, account.id, Role(role)))
    click.echo(f"{name} is {role} now.")


@command.command("set-quota")
@state_option
@click.argument("name")
@click.argument("quota", type=OCTETS)
def change_quota(place: Place, name: str, quota: int | None) -> None:
    """Limit how much mail NAME may keep: 500MiB, 2GiB, or `none`."""
    with plain_errors():
        _change(Store(settings_for(place)), name, lambda tx, account: set_quota(tx, account.id, quota))
    click.echo(f"{name} may keep {'any amount' if quota is None else format_octets(quota)} of mail.")


@command.command()
@state_option
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(place: Place, name: str, yes: bool) -> None:
    """Delete NAME with all its mail. There is no way back but a backup."""
    with plain_errors():
        store = Store(settings_for(place))
        store.transact(find_account, name)
        if not yes and not click.confirm(f"Delete {name} and all mail it keeps?"):
            fail("nothing is deleted")
        _change(store, name, lambda tx, account: delete_account(tx, account.id))
    click.echo(f"{name} is gone.")


def _change(store: Store, name: str, change: Callable[[Transaction, Account], object]) -> None:
    """Change one account in a transaction, then tell the services to forget what they remember of it."""

    def found_and_changed(tx: Transaction) -> int:
        account = find_account(tx, name)
        change(tx, account)
        return account.id

    store.announce([AccountChanged(store.transact(found_and_changed))])


command.add_command(app_password)
command.add_command(lockouts)
command.add_command(unlock)
