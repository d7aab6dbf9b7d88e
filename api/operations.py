"""Operations as clients send them: parsed, validated and examined once, then kept by their text."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    specified_rules,
    validate,
    visit,
)
from strawberry.utils.str_converters import to_snake_case

from api import errors
from api.documents import contract, registry
from api.documents.read import Asked
from api.schema import schema

MAX_TOKENS = 2_000


@dataclass(frozen=True)
class Operation:
    """A document that may be executed, and what it may read; or the errors for which it may not."""

    document: DocumentNode | None
    asked: Asked
    errors: tuple[GraphQLError, ...] = ()


@lru_cache(maxsize=500)
def prepared(query: str, introspection: bool) -> Operation:
    """Parse and validate a query. Never raises: what is wrong with it is in `errors`."""
    try:
        document = parse(query, max_tokens=MAX_TOKENS)
        rules = [*specified_rules] if introspection else [*specified_rules, NoSchemaIntrospectionCustomRule]
        found = validate(schema._schema, document, rules, max_errors=20)
        if not found:
            return Operation(document, asked_by(document))
    except GraphQLSyntaxError as error:
        return _refused(errors.PARSE_FAILED, error)
    except RecursionError:
        return _refused(errors.LIMIT_EXCEEDED, GraphQLError("The query is nested too deeply."))
    return _refused(errors.VALIDATION_FAILED, *found)


def _refused(code: str, *found: GraphQLError) -> Operation:
    for error in found:
        error.extensions = {"code": code}
    return Operation(None, Asked(), found)


def asked_by(document: DocumentNode) -> Asked:
    """Which stored fields the operations of a document may read, so that they are loaded together."""
    info = TypeInfo(schema._schema)
    collector = _Fields(info)
    visit(document, TypeInfoVisitor(info, collector))
    labels: set[str] = set()
    for type_name, field_name in collector.fields:
        for cls in contract.implementations(type_name):
            labels |= contract.labels_read(cls, to_snake_case(field_name))
        if type_name not in registry.documents:
            label = f"{type_name}.{to_snake_case(field_name)}"
            labels |= {label} | registry.needs.get(label, frozenset())
    groups: dict[str, set[str]] = {}
    for label in labels:
        group = contract.group_of(label)
        if group is not None:
            groups.setdefault(label.partition(".")[0], set()).add(group)
    return Asked(frozenset(labels), {name: frozenset(found) for name, found in groups.items()})


class _Fields(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.fields: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self.info.get_parent_type()
        if parent is not None:
            self.fields.add((get_named_type(parent).name, node.name.value))
