"""What pages of the reading site cost Node, CMS and PostgreSQL, beside a Node that only sends the same bytes."""

import random
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection
from pathlib import Path

from bench import client
from bench.processes import cpu
from cms.bootstrap import Failed

HEADERS = {"Host": "127.0.0.1", "Accept": "text/html"}


class Way(StrEnum):
    """How a page comes about."""

    COLD = "cold"
    WARM = "warm"
    CACHED = "cached"
    CONSTANT = "constant page"


@dataclass
class Measured:
    """One kind of page that comes about in one way."""

    port: int
    programs: Mapping[str, int]
    """The process from which all others of a program descend, for each that has a part in it."""
    requests: Sequence[bytes]
    ms: dict[str, list[float]] = field(default_factory=dict)
    """CPU per request that a program took, in each round."""
    per_second: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    """Of each request."""
    statuses: Counter[int] = field(default_factory=Counter)

    def cpu_ms(self, program: str | None = None) -> float:
        """Of one program, or of all together."""
        rounds = self.ms.get(program, []) if program else [sum(each) for each in zip(*self.ms.values(), strict=True)]
        return statistics.median(rounds) if rounds else 0


def prepared(
    pages: Mapping[str, Sequence[str]],
    servers: Mapping[Way, tuple[int, Mapping[str, int]]],
    constant: Path,
) -> dict[tuple[str, Way], Measured]:
    """What to measure. `pages`: the paths of each kind, asked for in turn; `servers`: port and programs of each way;
    `constant`: the folder of what the constant page says, which is written here.
    """
    found = {}
    for name, paths in pages.items():
        for way, (port, programs) in servers.items():
            if way is Way.CONSTANT:
                (constant / name).write_bytes(body(servers[Way.COLD][0], paths[0]))
            asked = [f"/{name}"] if way is Way.CONSTANT else paths
            requests = [client.get(path, **HEADERS) for path in asked]
            found[name, way] = Measured(port, programs, requests)
            client.run(port, requests * 2)  # nothing is asked for the first time when it counts
    return found


def body(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=HEADERS)
    response = connection.getresponse()
    found = response.read()
    connection.close()
    if response.status != 200:
        raise Failed(f"{path} was answered {response.status}.")
    return found


def measure(each: Measured, *, seconds: float) -> None:
    before = {name: cpu(pid) for name, pid in each.programs.items()}
    run = client.run(each.port, client.for_seconds(seconds, each.requests))
    count = len(run.milliseconds)
    for name, pid in each.programs.items():
        each.ms.setdefault(name, []).append((cpu(pid) - before[name]) * 1000 / count)
    each.per_second.append(count / run.seconds)
    each.waited_ms += run.milliseconds
    each.statuses += run.statuses


def measure_all(all_: Sequence[Measured], *, rounds: int, seconds: float) -> None:
    """Everything once in each round, in another order, so that what else the machine does meets all alike."""
    shuffled = list(all_)
    for _ in range(rounds):
        random.shuffle(shuffled)
        for each in shuffled:
            measure(each, seconds=seconds)
