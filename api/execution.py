"""Executing operations as graphql-core does, but within our limits, and without what our schema has no use for.

graphql-core prepares each field for a resolver that waits for something, or looks at where it is called from. Most of
our fields only read an attribute of a document that is loaded already: these are read at once, and what there is to
know of the types of values is found out once in a process. Directives, fragments, variables, arguments, errors and
resolvers are graphql-core's. A test asks everything both ways.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from graphql import (
    GraphQLError,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    is_leaf_type,
)
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.pyutils import Path, is_iterable

from api.documents.read import Reader
from api.errors import LimitExceeded, Stopped

TEXTS = {"String", "ID"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What has to be known of an output type to complete a value of it. An abstract type has neither item, leaf nor
    object.
    """

    type: Any
    is_required: bool
    item: "Shape | None"
    leaf: Any
    is_text: bool
    object: Any


@cache
def shape_of(kind: Any) -> Shape:
    is_required = isinstance(kind, GraphQLNonNull)
    inner = kind.of_type if is_required else kind
    return Shape(
        type=kind,
        is_required=is_required,
        item=shape_of(inner.of_type) if isinstance(inner, GraphQLList) else None,
        leaf=inner if is_leaf_type(inner) else None,
        is_text=getattr(inner, "name", "") in TEXTS,
        object=inner if isinstance(inner, GraphQLObjectType) else None,
    )


@cache
def readings(kind: GraphQLObjectType) -> dict[str, tuple[str, Shape]]:
    """The fields of a type that only read an attribute: which one, and the shape of their type."""
    return {
        name: (field.resolve.attribute, shape_of(field.type))
        for name, field in kind.fields.items()
        if hasattr(field.resolve, "attribute")
    }


Step = tuple[str, Any, str, Shape | None]
"""A field's name in the answer, graphql-core's details of it, and, if it is only read, the attribute and its shape."""


def _steps(parent_type: GraphQLObjectType, fields: Any) -> list[Step]:
    quick = readings(parent_type)
    steps: list[Step] = []
    for name, details in fields.items():
        attribute, shape = quick.get(details[0].node.name.value, ("", None))
        steps.append((name, details, attribute, shape))
    return steps


class Bounded(ExecutorThrowingOnIncremental):
    """Executes no longer than is allowed, and gives up an answer that grows too long before it is all in memory."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.reader: Reader = self.context_value.reader
        self.left: int = settings.MAX_ANSWER_LENGTH
        # By the identity of a set of fields, which is kept with its plan so that no other one gets it.
        self.plans: dict[int, tuple[Any, list[Step]]] = {}

    def execute_fields(
        self, parent_type: GraphQLObjectType, source: Any, path: Path | None, fields: Any, position: Any
    ) -> dict[str, Any]:
        self.reader.check_time()
        found: dict[str, Any] = {}
        planned = self.plans.get(id(fields))
        if planned is None:
            planned = self.plans[id(fields)] = fields, _steps(parent_type, fields)
        for name, details, attribute, shape in planned[1]:
            if shape is None:
                found[name] = self.execute_field(
                    parent_type, source, details, Path(path, name, parent_type.name), position
                )
                continue
            try:
                value = getattr(source, attribute)
                if shape.is_text and type(value) is str:
                    self._take(len(value))
                    found[name] = value
                elif value is None and not shape.is_required:
                    found[name] = None
                else:
                    at = Path(path, name, parent_type.name)
                    found[name] = self._complete(shape, details, at, value, parent_type)
            except Exception as error:
                self.handle_field_error(error, shape.type, details, Path(path, name, parent_type.name))
                found[name] = None
        return found

    def complete_value(
        self, return_type: Any, details: Any, info: GraphQLResolveInfo[Any], path: Path, result: Any, position: Any
    ) -> Any:
        """What the resolver of a field has given."""
        return self._complete(shape_of(return_type), details, path, result, info.parent_type)

    def _complete(self, shape: Shape, details: Any, path: Path, value: Any, parent: GraphQLObjectType) -> Any:
        if value is None:
            if shape.is_required:
                name = details[0].node.name.value
                raise TypeError(f"Cannot return null for non-nullable field {parent}.{name}.")
            return None
        if shape.leaf:
            return self._leaf(shape.leaf, value)
        if shape.item:
            return self._list(shape.item, details, path, value, parent)
        kind = shape.object or self._type_of(shape.type, value)
        # Nothing is deferred: the schema has no such directive.
        return self.execute_fields(kind, value, path, self.collect_subfields(kind, details)[0], None)

    def _list(self, shape: Shape, details: Any, path: Path, values: Any, parent: GraphQLObjectType) -> list[Any]:
        if not is_iterable(values):
            name = details[0].node.name.value
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{parent}.{name}'.")
        found: list[Any] = []
        for index, value in enumerate(values):
            at = Path(path, index, None)
            try:
                found.append(self._complete(shape, details, at, value, parent))
            except Exception as error:
                self.handle_field_error(error, shape.type, details, at)
                found.append(None)
        return found

    def _leaf(self, kind: GraphQLLeafType, value: Any) -> Any:
        value = ExecutorThrowingOnIncremental.complete_leaf_value(kind, value)
        self._take(len(value) if type(value) is str else _length(value))
        return value

    def _type_of(self, abstract: Any, value: Any) -> GraphQLObjectType:
        """The type of a value is called as its class is."""
        name = type(value).__name__
        found = self.schema.type_map.get(name)
        inner = abstract.of_type if isinstance(abstract, GraphQLNonNull) else abstract
        if not isinstance(found, GraphQLObjectType) or not self.schema.is_sub_type(inner, found):
            raise GraphQLError(f"{name} is no {inner}.")
        return found

    def _take(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            limit = settings.MAX_ANSWER_LENGTH
            message = f"The answer would have more than {limit:,} characters: ask for fewer entries or fields."
            raise Stopped(LimitExceeded(message, limit=limit))


def _length(value: Any) -> int:
    """About how many characters a value other than a text has in the answer."""
    length, stack = 0, [value]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            length += sum(map(len, each))
            stack += each.values()
        elif isinstance(each, list):
            stack += each
        length += len(each) if isinstance(each, str) else 8
    return length
