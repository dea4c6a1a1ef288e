"""`agora user`: accounts."""

from __future__ import annotations

from typing import Any

import click

from shared.accounts.account import Role
from shared.accounts.full_name import check_full_name
from shared.accounts.verifiers import derive_verifiers
from shared.administration import accounts
from shared.administration.accounts import Member
from shared.administration.generate_password import generate_password
from shared.command_line.accounts.app_password import app_password
from shared.command_line.accounts.lockouts import lockouts, unlock
from shared.command_line.accounts.own_forward import forward
from shared.command_line.accounts.ssh_key import ssh_key
from shared.command_line.accounts.user_import import import_users
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, print_json, show_listing
from shared.command_line.terminal.passwords import read_password
from shared.command_line.terminal.quantities import OCTETS
from shared.octets import format_octets

ROLES = click.Choice([role.value for role in Role])
password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of the standard input."
)
weak_option = click.option("--weak", is_flag=True, help="Accept a short or common password.")
quota_option = click.option(
    "--quota", type=OCTETS, help="The most mail that the account may keep: 500MiB, 2GiB (default: no limit)."
)


@click.group()
def command() -> None:
    """Accounts: who may sign in, and with what.

    NAME is the name to sign in with, and the local part of the account's first address. alice and alice@DOMAIN both
    mean alice, for any domain that mail is kept for.
    """


@command.command()
@state_option
@click.argument("name")
@click.option("--role", type=ROLES, default=Role.MEMBER.value, show_default=True, help="What the account may do.")
@click.option("--full-name", help="How others see its owner, who is asked for it at the first sign-in otherwise.")
@quota_option
@password_stdin
@click.option("--generate-password", "generate", is_flag=True, help="Generate a password, and show it.")
@weak_option
@json_option
def add(
    directory: StateDirectory,
    name: str,
    role: str,
    full_name: str | None,
    quota: int | None,
    password_stdin: bool,
    generate: bool,
    weak: bool,
    as_json: bool,
) -> None:
    """Make an account with its folders and its address NAME@DOMAIN. Asks for the password, which has 8 characters at
    least and is none of the most used passwords.

    \b
    In scripts:  printf '%s\\n' "$PASSWORD" | agora user add alice --password-stdin
    """
    with plain_errors():
        store = Store(settings_for(directory))
        store.transact(accounts.check_new_name, name)
        password = generate_password() if generate else read_password(password_stdin)
        verifiers = derive_verifiers(password, may_be_weak=weak)
        domain = store.settings.mail_domain
        account = store.transact(accounts.create_member, name, verifiers, domain, Role(role), quota, full_name)
    address = f"{account.name}@{domain}"
    shown = {"password": password} if generate else {}
    if as_json:
        print_json({**_row(Member(account, 0)), "address": address, **shown})
        return
    click.echo(f"{account.name} can sign in, and receives mail for {address}.")
    if generate:
        click.echo(f"The password, shown only now: {password}")


@command.command("list")
@state_option
@json_option
def list_all(directory: StateDirectory, as_json: bool) -> None:
    """Show all accounts, and how much mail each keeps."""
    with plain_errors():
        members = Store(settings_for(directory)).transact(accounts.list_members)
    rows = [_row(member) for member in members]
    if not as_json:
        for row in rows:
            row["used"] = format_octets(row.pop("used_octets"))
            row["quota"] = format_octets(row.pop("quota_octets"))
    show_listing(rows, as_json, nothing="No accounts.")


def _row(member: Member) -> dict[str, Any]:
    return {
        "name": member.account.name,
        "full_name": member.account.full_name,
        "role": member.account.role.value,
        "enabled": member.account.enabled,
        "used_octets": member.used_octets,
        "quota_octets": member.account.quota_octets,
    }


@command.command("set-password")
@state_option
@click.argument("name")
@password_stdin
@weak_option
def change_password(directory: StateDirectory, name: str, password_stdin: bool, weak: bool) -> None:
    """Give NAME a new password. Its app passwords stay as they are."""
    with plain_errors():
        store = Store(settings_for(directory))
        store.transact(accounts.find_account, name)
        verifiers = derive_verifiers(read_password(password_stdin), may_be_weak=weak)
        store.transact(accounts.set_password, name, verifiers)
    click.echo(f"{name} has a new password.")


@command.command()
@state_option
@click.argument("name")
def disable(directory: StateDirectory, name: str) -> None:
    """Keep NAME from signing in. Its mail is kept, and new mail is still delivered."""
    with plain_errors():
        Store(settings_for(directory)).transact(accounts.disable, name)
    click.echo(f"{name} cannot sign in now; open sessions end.")


@command.command()
@state_option
@click.argument("name")
def enable(directory: StateDirectory, name: str) -> None:
    """Let NAME sign in again."""
    with plain_errors():
        Store(settings_for(directory)).transact(accounts.enable, name)
    click.echo(f"{name} can sign in.")


@command.command("set-role")
@state_option
@click.argument("name")
@click.argument("role", type=ROLES)
def change_role(directory: StateDirectory, name: str, role: str) -> None:
    """Change what NAME may do. Mail for postmaster and abuse goes to every admin."""
    with plain_errors():
        Store(settings_for(directory)).transact(accounts.set_role, name, Role(role))
    click.echo(f"{name} is {role} now.")


@command.command("set-name")
@state_option
@click.argument("name")
@click.argument("full_name")
def change_full_name(directory: StateDirectory, name: str, full_name: str) -> None:
    """Change how others see NAME: beside what they write, in the wiki and in rooms."""
    with plain_errors():
        Store(settings_for(directory)).transact(accounts.set_full_name, name, full_name)
    click.echo(f"{name} is shown as {check_full_name(full_name)}.")


@command.command("set-quota")
@state_option
@click.argument("name")
@click.argument("quota", type=OCTETS)
def change_quota(directory: StateDirectory, name: str, quota: int | None) -> None:
    """Limit how much mail NAME may keep: 500MiB, 2GiB, or `none`."""
    with plain_errors():
        Store(settings_for(directory)).transact(accounts.set_quota, name, quota)
    click.echo(f"{name} may keep {'any amount' if quota is None else format_octets(quota)} of mail.")


@command.command("set")
@state_option
@click.argument("name")
@click.option(
    "--news-marks",
    type=click.Choice(["on", "off"]),
    required=True,
    help="Whether what NAME reads by NNTP is marked as seen behind the other doors, from the next sign-in on.",
)
def change(directory: StateDirectory, name: str, news_marks: str) -> None:
    """Change how the doors work for NAME."""
    with plain_errors():
        Store(settings_for(directory)).transact(accounts.set_news_marks, name, news_marks == "on")
    click.echo(f"What {name} reads by NNTP is {'' if news_marks == 'on' else 'not '}marked as seen.")


@command.command()
@state_option
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def delete(directory: StateDirectory, name: str, yes: bool) -> None:
    """Delete NAME with all its mail, for good."""
    with plain_errors():
        store = Store(settings_for(directory))
        store.transact(accounts.find_account, name)
        if not yes and not click.confirm(f"Delete {name} and all mail it keeps?"):
            fail("nothing is deleted")
        store.transact(accounts.delete, name)
    click.echo(f"{name} is deleted.")


command.add_command(app_password)
command.add_command(ssh_key)
command.add_command(forward)
command.add_command(lockouts)
command.add_command(unlock)
command.add_command(import_users)
