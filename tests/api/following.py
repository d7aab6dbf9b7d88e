"""A client that keeps a copy of everything public, by the API alone: all of it once, then what `changes` tells.

What it keeps of an object is the object's own: its values, and the ids of those it refers to. What others say of
themselves (the name of a topic) is kept with them.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from graphql import get_named_type, is_leaf_type

from api.documents import registry
from api.documents.codecs import stored_fields
from api.schema import schema

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""What answers a query with its variables: the `data` of an answer without errors."""

FEED = """query ($after: String) {
  changes(first: 100, after: $after) { nodes { id type kind path } pageInfo { hasNextPage endCursor } }
}"""
AT_ONCE = 20


class Follower:
    def __init__(self, ask: Ask, cursor: str | None = None, copy: dict[str, Any] | None = None) -> None:
        self.ask, self.cursor, self.copy = ask, cursor, copy or {}

    def catch_up(self) -> int:
        """Read what has changed since the last time, or everything; how many changes that were."""
        count = 0
        for page in self._pages():
            count += len(page)
            upserted: dict[str, list[str]] = {}
            for change in page:
                self.copy.pop(change["id"], None)
                if change["kind"] == "UPSERT" and not has_node(change["type"]):
                    self.copy[change["id"]] = {name: change[name] for name in ("id", "type", "path")}
                elif change["kind"] == "UPSERT":
                    upserted.setdefault(change["type"], []).append(change["id"])
            for name, keys in upserted.items():
                self._read(name, keys)
        return count

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        has_next = True
        while has_next:
            found = self.ask(FEED, {"after": self.cursor})["changes"]
            yield found["nodes"]
            has_next = found["pageInfo"]["hasNextPage"]
            self.cursor = found["pageInfo"]["endCursor"] or self.cursor

    def _read(self, name: str, keys: list[str]) -> None:
        """A change that has become another one meanwhile is told once more."""
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            fields = " ".join(f'n{number}: node(id: "{key}") {{ {own(name)} }}' for number, key in enumerate(some))
            answer = self.ask(f"{{ {fields} }}", {})
            self.copy |= {node["id"]: node for node in answer.values() if node}

    def settled(self) -> dict[str, Any]:
        """The copy as its owner shows it: without references to what is not public."""
        return {key: {name: self._known(value) for name, value in node.items()} for key, node in self.copy.items()}

    def _known(self, value: Any) -> Any:
        if isinstance(value, list):
            return [each for each in value if self._known(each) is not None]
        if isinstance(value, dict) and "id" in value and value["id"] not in self.copy:
            return None
        return value


@cache
def own(name: str) -> str:
    """What to ask of an object of this type for what is its own."""
    kind: Any = schema._schema.type_map[name]
    stored = {each.name for each in stored_fields(registry.documents[name])}
    fields = ["__typename", "id"]
    for label, each in kind.fields.items():
        python_name = each.extensions["strawberry-definition"].python_name
        target = get_named_type(each.type)
        if label == "id" or not (python_name in stored or is_column(name, python_name)):
            continue
        if is_leaf_type(target):
            fields.append(label)
        elif "id" in target.fields and is_node(target):
            fields.append(f"{label} {{ id }}")
    return f"... on {name} {{ {' '.join(fields)} }}"


def has_node(name: str) -> bool:
    """A redirect is none: all there is to know of it is where it is, and `resolve` says where it leads now."""
    return is_node(schema._schema.type_map[name])


def is_column(name: str, field: str) -> bool:
    found = registry.documents[name].__strawberry_definition__.get_field(field)
    return getattr(found, "is_column", False)


def is_node(kind: Any) -> bool:
    return kind.name == "Node" or "Node" in {each.name for each in kind.interfaces}
