"""Adding word counts to the store, batch by batch."""

from __future__ import annotations

from uuid import UUID

from shared.access.numbered_batches import is_first_time
from shared.access.words.pending import WordBatch
from shared.database.transaction import Transaction


def add_words(tx: Transaction, copy: UUID, number: int, batch: WordBatch) -> bool:
    """Add `batch`, the `number`-th of this copy of the proxy; False if it is counted already.

    The words travel as one string each column: cheaper than a parameter for each, and they hold no spaces. In the
    order of words, so that copies which write the same ones wait for each other and do not collide.
    """
    if not is_first_time(tx, "word_batch", copy, number):
        return False
    tx.execute(
        "INSERT INTO word AS w (account_id, day, word, times, documents) "
        "SELECT %s, %s, word, times, documents FROM unnest(string_to_array(%s, ' '), "
        "string_to_array(%s, ' ')::bigint[], string_to_array(%s, ' ')::bigint[]) AS new (word, times, documents) "
        'ORDER BY word COLLATE "C" ON CONFLICT (account_id, day, word) DO UPDATE '
        "SET times = w.times + excluded.times, documents = w.documents + excluded.documents",
        (
            batch.account_id,
            batch.day,
            " ".join(batch.words),
            " ".join(str(times) for times, _ in batch.words.values()),
            " ".join(str(documents) for _, documents in batch.words.values()),
        ),
    )
    tx.insert_many(
        "INSERT INTO word_page AS p (account_id, day, outcome, pages) VALUES %s "
        "ON CONFLICT (account_id, day, outcome) DO UPDATE SET pages = p.pages + excluded.pages",
        [(batch.account_id, batch.day, outcome, pages) for outcome, pages in sorted(batch.pages.items())],
    )
    return True
