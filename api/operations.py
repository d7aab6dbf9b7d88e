"""Operations as clients send them: parsed, priced, validated and examined once, then kept by their text."""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from django.conf import settings
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    execute_sync,
    get_named_type,
    is_specified_scalar_type,
    specified_rules,
    validate,
    visit,
)
from strawberry.utils.str_converters import to_snake_case

from api import errors, limits
from api.documents import contract, registry
from api.documents.read import Asked
from api.execution import Bounded
from api.schema import Context, schema

KEPT_TOKENS = 25_000
"""How many tokens of documents a process remembers: 10 MB at most, and more than a front end has."""
TARIFF = limits.Tariff(schema._schema)


@dataclass(frozen=True)
class Operation:
    """A document that may be executed, what it may read and what it costs; or the errors for which it may not."""

    document: DocumentNode | None
    asked: Asked
    errors: tuple[GraphQLError, ...] = ()
    cost: int | None = None
    """None for a document that was not read as far as that."""


def prepared(
    query: str, introspection: bool, variables: Mapping[str, Any] | None = None, name: str | None = None
) -> Operation:
    """Parse, price and validate a query, in this order. Never raises: what is wrong with it is in `errors`.

    `introspection` is for development: it also allows errors to name what is in the schema.
    """
    cost = None
    try:
        limits.check_variables(variables)
        document = _documents.get(query)
        cost = document.price.of(name, variables)
        if cost > settings.MAX_QUERY_COST:
            raise document.price.refusal(cost, name, variables)
        found = document.errors_when(introspection=introspection)
        if not found:
            return Operation(document.parsed, document.asked, cost=cost)
    except GraphQLSyntaxError as error:
        return _refused(errors.PARSE_FAILED, error)
    except errors.ApiError as error:
        return Operation(None, Asked(), (error,), cost)
    except RecursionError:
        return Operation(None, Asked(), (errors.LimitExceeded("The query is nested too deeply."),))
    return _refused(errors.VALIDATION_FAILED, *found)


def _refused(code: str, *found: GraphQLError) -> Operation:
    for error in found:
        error.extensions = {"code": code}
    return Operation(None, Asked(), found)


def execute(
    operation: Operation, context: Context, variables: dict[str, Any] | None, name: str | None, *, introspection: bool
) -> ExecutionResult:
    """Execute an operation within the limits of time and length. Of many errors the first are given."""
    assert operation.document is not None
    context.reader.deadline = time.monotonic() + settings.MAX_QUERY_SECONDS
    try:
        result = execute_sync(
            schema._schema,
            operation.document,
            context_value=context,
            variable_values=variables,
            operation_name=name,
            max_coercion_errors=limits.MAX_ERRORS,
            executor_class=Bounded,
            hide_suggestions=not introspection,
        )
    except errors.Stopped as stopped:
        return ExecutionResult(None, [stopped.error])
    if result.errors and not introspection:
        _keep_secrets(result.errors, known=_words(f"{operation.document.loc.source.body} {variables}"))  # type: ignore[union-attr]
    if result.errors and len(result.errors) > limits.MAX_ERRORS:
        more = len(result.errors) - limits.MAX_ERRORS
        left_out = errors.LimitExceeded(f"{more} more errors are left out.", limit=limits.MAX_ERRORS)
        result.errors = [*result.errors[: limits.MAX_ERRORS], left_out]
    return result


class _Document:
    """One text that clients sent, and what is known of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parsed = limits.parsed(text)
        self.price = limits.Price(self.parsed, TARIFF)
        self._errors: dict[bool, tuple[GraphQLError, ...]] = {}

    def errors_when(self, *, introspection: bool) -> tuple[GraphQLError, ...]:
        """Why it is not valid; found out once."""
        if introspection not in self._errors:
            rules = [*specified_rules] if introspection else [*specified_rules, NoSchemaIntrospectionCustomRule]
            found = validate(
                schema._schema,
                self.parsed,
                rules,
                max_errors=limits.MAX_ERRORS,
                hide_suggestions=not introspection,
            )
            if any(each.message == "Validation aborted." for each in found):
                raise errors.LimitExceeded(
                    "The document nests fragments too deeply, or uses one name for too many fields in one place."
                )
            if not introspection:
                _keep_secrets(found, known=_words(self.text))
            self._errors[introspection] = tuple(found)
        return self._errors[introspection]

    @cached_property
    def asked(self) -> Asked:
        return asked_by(self.parsed)


class _Documents:
    """The documents that were sent last, as many as there is room for. Refused ones are not kept."""

    def __init__(self) -> None:
        self.kept: OrderedDict[tuple[str, int, int], _Document] = OrderedDict()
        self.tokens = 0
        self.lock = Lock()

    def get(self, text: str) -> _Document:
        key = text, settings.MAX_QUERY_LENGTH, settings.MAX_QUERY_TOKENS
        with self.lock:
            found = self.kept.get(key)
            if found is not None:
                self.kept.move_to_end(key)
                return found
        document = _Document(text)
        with self.lock:
            if key not in self.kept:
                self.kept[key] = document
                self.tokens += document.parsed.token_count
            while self.tokens > KEPT_TOKENS:
                _, oldest = self.kept.popitem(last=False)
                self.tokens -= oldest.parsed.token_count
        return document


_documents = _Documents()


# What errors may say --------------------------------------------------------------------------------------------------

WORD = re.compile(r"[A-Za-z_]\w*")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
HIDDEN = "…"


def _words(text: str) -> set[str]:
    return set(WORD.findall(text))


def _names() -> tuple[set[str], set[str]]:
    """The names of the schema that are secrets in production: those of types, and all."""
    types = {name for name, kind in schema._schema.type_map.items() if not is_specified_scalar_type(kind)}
    found = set(types)
    for kind in schema._schema.type_map.values():
        fields = getattr(kind, "fields", {})
        found |= {*fields, *(argument for field in fields.values() for argument in getattr(field, "args", ()))}
        if isinstance(kind, GraphQLEnumType):
            found |= set(kind.values)
    for directive in schema._schema.directives:
        found |= {directive.name, *directive.args}
    return types, found


TYPE_NAMES, NAMES = _names()


def _keep_secrets(found: list[GraphQLError], *, known: set[str]) -> None:
    """Take out of errors what they tell of the schema beyond the words that the client has said, and guesses at what it
    meant.
    """

    def hide(names: set[str], text: str) -> str:
        return WORD.sub(lambda word: HIDDEN if word[0] in names and word[0] not in known else word[0], text)

    for error in found:
        if error.original_error is None or isinstance(error.original_error, GraphQLError):
            message = error.message.partition(" Did you mean")[0]
            quoted = QUOTED.sub(lambda text: hide(NAMES, text[0]), message)
            error.message = hide(TYPE_NAMES, quoted)


# What an operation reads ----------------------------------------------------------------------------------------------


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
