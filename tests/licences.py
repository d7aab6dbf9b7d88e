"""docs/licences.md: every package that the lock files name, with its licence.

python -m tests.licences     writes the page anew, after a lock file has changed
"""

import json
import tomllib
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from cms.bootstrap import FRONTEND, ROOT

PAGE = ROOT / "docs" / "licences.md"
UNKNOWN = "unknown"
HEAD = """# Licences of what Toolshelf uses

Toolshelf itself is under the [BSD 3-Clause licence](../LICENSE). These are the packages that its lock files name; whoever passes on an
image passes on those of the first two chapters, each under its own licence, which lies in the package. A test refuses licences there that
ask more of you than to keep a notice or to offer the package's own source. Written by `python -m tests.licences`.

Not in a lock file: Python, Node, Debian's packages in the images, PostgreSQL, Valkey, Varnish and nginx.
"""
CHAPTERS = {
    "cms": "In the image of the CMS",
    "frontend": "In the image of the front end",
    "development": "Only where Toolshelf is developed and tested",
}
SHORT = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD-3-Clause",
    "GPL-3.0": "GPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Packages that another system or another Python needs.
NOT_EVERYWHERE = {"async-timeout": "Apache-2.0", "colorama": "BSD-3-Clause", "tzdata": "Apache-2.0"}
Row = tuple[str, str, str]
"""Name, version, licence."""


def locked_for_python() -> list[dict[str, Any]]:
    return tomllib.loads((ROOT / "uv.lock").read_text())["package"]


def locked_for_node() -> dict[str, dict[str, Any]]:
    """By the folder; the front end itself is not among them."""
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    return {folder: each for folder, each in packages.items() if folder}


def shipped() -> set[str]:
    """Names of the Python packages that the image has: those of production, and what they need."""
    packages = {each["name"]: each for each in locked_for_python()}
    own = packages.pop("toolshelf")
    waiting = [*own["dependencies"], *(each for extra in own["optional-dependencies"].values() for each in extra)]
    found: set[str] = set()
    while waiting:
        needed = waiting.pop()
        described = packages[needed["name"]]
        extras = described.get("optional-dependencies", {})
        waiting += [each for extra in needed.get("extra", []) for each in extras[extra]]
        if needed["name"] not in found:
            found.add(needed["name"])
            waiting += described.get("dependencies", [])
    return found


def chapters() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {name: [] for name in CHAPTERS}
    of_image = shipped()
    for each in locked_for_python():
        if each["name"] != "toolshelf":
            chapter = "cms" if each["name"] in of_image else "development"
            found[chapter].append((each["name"], each["version"], licence_of(each["name"])))
    for folder, each in locked_for_node().items():
        name = folder.rpartition("node_modules/")[2]
        chapter = "development" if each.get("dev") else "frontend"
        found[chapter].append((name, each["version"], each.get("license", UNKNOWN)))
    return {chapter: sorted(set(rows)) for chapter, rows in found.items()}


def licence_of(name: str) -> str:
    """What the installed package says."""
    if name in NOT_EVERYWHERE:
        return NOT_EVERYWHERE[name]
    said = metadata.metadata(name)
    if expression := said.get("License-Expression"):
        return expression
    classified = [
        each.rpartition(" :: ")[2] for each in said.get_all("Classifier", []) if each.startswith("License ::")
    ]
    (licence, *_) = classified or (said.get("License") or UNKNOWN).splitlines()
    # Node, whose packages on PyPI say who put it there.
    return "MIT" if licence.startswith("Copyright") else SHORT.get(licence, licence)


def page() -> str:
    return "\n".join([HEAD, *(line for chapter, rows in chapters().items() for line in table(CHAPTERS[chapter], rows))])


def table(title: str, rows: list[Row]) -> Iterator[str]:
    yield f"## {title}\n"
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in [("", "", ""), ("-" * widths[0], "-" * widths[1], "-" * widths[2]), *rows]:
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page())
