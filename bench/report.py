"""docs/performance.md, from what was measured."""

import gzip
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench import client
from bench.figures import Measured, Size, Way
from bench.questions import VARIANTS, Question
from cms import gunicorn

REMEMBERED = 1.7
"""The goal for an answer that need not be computed."""
GROWTH = 1.2
"""The goal for the largest size as a multiple of the smallest."""
MEGABYTES = 250
FLAT = 1.05
"""Memory that grows no more than this in the second half of the requests does not grow."""
NOTHING = "–"
BORDER = "<!-- What stands above is written by `python -m bench.delivery`, what follows by `python -m bench.site`. -->"


def written(
    sizes: Sequence[Size],
    curve: Sequence[tuple[int, float]],
    *,
    postgresql: str,
    rounds: int,
    seconds: float,
    amounts: Mapping[str, int],
    others: float,
) -> str:
    """`others`: what part of the machine other programs used, 0 to 1."""
    template = Template(Path(__file__).with_name("performance.md").read_text())
    small = sizes[0]
    return template.substitute(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=len(os.sched_getaffinity(0)),
        memory=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        python=platform.python_version(),
        postgresql=postgresql,
        goals=table(["", "measured", "goal", "met"], goals(sizes, curve)),
        growing="; *grows* compares the CPU of the two sizes" if len(sizes) > 1 else "",
        cpu=per_size(sizes, cpu_table),
        connections=client.CONNECTIONS,
        waiting=per_size(sizes, waiting_table),
        sizes=sizes_table(small),
        requests=f"{curve[-1][0]:,}",
        memory_table=table(
            ["after requests", *(f"{at:,}" for at, _ in curve)], [["MB", *(f"{mb:.0f}" for _, mb in curve)]]
        ),
        seen=seen(sizes),
        workers=gunicorn.workers,
        threads=gunicorn.threads,
        rounds=rounds,
        seconds=f"{seconds:g}",
        variants=VARIANTS,
        questions="\n\n".join(asked(small.questions)),
        others=f"{others:.0%}",
        **amounts,
    )


def summary(text: str, *, until: str = "## Requests per second") -> str:
    """The goals and what follows them up to a heading, for the terminal."""
    return text[text.index("## Goals") : text.index(until)].strip()


def put(page: Path, *, api: str | None = None, site: str | None = None) -> None:
    """Write one part of the page anew; the other stays as it is."""
    old_api, _, old_site = page.read_text().partition(BORDER) if page.exists() else ("", "", "")
    parts = (old_api if api is None else api).strip(), (old_site if site is None else site).strip()
    page.write_text(f"{parts[0]}\n\n{BORDER}\n\n{parts[1]}".strip() + "\n")


# Figures --------------------------------------------------------------------------------------------------------------


def figures(size: Size, question: Question, way: Way) -> Measured | None:
    """None if no answer came about in this way, or not every one."""
    found = size.measured.get((question.name, way))
    if found is None or set(found.statuses) != {way.status}:
        return None
    is_remembered = size.statements[question.name, Way.HIT] < size.statements[question.name, Way.COLD]
    return None if way is Way.HIT and not is_remembered else found


def ratio(size: Size, question: Question, way: Way) -> float | None:
    found, constant = figures(size, question, way), figures(size, question, Way.CONSTANT)
    return found.ms / constant.ms if found and constant and constant.ms else None


def goals(sizes: Sequence[Size], curve: Sequence[tuple[int, float]]) -> Iterator[list[str]]:
    small, large = sizes[0], sizes[-1]
    with_goal = [question for question in small.questions if question.goal]
    for question in with_goal:
        yield goal(f"{question.name}, cold", ratio(small, question, Way.COLD), question.goal or 0)
    for way in (Way.HIT, Way.NOT_MODIFIED):
        for question in with_goal:
            yield goal(f"{question.name}, {way}", ratio(small, question, way), REMEMBERED)
    if large is not small:
        for question in with_goal:
            ms = [figures(size, question, Way.COLD) for size in (large, small)]
            grown = ms[0].ms / ms[1].ms if ms[0] and ms[1] else None
            yield goal(
                f"{question.name}, cold, grows from {small.articles:,} to {large.articles:,} articles", grown, GROWTH
            )
    most = max(megabytes for _, megabytes in curve)
    yield goal("a worker's memory", most, MEGABYTES, unit=" MB", digits=0)
    half = curve[len(curve) // 2][1]
    yield goal("a worker's memory, last by half of the requests", curve[-1][1] / half, FLAT)


def goal(name: str, value: float | None, limit: float, *, unit: str = " ×", digits: int = 2) -> list[str]:
    if value is None:
        return [name, NOTHING, f"≤ {limit:g}{unit}", NOTHING]
    return [name, f"{value:.{digits}f}{unit}", f"≤ {limit:g}{unit}", "yes" if value <= limit else "no"]


def cpu_table(size: Size) -> str:
    def row(question: Question) -> Iterator[str]:
        yield question.name
        cold = figures(size, question, Way.COLD)
        yield f"{statistics.median(cold.server_ms):.2f}" if cold else NOTHING
        yield f"{statistics.median(cold.database_ms):.2f}" if cold else NOTHING
        for way in Way:
            found = figures(size, question, way)
            yield f"{found.ms:.{3 if way is Way.NGINX else 2}f}" if found else NOTHING
        for way in (Way.COLD, Way.HIT, Way.NOT_MODIFIED):
            value = ratio(size, question, way)
            yield f"{value:.1f} ×" if value else NOTHING

    head = ["", "cold: server", "database", "both", "hit", "304", "constant", "nginx", "cold ×", "hit ×", "304 ×"]
    return table(head, (list(row(question)) for question in size.questions))


def waiting_table(size: Size) -> str:
    def cell(found: Measured | None) -> str:
        if not found:
            return NOTHING
        waited = statistics.quantiles(found.waited_ms, n=100)
        return f"{statistics.median(found.per_second):,.0f} · {waited[49]:.1f} · {waited[98]:.1f}"

    rows = ([question.name, *(cell(figures(size, question, way)) for way in Way)] for question in size.questions)
    return table(["", *Way], rows)


def sizes_table(size: Size) -> str:
    def row(question: Question) -> list[str]:
        body = size.bytes[question.name]
        statements = [size.statements[question.name, way] for way in (Way.COLD, Way.HIT)]
        return [question.name, *map(str, statements), f"{len(body):,}", f"{len(gzip.compress(body)):,}"]

    return table(["", "SQL, cold", "SQL, hit", "bytes", "gzipped"], map(row, size.questions))


def seen(sizes: Sequence[Size]) -> str:
    """How many of the conditional requests were answered as they may be."""
    statuses = [each.statuses for size in sizes for (_, way), each in size.measured.items() if way is Way.NOT_MODIFIED]
    count, all_ = sum(each[304] for each in statuses), sum(each.total() for each in statuses)
    return f"Of {all_:,} such requests {count:,} were answered 304."


def asked(questions: Sequence[Question]) -> Iterator[str]:
    by_text: dict[str, list[Question]] = {}
    for question in questions:
        by_text.setdefault(question.text, []).append(question)
    for text, same in by_text.items():
        names = "; ".join(f"**{each.name}**" + (f" ({each.what})" if each.what else "") for each in same)
        source = same[0].source
        yield f"{names}: `{source}`." if source else f"{names}:\n\n```graphql\n{text}\n```"


# Markdown -------------------------------------------------------------------------------------------------------------


def per_size(sizes: Sequence[Size], make: Callable[[Size], str]) -> str:
    if len(sizes) == 1:
        return make(sizes[0])
    return "\n\n".join(f"With {size.articles:,} articles:\n\n{make(size)}" for size in sizes)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Aligned, so that it can be read as it stands; all columns but the first to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    padded = [
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in (lines[0], rule, *lines[1:])
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)
