"""The manhole: Python inside a process that serves, and what the process says of itself when that never ends."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from shared.control.look_at_control import report_process
from shared.control.manhole.choose import choose_process
from shared.control.manhole.client import ManholeClient, enter_manhole
from shared.control.manhole.console import MOST_SHOWN, Console
from shared.control.manhole.consoles import ask_line, open_console, state_of
from shared.control.manhole.desk import MOST_CONSOLES, SEALED_OTHERWISE, ManholeDesk
from shared.control.manhole.errors import ManholeAway
from shared.control.manhole.seal import Line, ManholeSeal
from shared.control.process import ProcessReport, list_processes
from shared.control.restart_service import restart_service
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.runtime.stack_key import StackKey, ensure_stack_key
from shared.runtime.tests.running import PATIENCE_SECONDS, EchoProcess
from shared.testing.eventually import eventually
from shared.testing.reactor import running_reactor, wait_for

RED_WITHIN_SECONDS = 10.0
BUSY_MACHINE_SECONDS = 10.0  # more than that, when others have the processor


def a_console(**names: Any) -> Console:
    return Console(names, lambda works: None)


async def test_expressions_are_shown_and_kept_and_statements_are_not() -> None:
    console = a_console(site="tea")
    assert await console.run("1 + 1") == "2\n"
    assert await console.run("_ + 1") == "3\n"
    assert await console.run("x = 5") == ""
    assert await console.run("for each in range(2):\n    print(each, x)\n") == "0 5\n1 5\n"
    assert await console.run("None") == ""
    assert "'site'" in await console.run("dir()")
    assert await console.run("def double(n):\n    return n * 2\n") == ""
    assert await console.run("double(x)") == "10\n"


async def test_a_traceback_shows_the_lines_of_the_administrator_alone() -> None:
    console = a_console()
    shown = await console.run("print('before')\n1 / 0")
    assert shown.startswith('before\nTraceback (most recent call last):\n  File "<manhole>", line 2, in <module>\n')
    assert shown.endswith("ZeroDivisionError: division by zero\n")
    assert "console.py" not in shown
    assert (await console.run("1 +")).rstrip().endswith("SyntaxError: invalid syntax")
    assert "SystemExit: 3" in await console.run("raise SystemExit(3)")


async def test_await_waits_and_is_cancelled() -> None:
    waited: Deferred[int] = Deferred()
    console = a_console(waited=waited)
    running = Deferred.fromCoroutine(console.run("2 * await waited"))
    waited.callback(21)
    assert await running == "42\n"
    never: Deferred[int] = Deferred()
    console = a_console(never=never)
    running = Deferred.fromCoroutine(console.run("await never"))
    console.cancel()
    assert (await running).endswith("CancelledError\n")
    assert never.called
    never.addErrback(lambda failure: failure.trap(CancelledError))
    assert await console.run("'on'") == "'on'\n"


async def test_what_one_line_shows_is_bounded() -> None:
    assert len(await a_console().run("print('x' * 10_000_000)")) < MOST_SHOWN + 100


class Manhole:
    """A console in a process, by the store alone: what the service polls."""

    def __init__(self, tx: Transaction, key: StackKey, wanted: str = "echo") -> None:
        self.tx = tx
        self.process = choose_process(tx, wanted).report
        self.id = uuid4()
        self.number = 0
        open_console(tx, self.id, self.process.id)
        tx.commit()
        self.nonce = str(self.state(lambda state: state.nonce is not None).nonce)
        self.seal = ManholeSeal(key, self.process.id, self.nonce)

    def send(self, source: str) -> None:
        self.number += 1
        ask_line(self.tx, self.id, self.number, self.seal.seal_line(self.number, Line("admin", source)))
        self.tx.commit()

    def answer(self) -> bytes:
        return bytes(self.state(lambda state: state.shown is not None).shown)

    def run(self, source: str) -> str:
        self.send(source)
        return self.seal.open_answer(self.number, self.answer())

    def state(self, is_enough: Callable[[Any], bool]) -> Any:
        def ask() -> Any:
            state = state_of(self.tx, self.id, self.number)
            self.tx.commit()
            return state if state is not None and is_enough(state) else None

        return eventually(ask, "the process answers")


@pytest.fixture
def key(tmp_path: Path) -> StackKey:
    return ensure_stack_key(tmp_path / "stack-key")


@pytest.fixture
def settings(tmp_path: Path, key: StackKey, database_url: str) -> dict[str, str]:
    return {
        "AGORA_MANHOLE": "on",
        "AGORA_STACK_KEY_FILE": str(tmp_path / "stack-key"),
        "AGORA_DATABASE_URL": database_url,
        "AGORA_SUPERVISED": "true",
        "AGORA_POLL_INTERVAL": "100ms",  # there is no Redis
    }


@pytest.fixture
def service(tmp_path: Path, settings: dict[str, str], transaction: Transaction) -> Iterator[EchoProcess]:
    with EchoProcess(tmp_path, settings=settings).wait_until_open() as process:
        until_seen(transaction, 1)
        yield process


def until_seen(tx: Transaction, count: int, service: str = "echo") -> None:
    def seen() -> bool:
        found = [each for each in list_processes(tx, service) if each.report.manhole]
        tx.commit()
        return len(found) == count

    eventually(seen, f"{count} manholes are seen")


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"AGORA_MANHOLE": "off"}, ""), ({"AGORA_STACK_KEY_FILE": "/nowhere"}, "there is no manhole: /nowhere")],
    ids=["off", "without-key"],
)
def test_there_is_no_manhole_unless_it_is_wanted_and_there_is_a_key(
    tmp_path: Path, settings: dict[str, str], transaction: Transaction, changed: dict[str, str], said: str
) -> None:
    with EchoProcess(tmp_path, settings={**settings, **changed}).wait_until_open() as service:
        eventually(lambda: list_processes(transaction, "echo"), "the process is seen")
        with pytest.raises(ManholeAway, match="no process of echo has a manhole"):
            choose_process(transaction, "echo")
        assert said in service.output()


def test_the_parts_of_the_process_are_at_hand(service: EchoProcess, transaction: Transaction, key: StackKey) -> None:
    manhole = Manhole(transaction, key)
    listed = manhole.run("dir()")
    for name in ("parts", "settings", "database", "bus", "doors", "sessions", "site"):
        assert repr(name) in listed
    assert manhole.run("settings.hostname, sorted(doors)") == "('localhost', ['echo', 'tls'])\n"
    assert manhole.run("import os; os.getpid()") == f"{service.process.pid}\n"
    assert manhole.run("await database.read(lambda tx: tx.value('SELECT 6 * 7'))") == "42\n"


def test_a_site_is_changed_at_the_copy_whose_manhole_it_was(
    tmp_path: Path, settings: dict[str, str], transaction: Transaction, key: StackKey
) -> None:
    doors = {"AGORA_WEB_ENDPOINTS": "tcp:0:interface=127.0.0.1"}
    doors |= dict.fromkeys(("AGORA_WEB_TLS_ENDPOINTS", "AGORA_PB_ENDPOINTS", "AGORA_PB_TLS_ENDPOINTS"), "off")

    def copy(name: str) -> EchoProcess:
        return EchoProcess(tmp_path / name, settings={**settings, **doors}, module="services.wiki")

    def page(service: EchoProcess) -> str:
        host, port = service.place("web")
        with urllib.request.urlopen(f"http://{host}:{port}/", timeout=PATIENCE_SECONDS) as response:
            return str(response.read().decode())

    with copy("first").wait_until_open() as first, copy("second").wait_until_open() as second:
        until_seen(transaction, 2, "wiki")
        changed = Manhole(transaction, key, "wiki@2")
        assert changed.run("site.title = 'Changed'") == ""
        copies = {each.process.pid: page(each) for each in (first, second)}
        assert "Changed" in copies.pop(changed.process.pid)
        [other] = copies.values()
        assert "Changed" not in other


def test_each_worker_is_chosen_by_its_place_or_its_name(
    tmp_path: Path, settings: dict[str, str], transaction: Transaction, key: StackKey
) -> None:
    with EchoProcess(tmp_path, settings={**settings, "AGORA_WORKERS": "2"}).wait_until_open():
        until_seen(transaction, 2)
        by_place = [Manhole(transaction, key, f"echo@{number}") for number in (1, 2)]
        pids = [int(each.run("import os; os.getpid()")) for each in by_place]
        assert pids == [each.process.pid for each in by_place]
        assert len(set(pids)) == 2
        by_place[1].run("settings.__dict__['said'] = 'in the second alone'")
        assert by_place[0].run("'said' in settings.__dict__") == "False\n"
        host = by_place[1].process.host
        for name in (f"echo@{pids[1]}", f"echo@{host}:{pids[1]}"):
            assert Manhole(transaction, key, name).run("settings.__dict__['said']") == "'in the second alone'\n"
        assert Manhole(transaction, key, f"echo@{host}").process.host == host
        with pytest.raises(ManholeAway, match=rf"there is no echo@99: there are 1 \({host}:{pids[0]}\), 2 "):
            choose_process(transaction, "echo@99")


@dataclass
class Desk:
    """The manhole of a process, in this one, and shells that enter it."""

    database: Database
    bus: Bus
    key: StackKey
    opened: ManholeDesk

    async def enter(self, key: StackKey | None = None) -> ManholeClient:
        return await enter_manhole(running_reactor(), self.database, self.bus, key or self.key, "echo")

    async def answer(self, console: UUID, number: int, source: bytes) -> bytes:
        """To a row of somebody's."""
        await self.database.transact(ask_line, console, number, source)
        while (state := await self.database.read(state_of, console, number)) is not None and state.shown is None:
            await deferLater(running_reactor(), 0.02)
        assert state is not None
        assert state.shown is not None
        return state.shown


@pytest.fixture
def desk(transaction: Transaction, database: Database, bus: Bus, key: StackKey) -> Iterator[Desk]:
    process = uuid4()
    report_process(transaction, ProcessReport(process, "echo", "here", 1, True, {}, True))
    transaction.commit()
    opened = ManholeDesk(database, bus, process, key, {}, lambda what: None)

    async def begin() -> None:
        opened.begin()

    wait_for(begin)
    yield Desk(database, bus, key, opened)
    wait_for(opened.close)


async def test_who_writes_to_the_store_without_the_key_of_the_stack_runs_nothing(desk: Desk, tmp_path: Path) -> None:
    stranger = await desk.enter(StackKey(b"another secret, as long as one"))
    with pytest.raises(ManholeAway, match="another stack key"):
        await stranger.run(f"open({str(tmp_path / 'made')!r}, 'w')", "admin")
    assert not (tmp_path / "made").exists()
    stranger.close()


async def test_a_line_runs_once_and_in_its_console_alone(desk: Desk) -> None:
    client, other = await desk.enter(), await desk.enter()
    assert await client.run("n = globals().get('n', 0) + 1; n", "admin") == "1\n"
    rows = await desk.database.read(lambda tx: tx.rows("SELECT console, source FROM manhole_line"))
    [(own, source)] = [(UUID(str(console)), source) for console, source in rows]
    [others] = await desk.database.read(
        lambda tx: [
            UUID(str(each)) for (each,) in tx.rows("SELECT id FROM manhole_console WHERE id <> %s", (str(own),))
        ]
    )
    assert await desk.answer(own, 2, source) == SEALED_OTHERWISE
    assert await desk.answer(others, 1, source) == SEALED_OTHERWISE
    client.close()
    other.close()


async def test_a_console_whose_shell_was_not_seen_is_closed_for_good(desk: Desk) -> None:
    client = await desk.enter()
    await desk.database.transact(
        lambda tx: tx.execute("UPDATE manhole_console SET seen_at = now() - interval '1 hour'")
    )
    (await desk.enter()).close()  # the process has looked
    with pytest.raises(ManholeAway, match="the process has ended"):
        await client.run("1", "admin")
    client.close()


async def test_a_process_has_a_few_consoles_at_most(desk: Desk) -> None:
    entered = [await desk.enter() for _ in range(MOST_CONSOLES)]
    with pytest.raises(ManholeAway, match="too many"):
        await desk.enter()
    for each in entered:
        each.close()


async def test_ctrl_c_cancels_what_a_line_awaits_and_the_second_time_leaves_it_alone(desk: Desk) -> None:
    client = await desk.enter()
    await client.run("from twisted.internet.defer import CancelledError, Deferred", "admin")
    running = Deferred.fromCoroutine(client.run("await Deferred()", "admin"))
    client.cancel()
    assert (await running).endswith("CancelledError\n")
    stubborn = "try:\n    await Deferred()\nexcept CancelledError:\n    await Deferred()\n"
    running = Deferred.fromCoroutine(client.run(stubborn, "admin"))
    client.cancel()
    client.cancel()
    with pytest.raises(ManholeAway, match="it goes on in the process"):
        await running
    client.close()


async def test_a_shell_hears_that_the_process_has_ended(desk: Desk) -> None:
    client = await desk.enter()
    assert await client.run("40 + 2", "admin") == "42\n"
    await desk.opened.close()
    with pytest.raises(ManholeAway, match="the process has ended"):
        await client.run("1", "admin")
    client.close()


def test_an_endless_loop_makes_readiness_red_and_says_whose_it_is(
    service: EchoProcess, transaction: Transaction, key: StackKey
) -> None:
    Manhole(transaction, key).send("while True: pass")

    def told() -> str | None:
        with contextlib.suppress(TimeoutError):  # the reactor took the connection, and then the loop
            status, page = service.health("/readyz", within_seconds=3)
            return page if status == 503 and "reactor" in page else None
        return None

    within = timedelta(seconds=RED_WITHIN_SECONDS + BUSY_MACHINE_SECONDS)
    reason = json.loads(eventually(told, "readiness is red", within))["reactor"]["reason"]
    assert reason.startswith("the reactor has not turned for ")
    assert reason.endswith(" s (manhole, admin)")
    assert service.health("/healthz")[0] == 503


def test_a_process_that_hangs_is_restarted_all_the_same(
    service: EchoProcess, transaction: Transaction, key: StackKey
) -> None:
    hangs = service.directory / "hangs"
    Manhole(transaction, key).send(f"open({str(hangs)!r}, 'w').close()\nwhile True: pass")
    eventually(hangs.exists, "the process hangs")
    restart_service(transaction, "echo", "admin")
    transaction.commit()
    eventually(lambda: service.process.poll() is not None, "the process has ended", timedelta(seconds=40))
    assert "the process ends: the reactor has not turned for" in service.output()
