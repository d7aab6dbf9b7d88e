"""How long the grid of a tool with 60 facts of two sources each takes: to load, to save a row, to preview a fact.

    python -m bench.grid [--rounds 40]

Asks the server that `make up` runs, over HTTP and as its `admin`; set PORT and VAR_DIR as for that. It makes a tool of
its own in that database, once. The CPU time is that of the server's processes for one request.
"""

import argparse
import os
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path

import django

FACTS = 60
SLUG = "measured-by-bench-grid"
TICKS = os.sysconf("SC_CLK_TCK")


class Keep302(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        """A preview leads to the front end, which is not measured."""


class Server:
    def __init__(self, port: int) -> None:
        self.origin, self.port = f"http://127.0.0.1:{port}", port
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(*handlers)
        self.without_redirects = urllib.request.build_opener(*handlers, Keep302())

    def ask(self, path: str, data: dict[str, list[str]] | None = None, *, expected: int = 200) -> str:
        body = urllib.parse.urlencode(data, doseq=True).encode() if data else None
        request = urllib.request.Request(f"{self.origin}{path}", body)
        request.add_header("X-Requested-With", "XMLHttpRequest")
        opener = self.opener if expected == 200 else self.without_redirects
        try:
            with opener.open(request, timeout=60) as response:
                status, text = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode(errors="replace")
        if status != expected:
            raise SystemExit(f"{path} answered {status}: {text[:500]}")
        return str(text)

    def sign_in(self) -> None:
        form = form_in(self.ask("/admin/login/"))
        self.ask("/admin/login/", form | {"username": ["admin"], "password": ["admin"]})

    @property
    def cpu(self) -> float:
        """Seconds of all processes that were started for this port."""
        ticks = 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"127.0.0.1:{self.port}".encode() in (process / "cmdline").read_bytes():
                    fields = (process / "stat").read_text().rpartition(")")[2].split()
                    ticks += int(fields[11]) + int(fields[12])
            except OSError:
                continue
        return ticks / TICKS


def form_in(html: str, form_id: str | None = None) -> dict[str, list[str]]:
    from wagtail.test.utils.form_data import querydict_from_html

    return dict(querydict_from_html(html, form_id=form_id, exclude_csrf=False).lists())


def measured_tool() -> tuple[int, int]:
    """Numbers of the tool and of one of its facts; made if it is not there."""
    from content.changes import changes
    from content.models.tool import ToolPage
    from tests import factories as make

    tool = ToolPage.objects.filter(slug=SLUG).first()
    if tool is None:
        with changes():
            sources = make.SourceFactory.create_batch(2)
            tool = make.ToolPageFactory(title="Measured by bench.grid", slug=SLUG)
            for number in range(FACTS):
                attribute = make.AttributeFactory(
                    label=f"Measured {number}", key=f"measured-{number}", data_type="text"
                )
                make.FactFactory(tool=tool, attribute=attribute, value=f"Value {number}", sources=sources)
    return tool.pk, tool.facts.order_by("pk")[0].pk


def measure(name: str, server: Server, rounds: int, act: Callable[[int], object]) -> None:
    act(0)
    times, before = [], server.cpu
    for number in range(1, rounds + 1):
        start = time.perf_counter()
        act(number)
        times.append((time.perf_counter() - start) * 1000)
    cpu = (server.cpu - before) / rounds * 1000
    p95 = statistics.quantiles(times, n=20)[18]
    print(f"{name:20} p50 {statistics.median(times):7.0f} ms   p95 {p95:7.0f} ms   CPU {cpu:6.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")
    django.setup()
    tool, fact = measured_tool()
    server = Server(int(os.environ.get("PORT", "8000")))
    server.sign_in()
    grid, row = f"/admin/tools/{tool}/facts/", f"/admin/tools/{tool}/facts/row/"
    editor, preview = (f"/admin/snippets/content/fact/{view}/{fact}/" for view in ("edit", "preview"))
    form = form_in(server.ask(grid), f"fact-{fact}")

    def save(number: int) -> None:
        nonlocal form
        html = server.ask(row, form | {"value": [f"Value {time.time()}"], "action": ["publish"]})
        form = form_in(html, f"fact-{fact}")

    def show(number: int) -> None:
        typed["note"] = [f"Round {number}"]
        server.ask(preview, typed)
        server.ask(f"{preview}?mode=&in_preview_panel=true", expected=302)

    measure("load of the grid", server, rounds, lambda number: server.ask(grid))
    measure("save of a row", server, rounds, save)
    typed = form_in(server.ask(editor), "w-editor-form")
    measure("preview of a fact", server, rounds, show)


if __name__ == "__main__":
    main()
