"""How soon readers have what an editor publishes, with all that compose.yaml starts, as processes of this machine.

    python -m bench.edge [--times 50]

An editor publishes an article in the admin; from the moment that the admin says so, the article is asked for at
Varnish every ten milliseconds until its new title is there. Varnish has the old page: so it is told, asks the front
end, and that asks the CMS.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import urllib3

from bench.processes import Others
from cms.bootstrap import Failed, settle_environment
from cms.supervisor import Stopped, stop_on_signals
from tests.deployment import Deployment, Editor

GOAL = 1.0
"""Seconds within which 95 of 100 changes are to be there."""
LONGEST = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50, metavar="N", help="that it is published (default: 50)")
    chosen = parser.parse_args()
    settle_environment()
    stop_on_signals()
    try:
        with tempfile.TemporaryDirectory(prefix="toolshelf-edge-") as folder:
            deployment = Deployment(Path(folder))
            with deployment.running():
                others = Others()
                waited = list(waits(deployment, chosen.times))
                share = others.share()
    except Failed as failure:
        sys.exit(str(failure))
    except Stopped:
        sys.exit(130)
    parts = statistics.quantiles(waited, n=100, method="inclusive")
    print(f"{len(waited)} times from publishing to the new page at Varnish; others used {share:.0%} of the machine:")
    print(f"p50 {parts[49]:.2f} s, p95 {parts[94]:.2f} s, longest {max(waited):.2f} s; the goal for p95 is {GOAL:g} s.")
    sys.exit(parts[94] > GOAL)


def waits(deployment: Deployment, times: int) -> Iterator[float]:
    """The seconds that each change took."""
    editor = Editor(deployment.cms)
    page = editor.new_article("Version 0", "edge")
    pool = urllib3.PoolManager(retries=False)
    address = f"{deployment.site}/articles/edge/"
    for number in range(1, times + 1):
        pool.request("GET", address)
        title = f"Version {number}"
        editor.publish(page, title)
        began = time.monotonic()
        while title.encode() not in pool.request("GET", address).data:
            if time.monotonic() > began + LONGEST:
                raise Failed(f"After {LONGEST:.0f} s readers still have the page before.")
            time.sleep(0.01)
        yield time.monotonic() - began


if __name__ == "__main__":
    main()
