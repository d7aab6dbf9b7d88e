"""The site's part of docs/performance.md, from what was measured."""

import os
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench import client
from bench.keystrokes import Wait
from bench.lighthouse import Load
from bench.pages import Measured, Way
from bench.questions import VARIANTS
from bench.report import NOTHING, goal, table
from cms import gunicorn

SCORE = 95
"""The goal for each page's score."""
SECONDS = 1.5
"""The goal for 19 of 20 words that are typed."""
Found = Mapping[tuple[str, Way], Measured]


def written(
    loads: Mapping[str, Load],
    waits: Mapping[str, Sequence[Wait]],
    measured: Found,
    *,
    amounts: Mapping[str, int],
    others: float,
    **said: object,
) -> str:
    """`others`: what part of the machine other programs used, 0 to 1. `said`: what the text says besides."""
    template = Template(Path(__file__).with_name("site.md").read_text())
    return template.substitute(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=len(os.sched_getaffinity(0)),
        memory=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        python=platform.python_version(),
        goals=table(["", "measured", "goal", "met"], goals(loads, waits)),
        lighthouse=lighthouse_table(loads),
        keystrokes=keystrokes_table(waits),
        cpu=cpu_table(measured),
        waiting=waiting_table(measured),
        variants=VARIANTS,
        connections=client.CONNECTIONS,
        workers=gunicorn.workers,
        threads=gunicorn.threads,
        others=f"{others:.0%}",
        **amounts,
        **said,
    )


def goals(loads: Mapping[str, Load], waits: Mapping[str, Sequence[Wait]]) -> Iterator[list[str]]:
    for name, load in loads.items():
        met = "yes" if load.score >= SCORE else "no"
        yield [f"Lighthouse, {name}", f"{load.score:.0f}", f"≥ {SCORE}", met]
    for name, all_ in waits.items():
        yield goal(f"keystroke to preview, {name}, 95th percentile", late(all_) / 1000, SECONDS, unit=" s")


def late(all_: Sequence[Wait]) -> float:
    """The 95th percentile: what 19 of 20 words do not exceed."""
    return statistics.quantiles([each.total for each in all_], n=20, method="inclusive")[-1]


def lighthouse_table(loads: Mapping[str, Load]) -> str:
    head = ["", "score", "first paint, s", "largest paint, s", "blocked, ms", "layout shift"]
    rows = (
        [
            name,
            f"{load.score:.0f}",
            f"{load.first_paint / 1000:.2f}",
            f"{load.largest_paint / 1000:.2f}",
            f"{load.blocking:.0f}",
            f"{load.shift:.3f}",
        ]
        for name, load in loads.items()
    )
    return table(head, rows)


def keystrokes_table(waits: Mapping[str, Sequence[Wait]]) -> str:
    head = ["", "p50", "p95", "max", "Wagtail waits", "CMS", "shell", "draft", "of it API", "browser"]

    def row(name: str, all_: Sequence[Wait]) -> list[str]:
        totals = [each.total for each in all_]
        parts = zip(*((w.wagtail, w.cms, w.shell, w.draft, w.api, w.browser) for w in all_), strict=True)
        figures = [statistics.median(totals), late(all_), max(totals), *map(statistics.median, parts)]
        return [name, *(f"{each:,.0f}" for each in figures)]

    return table(head, (row(*each) for each in waits.items()))


def cpu_table(measured: Found) -> str:
    programs = list(dict.fromkeys(program for each in measured.values() for program in each.programs))

    def row(name: str, way: Way, each: Measured) -> list[str]:
        if not all_shown(each):
            return [f"{name}, {way}", *[NOTHING] * (len(programs) + 2)]
        parts = [f"{each.cpu_ms(program):.2f}" if program in each.programs else NOTHING for program in programs]
        constant = measured[name, Way.CONSTANT].cpu_ms()
        ratio = f"{each.cpu_ms() / constant:.2f} ×" if constant else NOTHING
        return [f"{name}, {way}", *parts, f"{each.cpu_ms():.2f}", ratio]

    return table(["", *programs, "all", "×"], (row(*key, each) for key, each in measured.items()))


def waiting_table(measured: Found) -> str:
    def cell(each: Measured) -> str:
        if not all_shown(each):
            return NOTHING
        waited = statistics.quantiles(each.waited_ms, n=100)
        return f"{statistics.median(each.per_second):,.0f} · {waited[49]:.1f} · {waited[98]:.1f}"

    names = list(dict.fromkeys(name for name, _ in measured))
    return table(["", *Way], ([name, *(cell(measured[name, way]) for way in Way)] for name in names))


def all_shown(each: Measured) -> bool:
    """Whether every page was there: the figures of what was answered otherwise say nothing."""
    return set(each.statuses) == {200}
