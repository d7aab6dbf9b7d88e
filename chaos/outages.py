"""What the CMS stands on goes away: the database, the cache, room on the disk."""

import http.client
import io
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bs4 import BeautifulSoup
from PIL import Image

from chaos.figures import Figure
from chaos.killing import publishing, reading
from chaos.load import Admin, Answer, Editor, Readers, ask, questions
from chaos.scale import Scale
from chaos.site import Stage, stage, wait_until
from cms.bootstrap import Failed
from tests.debian import program
from tests.ports import free_port

WAY = [signal.SIGINT, signal.SIGQUIT]
"""PostgreSQL is asked to end, or ends at once and has to recover."""


def database_restarts(here: Stage, scale: Scale) -> list[Figure]:
    back, polite, away = [], True, 0.0
    with (
        here.site() as site,
        Editor(here, site.origin) as editor,
        Readers(here.port, questions(here)) as readers,
    ):
        for number in range(scale.database_restarts):
            time.sleep(2)
            began = time.monotonic()
            here.database.stop(WAY[number % 2])
            # As long as an upgrade of PostgreSQL takes, and once longer.
            time.sleep(20 if number == 2 else random.uniform(0.5, 4))
            here.database.start()
            there = time.monotonic()
            away += there - began
            time.sleep(10)
            bad = [each for each in [*readers.answers, *editor.answers] if not each.is_good and each.began > began]
            back.append(max([each.began + each.seconds - there for each in bad], default=0))
            polite &= all(each.is_polite for each in bad)
    failed = [*readers.failed, *(each for each in editor.answers if not each.is_good)]
    said = "all 503 with Retry-After" if polite else f"of these {sum(not each.is_polite for each in failed)} no 503"
    restarts = str(scale.database_restarts)
    slowest = max((each.seconds for each in readers.answers), default=0)
    return [
        Figure(
            "database restarted, back",
            restarts,
            f"after {max(back):.1f} s ({len(failed)} failed in {away:.0f} s, {said}; slowest {slowest:.1f} s)",
            "≤ 5 s, only 503 meanwhile",
            max(back) <= 5 and polite,
        ),
        publishing(here, editor, "database restarted, edits", restarts, len(editor.answers)),
    ]


def cache_gone(here: Stage, scale: Scale) -> list[Figure]:
    """Once it is killed, so that connections are refused, and once it hangs."""
    found, port = [], free_port()
    with here.site(CACHE_URL=f"rediscache://127.0.0.1:{port}/0") as site:
        for name in ("killed", "hanging"):
            with redis(here.folder, port) as server, Editor(here, site.origin) as editor:
                probes: list[Answer] = []
                with Readers(here.port, questions(here)) as readers:
                    time.sleep(1)
                    server.send_signal(signal.SIGKILL if name == "killed" else signal.SIGSTOP)
                    end = time.monotonic() + scale.cache_seconds
                    while time.monotonic() < end:
                        probes.append(probe(here.port))
                        time.sleep(0.5)
                    server.send_signal(signal.SIGCONT)
                not_ready = sum(not each.is_good for each in probes)
                failed = [*readers.failed, *(each for each in editor.answers if not each.is_good)]
                slowest = max(each.seconds for each in [*readers.answers, *probes])
                publishes = max((each.seconds for each in editor.answers), default=0)
                figure = f"{len(failed)} failed of {readers.summary()} and {len(editor.answers)} publishes"
                figure += f", {not_ready} × not ready (slowest {slowest:.1f} s, publish {publishes:.1f} s)"
                found.append(
                    Figure(
                        f"cache {name}",
                        f"{scale.cache_seconds:.0f} s",
                        figure,
                        "no error, ready",
                        not failed and not not_ready,
                    )
                )
    return found


def probe(port: int, path: str = "/readyz") -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    answer = ask(connection, path)
    connection.close()
    return answer


@contextmanager
def redis(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    found, variables = program("redis-server", ["redis-server"])
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with (folder / "redis.log").open("ab") as log:
        server = subprocess.Popen([found, *options], env=os.environ | variables, stdout=log, stderr=log)
    try:
        wait_until(lambda: _listens(port), 20, "Redis")
        yield server
    finally:
        server.kill()
        server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as each:
        return each.connect_ex(("127.0.0.1", port)) == 0


# A full disk ----------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="toolshelf-disk-", dir="/tmp"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        folder.rmdir()
        raise Failed(f"A disk of its own needs root and the right to mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False)
        folder.rmdir()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Nothing more has room, until the context ends."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        for size in (1 << 20, 4096):
            try:
                while True:
                    os.write(file.fileno(), b"\0" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


def disk_full(here: Stage, scale: Scale) -> list[Figure]:
    return [_full_of_files(here), *_full_database(scale)]


def _full_of_files(here: Stage) -> Figure:
    with (
        small_disk(16) as disk,
        here.site(MEDIA_ROOT=str(disk / "media"), PRIVATE_MEDIA_ROOT=str(disk / "private")) as site,
    ):
        admin = Admin(site.origin)
        admin.sign_in()
        before = upload(admin)
        (count,) = here.sql("SELECT count(*) FROM content_customimage")
        with full(disk):
            refused = upload(admin)
            (after,) = here.sql("SELECT count(*) FROM content_customimage")
            left = list((disk / "media").rglob("full*.png"))
            readable = probe(here.port, questions(here)[0])
        again = upload(admin)
    is_met = before[0] == again[0] == 302 and says_so(refused) and count == after and readable.is_good
    figure = f"answered {refused[0]}, “{refused[1]}”; {count != after:d} rows and {len(left) - 1} files left; then "
    figure += str(again[0])
    return Figure("disk of uploads full", "1", figure, "clear message, nothing left", is_met and len(left) == 1)


def upload(admin: Admin) -> tuple[int, str]:
    """Status and first line of the answer to a picture of two megabytes."""
    file = io.BytesIO()
    Image.frombytes("RGB", (900, 800), random.randbytes(900 * 800 * 3)).save(file, "PNG")
    fields = [("title", "Full"), ("alt", "A full disk"), ("file", ("full.png", file.getvalue()))]
    response = admin.post("/admin/images/add/", [*fields, ("collection", "1"), ("tags", ""), ("description", "")])
    return response.status, words(response.data.decode(errors="replace"))


def words(html: str) -> str:
    found = BeautifulSoup(html, "html.parser")
    return " ".join((found.find("main") or found).get_text(" ").split())[:60]


def says_so(answer: tuple[int, str]) -> bool:
    return answer[0] in (503, 507) and "disk is full" in answer[1]


def _full_database(scale: Scale) -> list[Figure]:
    settings = {"max_wal_size": "48MB", "min_wal_size": "32MB", "shared_buffers": "32MB"}
    with (
        small_disk(400) as disk,
        tempfile.TemporaryDirectory(prefix="toolshelf-chaos-", ignore_cleanup_errors=True) as folder,
        stage(Path(folder), articles=20, data=disk / "data", **settings) as here,
        here.site() as site,
    ):
        editor = Editor(here, site.origin, pause=0)
        with Readers(here.port, questions(here)) as readers, full(disk):
            refused: list[tuple[int, str]] = []
            for _ in range(500):
                if len(refused) == scale.full_disk_publishes:
                    break
                if not editor.publish():
                    refused.append((editor.answers[-1].status, words(editor.said)))
            lost = editor.lost()
        is_up = wait_until(editor.publish, 30, "Publishing with room again")
        drift = here.manage("verify_documents")
    clear = sum(map(says_so, refused))
    figure = (
        f"{len(refused)} refused, {clear} of them clearly; {len(lost)} edits lost; publishes again after {is_up:.1f} s"
    )
    return [
        Figure(
            "disk of the database full, publish",
            str(scale.full_disk_publishes),
            figure,
            "clear message, nothing lost",
            clear == len(refused) > 0 and not lost and "drift: " not in drift,
        ),
        reading(readers, "disk of the database full, read", f"{len(readers.answers)} requests", 0),
    ]
