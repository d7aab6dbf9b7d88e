"""A client that costs little, so that what is measured is the server: requests are bytes made beforehand, sent over a
few connections that stay open, each as soon as the last one on its connection is answered.
"""

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle

CONNECTIONS = 4
HEADERS = {"Host": "cms.example.com", "X-Forwarded-Proto": "https", "Accept": "application/json"}
"""As a proxy passes requests on that came by HTTPS."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass
class Run:
    """What came of some requests."""

    seconds: float = 0
    milliseconds: list[float] = field(default_factory=list)
    """From sending a request to the last byte of its answer."""
    statuses: Counter[int] = field(default_factory=Counter)


def get(path: str, **headers: str) -> bytes:
    return _request(f"GET {path}", headers)


def post(path: str, body: bytes) -> bytes:
    """The body is JSON."""
    return _request(f"POST {path}", {"Content-Type": "application/json", "Content-Length": str(len(body))}) + body


def _request(begin: str, headers: dict[str, str]) -> bytes:
    lines = [f"{begin} HTTP/1.1", *(f"{name}: {value}" for name, value in (HEADERS | headers).items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def for_seconds(seconds: float, requests: Sequence[bytes]) -> Iterator[bytes]:
    """The requests again and again, as long as there is time, but each at least once."""
    until = time.perf_counter() + seconds
    yield from requests
    for each in cycle(requests):
        if time.perf_counter() >= until:
            return
        yield each


def run(port: int, requests: Iterable[bytes], *, connections: int = CONNECTIONS) -> Run:
    """Ask all of it; raises OSError if the server hangs up."""
    result, todo, lock = Run(), iter(requests), threading.Lock()

    def ask() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    each = next(todo, None)
                if each is None:
                    return
                began = time.perf_counter()
                connection.sendall(each)
                status = _status_of_answer(connection)
                result.milliseconds.append((time.perf_counter() - began) * 1000)
                with lock:
                    result.statuses[status] += 1

    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        for each in [pool.submit(ask) for _ in range(connections)]:
            each.result()
    result.seconds = time.perf_counter() - began
    return result


def _status_of_answer(connection: socket.socket) -> int:
    """Reads one answer to its end."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _received(connection)
    status, length = int(data[9:12]), _LENGTH.search(data, 0, end)
    if _CHUNKED.search(data, 0, end):
        # Only one answer is under way, and a page of ours does not end in this.
        while not data.endswith(b"\r\n0\r\n\r\n"):
            data += _received(connection)
        return status
    missing = end + 4 + (int(length[1]) if length and status != 304 else 0) - len(data)
    while missing > 0:
        missing -= len(_received(connection))
    return status


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 18)
    if not data:
        raise ConnectionError("The server hung up.")
    return data
