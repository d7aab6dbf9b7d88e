"""Small texts of files: switches, and what is said about a name that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches

from content.interchange.nodes import Node, Problem

SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def boolean(node: Node) -> bool:
    word = node.text().lower()
    if word not in SWITCH:
        raise Problem(f"Expected “true” or “false”, found “{word}”.", node.line)
    return SWITCH[word]


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(name, names, 1)
    hint = f"Did you mean “{near[0]}”?" if near else f"There is: {', '.join(sorted(names))}."
    return f"No {what} is called “{name}”. {hint}"
