"""What is planned once for all values looks pages up by their keys and words by their index, full tables or empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.wiki import save_page, search_pages

NAMES = (["WikiHome", "Other"],)
WORDS = {
    "exact": "'tea'", "begun": "'tea':*", "grams": ["ab"], "ranked": 300, "most": 21, "after": 0, "enough": 21,
}  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (save_page._MAKE, (["WikiHome", "Other"], [])),
        (save_page._LOCK, NAMES),
        (save_page._READ, NAMES),
        (save_page._TAKE_NAMES, NAMES),
        (search_pages._FOUND, WORDS),
        (search_pages._FOUND_WITH_GRAMS, WORDS),
    ],
    ids=["make", "lock", "read", "take_names", "found", "found_with_grams"],
)
def test_no_table_is_read_whole(
    transaction: Transaction, statement: Prepared, parameters: Sequence[object] | Mapping[str, object]
) -> None:
    transaction.execute(statement, parameters)
    plan = [line.strip() for (line,) in transaction.rows(f"EXPLAIN (COSTS off) {statement.execute}", parameters)]
    for number, line in enumerate(plan):
        assert "Seq Scan" not in line
        if "Index Scan" in line or "Index Only Scan" in line:
            assert plan[number + 1].startswith("Index Cond"), "\n".join(plan)
