"""The wiki: pages read, not changed (304), saved and found; and how long a reader waits while large pages are saved."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Sequence

from integration_tests.benchmarks.figures import Figure, median, percentile
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.http import OK, ask_each, ask_for, connected
from integration_tests.benchmarks.wire.wikis import Plain, Wiki, wiki_of

READERS, WRITERS = 16, 4
READS, SAVES, SEARCHES = 5_000, 300, 300
PAGE_OCTETS = 3_000
LARGE_OCTETS = 9_900_000  # a page has at most 10 MiB
LARGE_TEXTS = 3  # saved in turn, so that each save changes the page
LARGE_READS = 2_000
WORDS = [
    "bed", "seed", "water", "rota", "kettle", "lathe", "spanner", "valve", "washer", "marrow", "bean", "frost",
    "spring", "pump", "yard",
]  # fmt: skip
WARM_UP = 64


def _name(number: int, run: str) -> str:
    letters = "".join(chr(97 + int(digit)) for digit in f"{number:05d}")
    return f"Bench{run.title()}Page{letters.title()}"


def _text(number: int, octets: int = PAGE_OCTETS) -> str:
    chosen = random.Random(number)
    lines = [" ".join(chosen.choices(WORDS, k=12)) + "." for _ in range(octets // 70)]
    return f"needle{number} " + "\n\n".join(lines)


def _run(server: Server, scale: float) -> Sequence[Figure]:
    wiki = wiki_of(server)
    run = f"{time.time_ns() // 1_000_000:x}".translate(str.maketrans("0123456789", "ghijklmnop"))
    saves = scaled(SAVES, scale, WRITERS)
    with connected(server.host, server.web_port, WRITERS) as writers:
        ask_for(writers, wiki.save(_name(99_999, run), "first"), 1)
        with Meter(server) as saving:
            waits = ask_each(writers, (wiki.save(_name(number, run), _text(number)) for number in range(saves)))
    figures = [
        Figure("saved", saves / saving.seconds, "pages/s", more=True),
        Figure("save, p99", percentile(waits, 99) * 1000, "ms", more=False),
    ]
    figures += _read(server, wiki.get(_name(1, run)), scaled(READS, scale, READERS), "read")
    figures += _not_changed(server, wiki, _name(1, run), scaled(READS, scale, READERS))
    with connected(server.host, server.web_port, WRITERS) as readers:
        searches = scaled(SEARCHES, scale, WRITERS)
        with Meter(server) as searching:
            waits = ask_each(readers, (wiki.search(f"needle{number % saves}") for number in range(searches)))
    figures += [
        Figure("searched", searches / searching.seconds, "searches/s", more=True),
        Figure("search, p95", percentile(waits, 95) * 1000, "ms", more=False),
    ]
    return figures


def _read(server: Server, request: bytes, count: int, what: str, statuses: Sequence[bytes] = OK) -> Sequence[Figure]:
    with connected(server.host, server.web_port, READERS) as readers:
        ask_for(readers, request, min(WARM_UP, count), statuses)
        for reader in readers:
            reader.waits.clear()
        with Meter(server) as reading:
            waits = ask_for(readers, request, count, statuses)
    return [
        Figure(what, count / reading.seconds, "pages/s", more=True),
        Figure(f"{what}, p50", percentile(waits, 50) * 1000, "ms", more=False),
        Figure(f"{what}, p99", percentile(waits, 99) * 1000, "ms", more=False),
        Figure(f"generator, {what}", reading.generator_share * 100, "% of a processor"),
    ]


def _not_changed(server: Server, wiki: Wiki, name: str, count: int) -> Sequence[Figure]:
    """Nothing for a wiki that sends no ETag."""
    with connected(server.host, server.web_port, 1) as (reader,):
        ask_for([reader], wiki.get(name), 1)
        etag = next((line[6:] for line in reader.head.split(b"\r\n") if line.lower().startswith(b"etag: ")), None)
    if etag is None:
        return []
    return _read(server, wiki.get(name, b"If-None-Match: %b\r\n" % etag), count, "not changed", (b"304",))


def _run_beside(server: Server, scale: float) -> Sequence[Figure]:
    """One reader, first alone, then while another client saves one large page after the other."""
    wiki = Plain(server)
    name = _name(1, "beside")
    count = scaled(LARGE_READS, scale, 200)
    over = threading.Event()
    saved: list[float] = []
    # Made before: a thread that makes them would take the reader's time of this process.
    saves = itertools.cycle([wiki.save("BenchLargePage", _text(number, LARGE_OCTETS)) for number in range(LARGE_TEXTS)])

    def save_large() -> None:
        with connected(server.host, server.web_port, 1) as (writer,):
            while not over.is_set():
                saved.extend(ask_for([writer], next(saves), 1)[-1:])

    with connected(server.host, server.web_port, 1) as (reader,):
        ask_for([reader], wiki.save(name, _text(1)), 1)
        reader.waits.clear()
        alone = list(ask_for([reader], wiki.get(name), count))
        reader.waits.clear()
        saving = threading.Thread(target=save_large)
        saving.start()
        try:
            beside = ask_for([reader], wiki.get(name), count * 5)
        finally:
            over.set()
            saving.join()
    return [
        Figure("read alone, p50", median(alone) * 1000, "ms", more=False),
        Figure("read beside, p50", median(beside) * 1000, "ms", more=False),
        Figure("read beside, p99", percentile(beside, 99) * 1000, "ms", more=False),
        Figure("p99 beside, in p50 alone", percentile(beside, 99) / median(alone), "times", more=False),
        Figure("large pages saved meanwhile", float(len(saved)), "pages"),
    ]


JOBS = [
    Job(
        "wiki",
        f"wiki: {SAVES} pages of 3 KB saved by {WRITERS}, {READS} reads by {READERS}, not changed (304), searches",
        _run,
        fits=lambda server: bool(server.web_port),
    ),
    Job(
        "wiki-large",
        "wiki: how long a reader waits while another client saves pages of 10 MB",
        _run_beside,
        fits=lambda server: bool(server.web_port) and not server.wiki_account,
    ),
]
