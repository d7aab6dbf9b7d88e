"""More than there is room for: clients that are slow, clients that are too many, and a long time."""

import asyncio
import socket
import statistics
import threading
import time
from collections import Counter
from itertools import cycle

from bench.processes import resident, workers
from chaos.figures import Figure
from chaos.load import Answer, Editor, Readers, Running, questions
from chaos.outages import probe
from chaos.scale import Scale
from chaos.site import Stage

GET = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
WITHOUT = ", without nginx"
SLOW = {
    "headers": b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "bodies": b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 90000\r\n\r\n{",
}


class SlowClients(Running):
    """Each sends a byte a second; who is hung up on comes back."""

    def __init__(self, port: int, first: bytes, count: int) -> None:
        super().__init__()
        self.port, self.first = port, first
        self.sockets: list[socket.socket | None] = [None] * count
        self.threads = [threading.Thread(target=self.until_stopped, args=[self.drip], daemon=True)]

    def drip(self) -> None:
        for number, each in enumerate(self.sockets):
            try:
                if each is None:
                    each = self.sockets[number] = socket.create_connection(("127.0.0.1", self.port), timeout=1)
                    each.sendall(self.first)
                else:
                    each.sendall(b"a")
            except OSError:
                self.sockets[number] = None
        self.stopping.wait(1)

    def __exit__(self, kind: object, *given: object) -> None:
        super().__exit__(kind, *given)
        for each in self.sockets:
            if each:
                each.close()


def slow_clients(stage: Stage, scale: Scale) -> list[Figure]:
    found = []
    address = questions(stage)[0]
    for kind, first in SLOW.items():
        with stage.site() as site:
            for where, port in (("", stage.port), (WITHOUT, stage.cms_port))[: 1 + scale.without_nginx]:
                probes: list[Answer] = []
                with SlowClients(port, first, scale.slow_clients):
                    time.sleep(1.5)
                    end = time.monotonic() + scale.slow_seconds
                    while time.monotonic() < end:
                        probes += [probe(port, "/readyz"), probe(port, address)]
                        time.sleep(0.3)
                slowest, bad = max(each.seconds for each in probes), sum(not each.is_good for each in probes)
                found.append(
                    Figure(
                        f"slow {kind}{where}",
                        str(scale.slow_clients),
                        f"slowest of {len(probes)} probes {slowest:.2f} s, {bad} failed",
                        "(for comparison)" if where else "health within 1 s",
                        bool(where) or (slowest <= 1 and not bad),
                    )
                )
            assert site.gunicorn.is_running()
    return found


def overload(stage: Stage, scale: Scale) -> list[Figure]:
    """Requests come whether those before were answered or not, four times as many as can be."""
    addresses = questions(stage)
    with stage.site(RESPONSE_CACHE_MB="0"):
        with Readers(stage.port, addresses, 8) as readers:
            time.sleep(max(2, scale.overload_seconds / 3))
        began, ended = readers.answers[0].began, readers.answers[-1].began
        capacity = len(readers.answers) / (ended - began)
        usual = statistics.median(each.seconds for each in readers.answers)
        with Probing(stage.port) as probing:
            answers = asyncio.run(offered(stage.port, addresses, 4 * capacity, scale.overload_seconds))
        normal = until_normal(stage.port, addresses, usual)
    counts = Counter(each.status for each in answers)
    served = [each.seconds for each in answers if each.is_good]
    rude = [each for each in answers if not each.is_polite]
    said = ", ".join(f"{count} × {status or 'none'}" for status, count in counts.most_common())
    late = sorted(served)[int(len(served) * 0.95)] if served else 0
    rate = len(answers) / scale.overload_seconds
    probed = max(each.seconds for each in probing.answers)
    return [
        Figure(
            "four times the load",
            f"{scale.overload_seconds:.0f} s",
            f"{capacity:.0f}/s possible, {rate:.0f}/s offered: {said}; 95% within {late:.2f} s, health {probed:.2f} s",
            "only 200, 429, or 503 with Retry-After",
            not rude and bool(served),
        ),
        Figure("after it", "1", f"normal after {normal:.1f} s", "≤ 10 s", normal <= 10),
    ]


class Probing(Running):
    def __init__(self, port: int) -> None:
        super().__init__()
        self.port, self.answers = port, list[Answer]()
        self.threads = [threading.Thread(target=self.until_stopped, args=[self.look], daemon=True)]

    def look(self) -> None:
        self.answers.append(probe(self.port))
        self.stopping.wait(0.5)


async def offered(port: int, addresses: list[str], per_second: float, seconds: float) -> list[Answer]:
    """Each by a connection of its own."""
    found: list[Answer] = []

    async def one(address: str) -> None:
        began = time.monotonic()
        status, can_retry = 0, False
        try:
            async with asyncio.timeout(60):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(GET.format(path=address, port=port).encode())
                data = await reader.read()
                writer.close()
            status = int(data[9:12]) if len(data) > 12 else 0
            can_retry = b"\r\nRetry-After:" in data
        except (OSError, TimeoutError, ValueError):
            pass
        found.append(Answer(began, time.monotonic() - began, status, can_retry))

    began, todo, number = time.monotonic(), cycle(addresses), 0
    async with asyncio.TaskGroup() as group:
        while (passed := time.monotonic() - began) < seconds:
            for _ in range(int(passed * per_second) - number):
                group.create_task(one(next(todo)))
                number += 1
            await asyncio.sleep(0.005)
    return found


def until_normal(port: int, addresses: list[str], usual: float) -> float:
    """Seconds until a whole second was answered, and as fast as before."""
    began = time.monotonic()
    while time.monotonic() < began + 30:
        since = time.monotonic()
        with Readers(port, addresses, 8) as readers:
            time.sleep(1)
        if not readers.failed and statistics.median(each.seconds for each in readers.answers) < 2 * usual:
            return since - began
    return time.monotonic() - began


def soak(stage: Stage, scale: Scale) -> list[Figure]:
    """A site that is read and edited for a while, with no worker replaced by a new one, and a cache of answers so small
    that it is full, and grows no more, before anything is looked at.
    """
    samples: list[tuple[float, dict[str, float]]] = []
    with (
        stage.site(GUNICORN_CMD_ARGS="--max-requests 0", RESPONSE_CACHE_MB="8") as site,
        Editor(stage, site.origin) as editor,
        Readers(stage.port, questions(stage)) as readers,
    ):
        began, seconds = time.monotonic(), scale.minutes * 60
        while (passed := time.monotonic() - began) < seconds:
            pids = {f"gunicorn {number}": pid for number, pid in enumerate(workers(site.gunicorn.process.pid), 1)}
            pids["worker"] = site.worker.process.pid
            samples.append((passed, {name: resident(pid) for name, pid in pids.items()}))
            time.sleep(min(2, seconds / 20))
    late = [(at, sizes) for at, sizes in samples if at > seconds / 3]
    slopes = {name: slope([(at, sizes[name]) for at, sizes in late]) for name in late[0][1]}
    told = ", ".join(f"{name} {late[-1][1][name]:.0f} MB {each * 60:+.2f} MB/min" for name, each in slopes.items())
    requests = len(readers.answers) + len(editor.answers)
    failed = len(readers.failed) + sum(not each.is_good for each in editor.answers)
    grown = max(each * seconds * 2 / 3 / late[0][1][name] for name, each in slopes.items())
    return [
        Figure(
            "soak",
            f"{scale.minutes:g} min",
            f"{told} in the last two thirds; {requests} requests, {failed} failed",
            "≤ 3% grown then, none failed",
            grown <= 0.03 and not failed,
        )
    ]


def slope(points: list[tuple[float, float]]) -> float:
    """Of the line that fits best; per second."""
    return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 1 else 0.0
