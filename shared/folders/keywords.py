"""A folder's keywords: which bit of an entry's flags stands for which name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.database.transaction import Transaction
from shared.folders.errors import TooManyKeywords
from shared.folders.flags import (
    FIRST_KEYWORD_BIT,
    LAST_KEYWORD_BIT,
    MOST_KEYWORDS,
    SYSTEM_MASK,
    bits_of,
    check_keyword,
)
from shared.folders.packed import array_literal

# Bit → name as it was first spelled. A bit changes its name only while no entry has it; the first entry that gets it
# then is a change, and changes_since() gives all names together with it.
Keywords = Mapping[int, str]

_USED = "SELECT coalesce(bit_or(flags), 0) FROM entry WHERE folder_id = %s"


def keywords_of(tx: Transaction, folder_id: int) -> dict[int, str]:
    """All keywords of the folder; there may be some that no entry has any more."""
    return dict(tx.rows("SELECT bit, name FROM keyword WHERE folder_id = %s ORDER BY bit", (folder_id,)))


def keywords_of_each(tx: Transaction, folder_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """Keywords by folder, with an empty mapping for a folder that has none."""
    wanted = list(folder_ids)
    found: dict[int, dict[int, str]] = {folder_id: {} for folder_id in wanted}
    query = "SELECT folder_id, bit, name FROM keyword WHERE folder_id = ANY(%s::bigint[]) ORDER BY bit"
    for folder_id, bit, name in tx.rows(query, (array_literal(wanted),)):
        found[folder_id][bit] = name
    return found


def mask_of(known: Keywords, names: Iterable[str]) -> int:
    """The bits of those of `names` that are known, in any case of letters (RFC 3501 §2.3.2 compares them so)."""
    bits = {name.lower(): bit for bit, name in known.items()}
    mask = 0
    for name in names:
        bit = bits.get(name.lower())
        if bit is not None:
            mask |= 1 << bit
    return mask


def ensure_keywords(
    tx: Transaction, folder_id: int, known: dict[int, str], names: Iterable[str], in_use: int = 0
) -> int:
    """The bits of `names`, made where they are new; `known` learns them. The folder must be locked.

    Where there is no room, keywords that no entry has are forgotten, but not the bits `in_use`: of entries that this
    transaction has still to write. Raises BadKeyword, TooManyKeywords; then nothing was made.
    """
    names = list(names)
    bits = {name.lower(): bit for bit, name in known.items()}
    missing: dict[str, str] = {}
    for name in names:
        if name.lower() not in bits:
            check_keyword(name)
            missing.setdefault(name.lower(), name)
    if missing:
        if len(missing) > MOST_KEYWORDS - len(known):
            _forget_unused(tx, folder_id, known, in_use | mask_of(known, names))
        free = [bit for bit in range(FIRST_KEYWORD_BIT, LAST_KEYWORD_BIT + 1) if bit not in known]
        if len(missing) > len(free):
            raise TooManyKeywords
        made = dict(zip(free, missing.values(), strict=False))
        tx.insert_many(
            "INSERT INTO keyword (folder_id, bit, name) VALUES %s",
            [(folder_id, bit, name) for bit, name in made.items()],
        )
        known.update(made)
    return mask_of(known, names)


def _forget_unused(tx: Transaction, folder_id: int, known: dict[int, str], in_use: int) -> None:
    """Forget keywords that no entry has.

    Entries that vanished lose these bits, too: if one came back, its bit would have another name.
    """
    in_use |= tx.value(_USED, (folder_id,))
    unused = [bit for bit in known if not in_use >> bit & 1]
    if not unused:
        return
    mask = sum(1 << bit for bit in unused)
    tx.execute(
        "UPDATE vanished SET flags = flags & ~%s::bigint WHERE folder_id = %s AND flags & %s::bigint <> 0",
        (mask, folder_id, mask),
    )
    tx.execute(
        "DELETE FROM keyword WHERE folder_id = %s AND bit = ANY(%s::integer[])", (folder_id, array_literal(unused))
    )
    for bit in unused:
        del known[bit]


def moved_bits(tx: Transaction, target_id: int, source: Keywords, target: dict[int, str], used: int) -> dict[int, int]:
    """How keyword bits of one folder's entries read in another: source bit → target bit, for the bits in `used`.

    Names the target does not know are made there. Raises TooManyKeywords.
    """
    names = {bit: source[bit] for bit in bits_of(used & ~SYSTEM_MASK) if bit in source}
    ensure_keywords(tx, target_id, target, names.values())
    bits = {name.lower(): bit for bit, name in target.items()}
    return {bit: bits[name.lower()] for bit, name in names.items()}
