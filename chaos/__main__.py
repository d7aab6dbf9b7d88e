"""Hurts a site in every way that it has to survive, and prints what became of it.

    python -m chaos                        all faults: some twenty minutes
    python -m chaos worker-kills overload  only these
    python -m chaos --quick                a few of each, to see that all of it runs

It makes a PostgreSQL and servers of its own on free ports, and deletes what it made. Exit status 1
if a target is missed.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from chaos.faults import FAULTS, Scale
from chaos.figures import Figure, table
from chaos.site import stage
from cms.bootstrap import Failed, settle_environment
from cms.supervisor import Stopped, stop_on_signals


def run(names: list[str], scale: Scale, database: str | None) -> list[Figure]:
    found: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="toolshelf-chaos-", ignore_cleanup_errors=True) as folder,
        stage(Path(folder), articles=scale.articles, address=database) as here,
    ):
        for name in names:
            began = time.monotonic()
            print(f"{name} …", flush=True)
            try:
                figures = FAULTS[name](here, scale)
            except (Failed, OSError) as failure:
                figures = [Figure(name, "", f"could not be measured: {str(failure).splitlines()[0]}", "", False)]
            found += figures
            for each in figures:
                print(f"  {each.fault}: {each.times}: {each.figure} ({each.target}: {'yes' if each.is_met else 'NO'})")
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"of: {', '.join(FAULTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a few times each")
    parser.add_argument("--minutes", type=float, default=5.0, help="that the soak takes (default: 5)")
    parser.add_argument("--articles", type=int, default=200, metavar="N", help="that the site has (default: 200)")
    parser.add_argument("--database", help="address of an empty PostgreSQL database, in place of our own")
    chosen = parser.parse_args()
    unknown = set(chosen.faults) - set(FAULTS)
    if unknown:
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    settle_environment()
    stop_on_signals()
    scale = Scale.quick() if chosen.quick else Scale(articles=chosen.articles, minutes=chosen.minutes)
    try:
        found = run(chosen.faults or list(FAULTS), scale, chosen.database)
    except Failed as failure:
        sys.exit(str(failure))
    except Stopped:
        sys.exit(130)
    print(f"\n{table(found)}")
    sys.exit(0 if all(each.is_met for each in found) else 1)


if __name__ == "__main__":
    main()
