"""JSON from strangers, read so that nobody can read it otherwise and every text in it can be stored."""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u(?:0000|\{0+\})")
"""NUL as it is written in JSON and in a GraphQL document. PostgreSQL keeps no text with one."""


class Ambiguous(ValueError):
    """Well-formed JSON that we do not take; its words are for the client."""


def loads(text: str) -> Any:
    """Raises ValueError for what cannot be read or is nested too deeply, Ambiguous for a name that an object has twice,
    NaN and infinity, and texts with NUL or with half of a surrogate pair.
    """
    try:
        value = json.loads(text, object_pairs_hook=once, parse_constant=_no_number)
        if "\\u" in text:
            if ESCAPED_NUL.search(text):
                raise Ambiguous("a text contains the character NUL")
            # Only an escape can bring half a pair: UTF-8 has none.
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Ambiguous("a text contains half of a surrogate pair") from None
    except RecursionError:
        raise ValueError from None
    return value


def once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary of pairs whose names all differ. Raises Ambiguous: a proxy might read the other one."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Ambiguous("a name is given twice")
        found[name] = value
    return found


def _no_number(name: str) -> NoReturn:
    raise Ambiguous(f"{name} is no JSON")
