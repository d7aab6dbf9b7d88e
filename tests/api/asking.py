"""Every question that the schema allows about one object, and the lists, generated from the schema itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from api.schema import schema

SCHEMA = schema._schema
QUERY = SCHEMA.query_type
WHERE = {"site", "locale", "first", "after"}
"""Arguments of nearly every root field, which say from where and how much."""
PUBLIC_TOOL = "a-public-tool"
"""The slug of one that everybody may see: tools are asked for together with others."""


@dataclass(frozen=True)
class Question:
    """One operation. `about` are the variables that name the object asked for, by what of it they take."""

    name: str
    text: str
    about: dict[str, str] = field(default_factory=dict)
    root: str = ""

    def variables(self, **known: str) -> dict[str, Any]:
        return {name: _nested(kind, known) for name, kind in self.about.items()}


def _nested(kind: str, known: dict[str, str]) -> Any:
    if kind == "[slug]":
        return [known["slug"], PUBLIC_TOOL]
    return [known[kind[1:-1]]] if kind.startswith("[") else known[kind]


def selection(kind: Any, depth: int, prefix: str = "", above: tuple[Any, ...] = ()) -> str:
    """Every field of a type. What has an id of its own is followed so many levels deep, and told by its plain values
    below; the parts of an object belong to it. Aliases keep equal names of different types apart.
    """
    kind = get_named_type(kind)
    if is_leaf_type(kind):
        return ""
    if isinstance(kind, GraphQLUnionType) or (isinstance(kind, GraphQLInterfaceType) and kind.name != "Page"):
        members = SCHEMA.get_possible_types(kind)
        inside = " ".join(f"... on {each.name} {selection(each, depth, f'{each.name}_', above)}" for each in members)
        return f"{{ __typename {inside} }}"
    parts = ["__typename"]
    for name, each in kind.fields.items():
        target = get_named_type(each.type)
        asked = f"{prefix and f'{prefix}{name}: '}{name}{required(each)}"
        if not is_node(target):
            if above.count(target) < 2:  # entries of a menu have entries
                parts.append(f"{asked} {selection(target, depth, above=(*above, target))}".rstrip())
        elif depth > 0:
            parts.append(f"{asked} {selection(target, depth - 1)}")
        else:
            parts.append(f"{asked} {plain(target)}")
    return f"{{ {' '.join(parts)} }}"


def is_node(kind: Any) -> bool:
    """Whether it is an object of its own, or any of several."""
    return kind.name == "Node" or any(each.name == "Node" for each in getattr(kind, "interfaces", ()))


def plain(kind: Any) -> str:
    values = [name for name, each in kind.fields.items() if is_leaf_type(get_named_type(each.type))]
    return f"{{ __typename {' '.join(values)} }}"


def required(field: GraphQLField) -> str:
    """The arguments that a field cannot be asked without: of an enum the first member."""
    arguments = []
    for name, argument in field.args.items():
        if is_required_argument(argument):
            kind = get_named_type(argument.type)
            assert isinstance(kind, GraphQLEnumType), f"say here what to give as {name}"
            arguments.append(f"{name}: {next(iter(kind.values))}")
    return f"({', '.join(arguments)})" if arguments else ""


def connection(root: GraphQLField, depth: int) -> str:
    """The entries of a list with everything in them, and what a list says of itself."""
    fields = dict(get_named_type(root.type).fields)
    del fields["edges"]
    node = get_named_type(fields.pop("nodes").type)
    said = " ".join(f"{name} {selection(each.type, 0)}".rstrip() for name, each in fields.items())
    return f"{{ {said} edges {{ cursor }} nodes {whole(node, depth)} }}"


def whole(kind: Any, depth: int) -> str:
    """As `selection`; of an interface every field of all its types, but nothing that they lead to."""
    members = SCHEMA.get_possible_types(kind) if isinstance(kind, GraphQLInterfaceType) else []
    inside = " ".join(f"... on {each.name} {selection(each, 0, f'{each.name}_')}" for each in members)
    return f"{{ __typename {inside} }}" if members else selection(kind, depth)


def is_connection(root: GraphQLField) -> bool:
    return get_named_type(root.type).name.endswith("Connection")


def everything() -> Iterator[Question]:
    """Each list in each of its orders, and what a site says of itself."""
    for name, root in QUERY.fields.items():
        if any(is_required_argument(each) for each in root.args.values()):
            continue
        order = root.args.get("order")
        kind = get_named_type(order.type) if order else None
        for number, each in enumerate(kind.values if isinstance(kind, GraphQLEnumType) else [None]):
            types = {
                argument: root.args[argument].type for argument in ("site", "locale", "after") if argument in root.args
            }
            given = {argument: f"${argument}" for argument in types}
            if is_connection(root):
                given["first"] = "100"
            if "every" in root.args:
                given["every"] = "1"
            if each:
                given["order"] = each
            declared = ", ".join(f"${argument}: {type_}" for argument, type_ in types.items())
            arguments = ", ".join(f"{argument}: {value}" for argument, value in given.items())
            inside = connection(root, 1) if is_connection(root) else whole(get_named_type(root.type), 1)
            if number:
                # What the entries hold does not depend on their order.
                inside = "{ totalCount pageInfo { hasNextPage endCursor } edges { cursor } nodes { id title } }"
            head = f"query ({declared}) {{ {name}({arguments})" if types else f"{{ {name}"
            yield Question(f"{name} {each}" if each else name, f"{head} {inside} }}", root=name)


def about_one() -> Iterator[Question]:
    """Each root field that can be asked for one object: by id, slug, path or words; and each filter of each list."""
    for name, root in QUERY.fields.items():
        given = {each: argument for each, argument in root.args.items() if each not in WHERE}
        chosen = {
            each: _what(each, argument.type)
            for each, argument in given.items()
            if not isinstance(get_named_type(argument.type), GraphQLInputObjectType | GraphQLEnumType)
            and (is_required_argument(argument) or each in ("id", "slug", "path", "query"))
        }
        if chosen:
            types = ", ".join(f"${each}: {given[each].type}" for each in chosen)
            arguments = ", ".join(f"{each}: ${each}" for each in chosen)
            inside = connection(root, 0) if is_connection(root) else whole(get_named_type(root.type), 0)
            text = f"query ({types}) {{ {name}({arguments}) {inside} }}"
            yield Question(f"{name} by {' and '.join(chosen)}", text, chosen, root=name)
        filters = get_named_type(given["filter"].type) if "filter" in given else None
        if isinstance(filters, GraphQLInputObjectType):
            for filter_name, each in filters.fields.items():
                kind = get_named_type(each.type)
                if kind.name not in ("ID", "String"):
                    continue
                text = (
                    f"query ($value: {each.type}) {{ {name}(filter: {{{filter_name}: $value}}) "
                    f"{{ totalCount nodes {{ id }} }} }}"
                )
                what = "key" if kind.name == "ID" else "marker"
                about = {"value": f"[{what}]" if "[" in str(each.type) else what}
                yield Question(f"{name} of {filter_name}", text, about, root=name)


def _what(argument: str, kind: Any) -> str:
    what = {"id": "key", "slug": "slug", "tools": "slug", "path": "path"}.get(argument, "marker")
    return f"[{what}]" if "[" in str(kind) else what
