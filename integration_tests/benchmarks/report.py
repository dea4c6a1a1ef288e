"""The report of a run: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from integration_tests.benchmarks.figures import Figure, median
from integration_tests.benchmarks.jobs.job import Job


@dataclass
class Line:
    """One figure of one job: for each server its value in every round."""

    figure: Figure
    values: dict[str, list[float]] = field(default_factory=dict)

    def median(self, server: str) -> float | None:
        """The server's median over the rounds."""
        return median(self.values[server]) if server in self.values else None

    def ratio(self, server: str, peer: str) -> float | None:
        """How many times better than the peer, as the median of the rounds' ratios; None where that says nothing."""
        if self.figure.more is None or server not in self.values or peer not in self.values:
            return None
        pairs = zip(self.values[server], self.values[peer], strict=False)
        ratios = [ours / theirs if self.figure.more else theirs / ours for ours, theirs in pairs if ours * theirs]
        return median(ratios) if ratios else None


def gather(rounds: Mapping[str, Sequence[Sequence[Figure]]]) -> list[Line]:
    """Lines from what each server was measured at in each round."""
    lines: dict[str, Line] = {}
    for server, measured in rounds.items():
        for figures in measured:
            for figure in figures:
                lines.setdefault(figure.what, Line(figure)).values.setdefault(server, []).append(figure.value)
    return list(lines.values())


def show(console: Console, job: Job, lines: Sequence[Line], servers: Sequence[str]) -> None:
    """A table: medians, and behind them all rounds."""
    table = Table(title=f"{job.name}: {job.about}", title_justify="left", title_style="bold")
    table.add_column("")
    for server in servers:
        table.add_column(server, justify="right")
    table.add_column("unit")
    if len(servers) > 1:
        table.add_column("times better", justify="right")
    for line in lines:
        cells = [_cell(line, server) for server in servers]
        ratio = line.ratio(servers[0], servers[-1]) if len(servers) > 1 else None
        more = [_short(ratio) if ratio is not None else ""] if len(servers) > 1 else []
        table.add_row(line.figure.what, *cells, line.figure.unit, *more)
    console.print(table)
    console.print()


def show_together(
    console: Console, title: str, measured: Sequence[tuple[Job, Sequence[Line]]], servers: Sequence[str]
) -> None:
    """A table of several jobs: a row for each job and server, a column for each figure that most of them have."""
    figures = dict.fromkeys(
        f"{line.figure.what}, {line.figure.unit}".rstrip(", ") for _, lines in measured for line in lines
    )
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("")
    table.add_column("server")
    for figure in figures:
        table.add_column(figure, justify="right")
    for job, lines in measured:
        for server in servers:
            cells = {f"{line.figure.what}, {line.figure.unit}".rstrip(", "): _cell(line, server) for line in lines}
            about = job.about.removeprefix(f"{title}: ") if server == servers[0] else ""
            table.add_row(about, server, *[cells.get(figure, "") for figure in figures])
    console.print(table)
    console.print()


def as_json(job: Job, lines: Sequence[Line], servers: Sequence[str]) -> dict[str, object]:
    """The same for programs."""
    figures = {}
    for line in lines:
        figures[line.figure.what] = {
            "unit": line.figure.unit,
            "rounds": line.values,
            "median": {server: line.median(server) for server in servers},
            "times_better": line.ratio(servers[0], servers[-1]) if len(servers) > 1 else None,
        }
    return {"job": job.name, "about": job.about, "figures": figures}


def _cell(line: Line, server: str) -> str:
    middle = line.median(server)
    if middle is None:
        return ""
    values = line.values[server]
    return _short(middle) + (f"  [{' '.join(map(_short, values))}]" if len(values) > 1 else "")


def _short(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
