"""The operations on accounts."""

from __future__ import annotations

import pytest

from shared.accounts.account import Account, IAccount, Role
from shared.accounts.add_app_password import add_app_password
from shared.accounts.app_password import AppPassword
from shared.accounts.change_account import disable_account, enable_account, set_quota, set_role
from shared.accounts.create_account import create_account
from shared.accounts.delete_account import delete_account
from shared.accounts.errors import (
    AccountExists,
    AccountNotFound,
    AppPasswordNotFound,
    LastAdmin,
    UnknownProtocol,
    UnusableName,
)
from shared.accounts.find_account import find_account, find_account_by_id
from shared.accounts.list_accounts import list_accounts
from shared.accounts.list_app_passwords import list_app_passwords
from shared.accounts.names import SignInName
from shared.accounts.read_credentials import read_credentials, read_installation_secret
from shared.accounts.remove_app_password import remove_app_password
from shared.accounts.scram import ScramVerifier
from shared.accounts.set_password import set_password
from shared.accounts.verifiers import Verifiers
from shared.database.transaction import Transaction

ONE = Verifiers("hash one", ScramVerifier(b"salt\0\xff", 4096, b"stored one", b"server one"))
TWO = Verifiers("hash two", ScramVerifier(b"another", 65536, b"stored two", b"server two"))


def test_created_account_is_found_by_name_in_any_case(transaction: Transaction) -> None:
    alice = create_account(transaction, "Alice", quota_octets=1000)
    assert alice == Account(alice.id, "alice", Role.MEMBER, True, 1000)
    assert IAccount.providedBy(alice)
    assert find_account(transaction, "ALICE") == find_account_by_id(transaction, alice.id) == alice


def test_names_are_unique_and_checked(transaction: Transaction) -> None:
    create_account(transaction, "alice")
    with pytest.raises(AccountExists):
        create_account(transaction, "ALICE")
    with pytest.raises(UnusableName):
        create_account(transaction, "alice+folder")


def test_accounts_are_listed_by_name(transaction: Transaction) -> None:
    for name in ("mallory", "alice", "trudy"):
        create_account(transaction, name)
    assert [account.name for account in list_accounts(transaction)] == ["alice", "mallory", "trudy"]


def test_unknown_accounts_are_not_found(transaction: Transaction) -> None:
    with pytest.raises(AccountNotFound):
        find_account(transaction, "nobody")
    for change in (disable_account, enable_account, delete_account, list_app_passwords):
        with pytest.raises(AccountNotFound):
            change(transaction, 12345)
    with pytest.raises(AccountNotFound):
        set_password(transaction, 12345, ONE)
    with pytest.raises(AccountNotFound):
        set_role(transaction, 12345, Role.GUEST)
    with pytest.raises(AccountNotFound):
        add_app_password(transaction, 12345, "phone")


def test_account_can_be_changed(transaction: Transaction) -> None:
    alice = create_account(transaction, "alice")
    assert not disable_account(transaction, alice.id).enabled
    assert enable_account(transaction, alice.id) == alice
    assert set_role(transaction, alice.id, Role.MODERATOR).role is Role.MODERATOR
    assert set_quota(transaction, alice.id, 0).quota_octets == 0
    assert set_quota(transaction, alice.id, None).quota_octets is None


def test_last_enabled_admin_stays(transaction: Transaction) -> None:
    root, other = (create_account(transaction, name, Role.ADMIN) for name in ("root", "other"))
    disable_account(transaction, other.id)
    for change in (disable_account, delete_account):
        with pytest.raises(LastAdmin):
            change(transaction, root.id)
    with pytest.raises(LastAdmin):
        set_role(transaction, root.id, Role.MEMBER)
    assert set_role(transaction, root.id, Role.ADMIN) == root
    enable_account(transaction, other.id)
    delete_account(transaction, root.id)


def test_there_is_one_password_and_it_is_replaced(transaction: Transaction) -> None:
    alice = create_account(transaction, "alice", verifiers=ONE)
    set_password(transaction, alice.id, TWO)
    known = read_credentials(transaction, SignInName("alice"))
    assert known
    assert known.account == alice
    assert known.password
    assert (known.password.password_hash, known.password.scram) == (TWO.password_hash, TWO.scram)


def test_app_password_is_shown_once_and_taken_back(transaction: Transaction) -> None:
    alice, bob = (create_account(transaction, name) for name in ("alice", "bob"))
    phone, secret = add_app_password(transaction, alice.id, "phone", ["smtp", "imap"])
    clock, _ = add_app_password(transaction, alice.id, "clock", ["pop3"], for_apop=True)
    assert list_app_passwords(transaction, alice.id) == [phone, clock]
    assert phone == AppPassword(phone.id, "phone", ("imap", "smtp"), False, phone.created_at)
    stored = transaction.rows("SELECT credential::text FROM credential WHERE id = %s", (phone.id,))
    assert secret not in stored[0][0]
    with pytest.raises(AppPasswordNotFound):
        remove_app_password(transaction, bob.id, phone.id)
    remove_app_password(transaction, alice.id, phone.id)
    assert list_app_passwords(transaction, alice.id) == [clock]


def test_secret_is_kept_for_apop_and_perspective_broker_alone(transaction: Transaction) -> None:
    alice = create_account(transaction, "alice")
    for protocols, for_apop in ((["pb"], False), (["pb", "web"], False), ([], True), ([], False), (["web"], False)):
        made, secret = add_app_password(transaction, alice.id, "program", protocols, for_apop=for_apop)
        assert made.for_apop is for_apop
        kept = transaction.value("SELECT apop_secret FROM credential WHERE id = %s", (made.id,))
        assert kept == (secret if for_apop or "pb" in protocols else None)
    assert [each.for_apop for each in list_app_passwords(transaction, alice.id)] == [False, False, True, False, False]


def test_app_password_is_for_known_protocols(transaction: Transaction) -> None:
    alice = create_account(transaction, "alice")
    with pytest.raises(UnknownProtocol):
        add_app_password(transaction, alice.id, "phone", ["gopher"])
    with pytest.raises(UnknownProtocol):
        add_app_password(transaction, alice.id, "clock", ["imap"], for_apop=True)


def test_deleted_account_leaves_no_credentials(transaction: Transaction) -> None:
    alice = create_account(transaction, "alice", verifiers=ONE)
    add_app_password(transaction, alice.id, "phone")
    delete_account(transaction, alice.id)
    assert transaction.value("SELECT count(*) FROM credential") == 0


def test_credentials_are_read_for_our_own_domains_only(transaction: Transaction) -> None:
    alice = create_account(transaction, "alice")
    transaction.execute("INSERT INTO domain (name) VALUES ('example.org')")
    known = read_credentials(transaction, SignInName("alice", "example.org"))
    assert known
    assert (known.account, known.password, known.app_passwords) == (alice, None, [])
    assert read_credentials(transaction, SignInName("alice", "example.com")) is None
    assert read_credentials(transaction, SignInName("nobody")) is None


def test_installation_has_a_secret(transaction: Transaction) -> None:
    assert len(read_installation_secret(transaction)) == 32
