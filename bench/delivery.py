"""The first half of `make bench`: what answers of the API cost in production, beside a view that does nothing, and
nginx.

    python -m bench.delivery [--articles 1000 100000]     writes its part of docs/performance.md

Content is made in a PostgreSQL of its own under `var/bench`, and kept for the next run. Every round measures everything
once, in another order, so that what else the machine does meets all alike; figures are medians of the rounds. How the
figures are taken stands in what it writes.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path

import psycopg

from bench import client, report
from bench.databases import Content, cluster, front_end, postmaster
from bench.figures import Measured, Server, Size, Way
from bench.nginx import nginx
from bench.processes import Others, cpu, resident, workers
from bench.servers import ask, conditional, ready, start_gunicorn, start_nginx
from cms.bootstrap import ROOT, Failed, settle_environment
from cms.supervisor import Stopped, Supervisor, stop_on_signals
from tests.debian import Program

FOLDER = ROOT / "var" / "bench"
POINTS = 10
"""So often memory is looked at."""


# Measuring ------------------------------------------------------------------------------------------------------------


def prepare(supervisor: Supervisor, content: Content, front_end: dict[str, str], program: Program | None) -> Size:
    """Make the content, start the servers, and write down what the constant view and nginx are to answer."""
    asked, statements = content.fill(front_end)
    articles = content.amounts["articles"]
    started = [
        start_gunicorn(supervisor, content, f"cold-{articles}", RESPONSE_CACHE_MB="0"),
        start_gunicorn(supervisor, content, f"warm-{articles}"),
    ]
    static = ready(start_nginx(supervisor, content, program)) if program else None
    cold, warm = map(ready, started)
    size = Size(articles, asked, cold, warm)
    for question, (cold_count, hit_count) in zip(asked, statements, strict=True):
        size.statements[question.name, Way.COLD] = cold_count
        size.statements[question.name, Way.HIT] = hit_count
    for number, question in enumerate(asked):
        body, _ = ask(size.cold, question.paths()[0])
        size.bytes[question.name] = body
        (content.answers / f"{number}.json").write_bytes(body)
        requests = [client.get(path) for path in question.paths()]
        known = [client.get(path, **conditional(size.warm, path)) for path in question.paths()]
        size.measured |= {
            (question.name, Way.COLD): Measured(size.cold, requests),
            (question.name, Way.HIT): Measured(size.warm, requests),
            (question.name, Way.NOT_MODIFIED): Measured(size.warm, known),
            (question.name, Way.CONSTANT): Measured(size.cold, [client.get(f"/constant/{number}.json")]),
        }
        if static:
            size.measured[question.name, Way.NGINX] = Measured(static, [client.get(f"/{number}.json")])
    warm_up(size)
    return size


def warm_up(size: Size) -> None:
    """Let workers answer everything before that counts."""
    for measured in size.measured.values():
        client.run(measured.server.port, measured.requests * 2)


def measure(each: Measured, database: int, *, seconds: float) -> None:
    before = cpu(each.server.pid), cpu(database)
    run = client.run(each.server.port, client.for_seconds(seconds, each.requests))
    after = cpu(each.server.pid), cpu(database)
    count = len(run.milliseconds)
    each.server_ms.append((after[0] - before[0]) * 1000 / count)
    each.database_ms.append((after[1] - before[1]) * 1000 / count)
    each.per_second.append(count / run.seconds)
    each.waited_ms += run.milliseconds
    each.statuses += run.statuses


def measure_all(sizes: list[Size], database: int, *, rounds: int, seconds: float) -> float:
    """Gives what part of the machine other programs have used meanwhile, 0 to 1."""
    others = Others()
    everything = [each for size in sizes for each in size.measured.values()]
    for number in range(1, rounds + 1):
        random.shuffle(everything)
        for each in everything:
            measure(each, database, seconds=seconds)
        print(f"Round {number} of {rounds}", flush=True)
    return others.share()


def memory(size: Size, *, requests: int) -> list[tuple[int, float]]:
    """After how many requests the largest worker holds how many MB. Every fifth question is a text that no worker has
    parsed, and no cache has the answer to, so that everything a process remembers is replaced again and again.
    """

    def mixed() -> Iterator[bytes]:
        known = [path for question in size.questions for path in question.paths()]
        for number in range(requests):
            question = size.questions[number % len(size.questions)]
            if number % 5:
                yield client.get(known[number % len(known)])
            else:
                yield client.post("/graphql", question.in_other_words(number))

    todo, curve = mixed(), [(0, largest(size.warm))]
    for point in range(1, POINTS + 1):
        run = client.run(size.warm.port, islice(todo, requests // POINTS))
        if set(run.statuses) - {200}:
            raise Failed(f"Not everything was answered: {dict(run.statuses)}")
        curve.append((point * (requests // POINTS), largest(size.warm)))
        print(f"Memory after {curve[-1][0]} requests: {curve[-1][1]:.0f} MB", flush=True)
    return curve


def largest(server: Server) -> float:
    return max(map(resident, workers(server.pid)))


# The command ----------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    number = partial(parser.add_argument, type=int, metavar="N")
    number("--articles", nargs="+", default=[1000], help="one or more sizes to compare (default: 1000)")
    number("--tools", default=200)
    number("--facts", default=30, help="about each tool")
    number("--comparisons", default=100)
    number("--rounds", default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="that each way takes in each round")
    number("--memory", default=100_000, help="requests in which a worker must not grow (default: 100000)")
    parser.add_argument(
        "--database", help="address of an empty PostgreSQL database on this machine, in place of our own"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.md")
    chosen = parser.parse_args()
    settle_environment()
    stop_on_signals()
    try:
        bench(chosen)
    except Failed as failure:
        sys.exit(str(failure))
    except Stopped:
        sys.exit(130)


def bench(chosen: argparse.Namespace) -> None:
    articles: list[int] = sorted(set(chosen.articles))
    amounts = {name: getattr(chosen, name) for name in ("tools", "facts", "comparisons")}
    documents = front_end()
    with ExitStack() as stack:
        addresses = (
            {str(articles[0]): chosen.database}
            if chosen.database
            else stack.enter_context(cluster(FOLDER / "postgresql", map(str, articles)))
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) if chosen.database else FOLDER
        database = postmaster(next(iter(addresses.values())))
        supervisor = stack.enter_context(Supervisor(folder / "log"))
        program = nginx()
        sizes = []
        for count, address in addresses.items():
            print(f"{count} articles", flush=True)
            content = Content(address, folder / count, amounts={"articles": int(count), **amounts})
            sizes.append(prepare(supervisor, content, documents, program))
        others = measure_all(sizes, database, rounds=chosen.rounds, seconds=chosen.seconds)
        curve = memory(sizes[0], requests=chosen.memory)
        with psycopg.connect(next(iter(addresses.values()))) as connection:
            version = connection.info.parameter_status("server_version") or ""
    text = report.written(
        sizes,
        curve,
        postgresql=version.split()[0],
        rounds=chosen.rounds,
        seconds=chosen.seconds,
        amounts=amounts,
        others=others,
    )
    report.put(chosen.output, api=text)
    print(f"\n{report.summary(text)}\n\nWritten to {chosen.output.name}.")


if __name__ == "__main__":
    main()
