"""Taking over a published list, in place of what it was before."""

from __future__ import annotations

from collections.abc import Collection
from struct import Struct

from shared.access.channel import AccessChanged
from shared.access.errors import RuleListNotFound
from shared.access.read_rules import read_revision
from shared.access.rules.rules import RuleKind
from shared.database.transaction import Transaction

_BIGINT = Struct(">q")


def import_rules(
    tx: Transaction, names: Collection[str], kind: RuleKind, name_of_list: str, account_id: int | None = None
) -> None:
    """Have the list of that name consist of exactly `names`, spelled as `rule_name()` does. It is the whole list or
    the one before that others see, never a part. Raises RuleListNotFound for the empty name.
    """
    if not name_of_list:
        raise RuleListNotFound(name_of_list)
    tx.execute("SELECT revision FROM access_policy FOR UPDATE")  # two imports of one list: one after the other
    tx.execute("DELETE FROM access_rule WHERE list = %s", (name_of_list,))
    account = None if account_id is None else _BIGINT.pack(account_id)
    rest = (kind.value.encode(), account, name_of_list.encode())
    tx.copy_in("access_rule (name, kind, account_id, list)", ((name.encode(), *rest) for name in sorted(set(names))))
    tx.announce(AccessChanged(read_revision(tx)))
