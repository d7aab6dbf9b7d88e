"""The second half of `make bench`: what readers of the site and editors wait for, with the built front end, gunicorn,
nginx, Varnish and a real Chromium.

    python -m bench.site     writes its part of docs/performance.md

Content is made in a database of its own under `var/bench`, and kept for the next run. How the figures are taken stands
in what it writes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psycopg

from bench import keystrokes, lighthouse, pages, report, site_report, site_servers
from bench.databases import cluster, front_end, postmaster
from bench.delivery import FOLDER
from bench.pages import Way
from bench.processes import Others, workers
from bench.questions import spread
from bench.site_servers import Site, ready
from cms.bootstrap import ROOT, Failed, node, settle_environment
from cms.supervisor import Stopped, Supervisor, stop_on_signals
from tests import debian

LOADED = {
    "article": "/articles/django-flask-or-fastapi/",
    "tool": "/tools/django/",
    "comparison": "/comparisons/web-frameworks/",
    "listing": "/articles/",
    "home": "/",
    "directory": "/tools/",
}


KINDS = "article", "tool", "comparison"


def counted(amounts: dict[str, int]) -> dict[str, list[str]]:
    """The paths of each kind of page whose cost is measured."""
    made = {name: [f"/{name}s/generated-{name}-{each}/" for each in spread(amounts[f"{name}s"])] for name in KINDS}
    return {**made, "listing": ["/articles/"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    number = partial(parser.add_argument, type=int, metavar="N")
    number("--articles", default=1000, help="made besides the demo's (default: 1000)")
    number("--tools", default=200)
    number("--facts", default=30, help="about each tool")
    number("--comparisons", default=100)
    number("--loads", default=5, help="of each page by Lighthouse (default: 5)")
    number("--times", default=30, help="that words are typed into each form (default: 30)")
    number("--rounds", default=5)
    parser.add_argument("--seconds", type=float, default=0.8, help="that each kind of page takes in each round")
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
    amounts = {name: getattr(chosen, name) for name in ("articles", "tools", "facts", "comparisons")}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) if chosen.database else FOLDER
        address = chosen.database or stack.enter_context(cluster(FOLDER / "postgresql", ["site"]))["site"]
        supervisor = stack.enter_context(Supervisor(folder / "log"))
        site_servers.build(supervisor)
        site = Site(address, folder / "site")
        edited = site.fill(amounts, front_end())

        start = partial(site_servers.start_cms, supervisor, site)
        warm = ready(start("warm"), "/livez")
        warm_node = ready(site_servers.start_node(supervisor, site, "warm-node", warm), "/")
        ready(site_servers.start_nginx(supervisor, site, cms=warm, front_end=warm_node), "/")
        others = Others()
        loads = lighthouse.loads(supervisor, site, LOADED, times=chosen.loads)
        waits = keystrokes.waits(site, edited, log=supervisor.logs / "warm.log", times=chosen.times)

        cold = ready(start("cold", RESPONSE_CACHE_MB="0"), "/livez")
        cold_node = ready(site_servers.start_node(supervisor, site, "cold-node", cold), "/")
        constant_pages = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        constant = ready(site_servers.start_constant(supervisor, constant_pages), "/")
        before = workers(os.getpid())
        varnish = stack.enter_context(debian.varnish(site.folder, warm_node.port, "frontend"))
        (varnish_process,) = set(workers(os.getpid())) - set(before)
        database = {"PostgreSQL": postmaster(address)}
        behind_varnish = {"Node": warm_node.pid, "CMS": warm.pid, **database}
        servers = {
            Way.COLD: (cold_node.port, {"Node": cold_node.pid, "CMS": cold.pid, **database}),
            Way.WARM: (warm_node.port, behind_varnish),
            Way.CACHED: (varnish, {**behind_varnish, "Varnish": varnish_process}),
            Way.CONSTANT: (constant.port, {"Node": constant.pid}),
        }
        measured = pages.prepared(counted(amounts), servers, constant_pages)
        pages.measure_all(list(measured.values()), rounds=chosen.rounds, seconds=chosen.seconds)
        share = others.share()
        with psycopg.connect(address) as connection:
            version = connection.info.parameter_status("server_version") or ""
    text = site_report.written(
        loads,
        waits,
        measured,
        amounts=amounts,
        others=share,
        node=subprocess.run([node(), "--version"], capture_output=True, text=True, check=True).stdout.strip(" v\n"),
        postgresql=version.split()[0],
        count=chosen.loads,
        times=chosen.times,
        rounds=chosen.rounds,
        seconds=f"{chosen.seconds:g}",
    )
    report.put(chosen.output, site=text)
    print(f"\n{report.summary(text, until='## Lighthouse')}\n\nWritten to {chosen.output.name}.")


if __name__ == "__main__":
    main()
