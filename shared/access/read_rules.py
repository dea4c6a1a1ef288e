"""Reading rules and limits as they stand at one revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.access.limits.account_access import COLUMNS, NOTHING_SAID, AccountAccess, access_of
from shared.access.rules.name_set import PIECE, NameSet
from shared.access.rules.network_keys import NetworkKey
from shared.access.rules.rules import Mode, RuleKind, Rules, Scope, add_network
from shared.database.transaction import Transaction

# PostgreSQL sorts the names and puts them together, so that a list of a million becomes 16,000 rows, and no Python
# code looks at each name: while it did, the reactor would wait for this thread again and again.
_PIECES = f"""
    SELECT account_id, kind, min(name), string_agg(name, E'\\n' ORDER BY name), count(*)
    FROM (
        SELECT account_id, kind, name, (row_number() OVER (PARTITION BY account_id, kind ORDER BY name) - 1) / {PIECE}
        FROM (SELECT DISTINCT account_id, kind, name FROM access_rule WHERE position('/' IN name) = 0) AS distinct_rule
    ) AS numbered (account_id, kind, name, piece)
    GROUP BY account_id, kind, piece
    ORDER BY account_id, kind, piece
"""


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that the proxy asks for with each request; `everybody` is for accounts without a line of their own."""

    rules: Rules
    accounts: Mapping[int, AccountAccess]
    everybody: AccountAccess


def read_revision(tx: Transaction) -> int:
    """The number that grows with every change of a rule, the mode, or a limit."""
    revision: int = tx.value("SELECT revision FROM access_policy")
    return revision


def read_access(tx: Transaction) -> Access:
    """All of it; its parts belong together only in a snapshot (Database.read_snapshot)."""
    mode, revision = tx.row("SELECT mode, revision FROM access_policy") or (Mode.OPEN, 0)
    rows = {account_id: row for account_id, *row in tx.rows(f"SELECT account_id, {COLUMNS} FROM access_limit")}
    everybody = access_of(rows.pop(None, NOTHING_SAID))
    accounts = {account_id: access_of(row, everybody) for account_id, row in rows.items()}
    return Access(Rules(_read_scopes(tx), Mode(mode), revision), accounts, everybody)


def _read_scopes(tx: Transaction) -> Mapping[int | None, Scope]:
    pieces: dict[int | None, dict[RuleKind, list[tuple[str, str, int]]]] = {}
    networks: dict[int | None, dict[NetworkKey, RuleKind]] = {}
    for account_id, kind, first, names, count in tx.rows(_PIECES):
        pieces.setdefault(account_id, {}).setdefault(RuleKind(kind), []).append((first, names, count))
    for account_id, kind, name in tx.rows(
        "SELECT account_id, kind, name FROM access_rule WHERE position('/' IN name) > 0"
    ):
        add_network(networks.setdefault(account_id, {}), name, RuleKind(kind))
    scopes = {}
    for account_id in pieces.keys() | networks.keys():
        of = pieces.get(account_id, {})
        allowed, blocked = NameSet(of.get(RuleKind.ALLOW, ())), NameSet(of.get(RuleKind.BLOCK, ()))
        scopes[account_id] = Scope(allowed, blocked, networks.get(account_id, {}))
    return scopes
