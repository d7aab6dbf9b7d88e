"""What a change of the schema breaks for front ends that were written for the last release.

`released.graphql` is the schema of that release. A change that takes something away from it has to be declared in
`breaking_changes.txt`, one in a line: what graphql-core says of it, " -> ", and what to ask instead. Rather deprecate
a field and take it away a release later.
"""

from pathlib import Path

from graphql import build_schema, find_breaking_changes

FOLDER = Path(__file__).parent
RELEASED = FOLDER / "released.graphql"
DECLARED = FOLDER / "breaking_changes.txt"
ARROW = " -> "


def declared_changes(text: str) -> dict[str, str]:
    """What is declared as broken, and what stands in its place; lines that begin with # are comments.

    Raises ValueError for a line without an arrow or without anything behind it.
    """
    found = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        change, _, instead = line.partition(ARROW)
        if not instead.strip():
            raise ValueError(f'Say behind "{ARROW.strip()}" what to ask instead: {line}')
        found[change.strip()] = instead.strip()
    return found


def faults(printed: str, released: str, declared: str) -> list[str]:
    """Why this schema may not be published: breaking changes that nobody declared, and declarations of none."""
    known = declared_changes(declared)
    broken = {each.description for each in find_breaking_changes(build_schema(released), build_schema(printed))}
    return [
        *(f"Breaking and not declared in api/breaking_changes.txt: {each}" for each in sorted(broken - known.keys())),
        *(f"Declared in api/breaking_changes.txt, but not broken: {each}" for each in known if each not in broken),
    ]
