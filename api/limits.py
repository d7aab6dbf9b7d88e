"""What one request may ask for, checked before its document is validated and while it runs.

    text ─▶ length, tokens ─▶ fields, directives, values ─▶ cost ─▶ validation ─▶ execution: time, length of the answer

The cost of a query is the work that it may make, in units of about 10 µs of CPU: one for each value and each object,
more for what is declared to be dearer (`cost=` beside the field), times the length of the lists above it: their
`first`, or what is declared (`size=`) or assumed. It counts what is asked for, not what is there. docs/api-limits.md
explains it to those who ask.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    parse,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS
from graphql.validation.rules import overlapping_fields_can_be_merged

from api.documents import registry
from api.documents.read import MAX_PAGE
from api.errors import CostExceeded, LimitExceeded

MAX_OPERATIONS = 20
MAX_FIELDS = 2_000
MAX_DEPTH = 40
MAX_DIRECTIVES = 100
MAX_DIRECTIVES_IN_ONE_PLACE = 5
MAX_COMMENTS = 1_000
MAX_TEXT = 2_000
MAX_ITEMS = 50
MAX_VALUES = 1_000
MAX_INPUT_DEPTH = 10
MAX_ERRORS = 20
# graphql-core compares each field with every other one of its name; its own budget allows 2 s of that.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000

ROOT = 100
"""Of each root field: it makes a query of its own."""
DOCUMENT = 5
"""Of each document beside its fields: a row of the database."""
CONDITION = 50
"""Of each value inside a filter: it makes a subquery."""
LIST = 5
"""How long a list is assumed to be of which nothing is declared."""
BODY = 20
"""How many blocks a body is assumed to have, and what it costs beside them: it lies in a column of its own."""


# Documents ------------------------------------------------------------------------------------------------------------


def parsed(query: str) -> DocumentNode:
    """Parse a document. Raises LimitExceeded for one that is too long or holds too much of something, and
    GraphQLSyntaxError.
    """
    _at_most(settings.MAX_QUERY_LENGTH, len(query), "characters in the document")
    try:
        document = parse(query, max_lexical_tokens=settings.MAX_QUERY_TOKENS, max_comments=MAX_COMMENTS)
    except GraphQLSyntaxError as error:
        # What the parser gives up is no syntax error: too many tokens or comments, or nested too deeply.
        if error.message.endswith("Parsing aborted."):
            raise LimitExceeded(error.message.removeprefix("Syntax Error: ")) from None
        raise
    _examine(document)
    return document


def _examine(document: DocumentNode) -> None:
    counts = dict.fromkeys(("field", "operation_definition"), 0)
    directives = 0
    stack: list[tuple[Node, int]] = [(document, 0)]
    while stack:
        node, depth = stack.pop()
        if node.kind in counts:
            counts[node.kind] += 1
        here = len(getattr(node, "directives", None) or ())
        _at_most(MAX_DIRECTIVES_IN_ONE_PLACE, here, "directives in one place")
        directives += here
        if isinstance(node, StringValueNode):
            _at_most(MAX_TEXT, len(node.value), "characters in one text")
        elif isinstance(node, ListValueNode):
            _at_most(MAX_ITEMS, len(node.values), "entries in one list of the input")
        depth += isinstance(node, SelectionSetNode | ListValueNode | ObjectValueNode)
        _at_most(MAX_DEPTH, depth, "levels of nesting")
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            child = getattr(node, key, None)
            if isinstance(child, Node):
                stack.append((child, depth))
            elif child:
                stack += [(each, depth) for each in child]
    _at_most(MAX_OPERATIONS, counts["operation_definition"], "operations in one document")
    _at_most(MAX_FIELDS, counts["field"], "fields in one document")
    _at_most(MAX_DIRECTIVES, directives, "directives in one document")


def check_variables(variables: Mapping[str, Any] | None) -> None:
    """Raises LimitExceeded for values that are too many, too long or nested too deeply."""
    count = 0
    stack: list[tuple[Any, int]] = [(variables, 0)]
    while stack:
        value, depth = stack.pop()
        count += 1
        if isinstance(value, str):
            _at_most(MAX_TEXT, len(value), "characters in one text")
        elif isinstance(value, list | dict):
            _at_most(MAX_INPUT_DEPTH, depth, "levels of nesting in the variables")
            if isinstance(value, list):
                _at_most(MAX_ITEMS, len(value), "entries in one list of the input")
            # Enough to refuse it, however much there is.
            stack += [(each, depth + 1) for each, _ in zip(_values(value), range(MAX_VALUES + 1), strict=False)]
    _at_most(MAX_VALUES, count, "values in the variables")


def _values(value: list[Any] | dict[str, Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _at_most(limit: int, count: int, what: str) -> None:
    if count > limit:
        raise LimitExceeded(f"There may be {limit:,} {what} at most.", limit=limit)


# Cost -----------------------------------------------------------------------------------------------------------------


class Dearest(NamedTuple):
    """The deepest field that makes half of a query's cost or more."""

    path: str
    cost: int


class _Charge(NamedTuple):
    """What one field of the schema costs."""

    cost: int
    size: int | str | None
    """How long the list is: a number, the argument that says it, or that of the field above; None for no list."""
    default: int
    types: tuple[str, ...]
    """The object types that it may lead to; none for a value."""


class Tariff:
    """What every field of the schema costs, worked out once."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.charges: dict[str, dict[str, _Charge]] = {}
        self.kinds: dict[str, frozenset[str]] = {}
        for name, kind in schema.type_map.items():
            if isinstance(kind, GraphQLObjectType):
                is_root = kind is schema.query_type
                self.charges[name] = {each: self._charge(field, is_root) for each, field in kind.fields.items()}
                self.kinds[name] = frozenset((name,))
            elif is_abstract_type(kind):
                self.kinds[name] = frozenset(each.name for each in schema.get_possible_types(kind))

    def _charge(self, field: GraphQLField, is_root: bool) -> _Charge:
        definition = field.extensions.get("strawberry-definition")
        declared = getattr(definition, "metadata", None) or {}
        named = get_named_type(field.type)
        page = field.args.get("first")
        size: int | str | None = None
        if page is not None:
            size = "first"
        elif "size" in declared:
            size = declared["size"]
        elif isinstance(get_nullable_type(field.type), GraphQLList) and not is_leaf_type(named):
            size = BODY if named.name == "Block" else LIST
        usual = ROOT if is_root else BODY if named.name == "Block" else 0
        cost = 1 + declared.get("cost", usual)
        return _Charge(cost, size, page.default_value if page else 1, self._types(named))

    def _types(self, named: GraphQLNamedType) -> tuple[str, ...]:
        if isinstance(named, GraphQLObjectType):
            return (named.name,)
        return tuple(each.name for each in self.schema.get_possible_types(named)) if is_abstract_type(named) else ()

    def is_list_of_pages(self, type_name: str) -> bool:
        """Whether the lists in this type are as long as the field above it says."""
        return any(charge.size == "page" for charge in self.charges.get(type_name, {}).values())


class Price:
    """What the operations of one document cost. Every selection is added up once for each type that it may meet, so
    that fragments are cheap to use a thousand times, and one that contains itself ends.
    """

    def __init__(self, document: DocumentNode, tariff: Tariff) -> None:
        self.tariff = tariff
        self.operations: list[OperationDefinitionNode] = []
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        for each in document.definitions:
            if isinstance(each, OperationDefinitionNode):
                self.operations.append(each)
            elif isinstance(each, FragmentDefinitionNode):
                self.fragments[each.name.value] = each
        self.known: dict[Any, int] = {}

    def of(self, name: str | None, variables: Mapping[str, Any] | None) -> int:
        """The cost of the operation of this name, or of the only one; 0 if there is none."""
        operation = self._operation(name)
        if operation is None:
            return 0
        amounts = _amounts(operation, variables or {})
        key = (name, tuple(amounts.values()))
        cost = self.known.get(key)
        if cost is None:
            if len(self.known) >= 100:
                self.known.clear()
            cost = self.known[key] = _Sum(self, amounts).selection(operation.selection_set, "Query", 1)
        return cost

    def dearest(self, name: str | None, variables: Mapping[str, Any] | None) -> Dearest:
        """Which field to leave out or to shorten first."""
        operation = self._operation(name)
        assert operation is not None
        return _Sum(self, _amounts(operation, variables or {})).dearest(operation.selection_set)

    def refusal(self, cost: int, name: str | None, variables: Mapping[str, Any] | None) -> CostExceeded:
        """What to answer if the operation costs more than one request may spend."""
        limit, dearest = settings.MAX_QUERY_COST, self.dearest(name, variables)
        return CostExceeded(
            f"The query costs {cost:,}, and {limit:,} is allowed. `{dearest.path}` alone costs {dearest.cost:,}: "
            "ask for fewer entries (`first`), for fewer fields in them, or in several requests.",
            cost=cost,
            limit=limit,
            dearest={"path": dearest.path, "cost": dearest.cost},
        )

    def _operation(self, name: str | None) -> OperationDefinitionNode | None:
        if name is None:
            return self.operations[0] if len(self.operations) == 1 else None
        return next((each for each in self.operations if each.name and each.name.value == name), None)


def _amounts(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, tuple[int | None, int]]:
    """For each variable the number it is, if it is one, and how many values are in it."""
    found = {}
    for each in operation.variable_definitions or ():
        name = each.variable.name.value
        value = variables.get(name) if name in variables else each.default_value
        found[name] = (_number(value), _count(value))
    return found


def _number(value: Any) -> int | None:
    if isinstance(value, Node):
        value = getattr(value, "value", None) if value.kind == "int_value" else None
    try:
        return max(1, min(MAX_PAGE, int(value)))
    except (TypeError, ValueError, OverflowError):
        return None


def _count(value: Any, amounts: Mapping[str, tuple[int | None, int]] | None = None) -> int:
    """How many plain values are inside an object or list, given as JSON or in a document."""
    count, stack = 0, [value]
    while stack:
        each = stack.pop()
        if isinstance(each, ListValueNode):
            stack += each.values
        elif isinstance(each, ObjectValueNode):
            stack += [field.value for field in each.fields]
        elif isinstance(each, VariableNode):
            count += max(1, (amounts or {}).get(each.name.value, (None, 1))[1])
        elif isinstance(each, list | dict):
            stack += _values(each)
        else:
            count += 1
    return count if isinstance(value, list | dict | ListValueNode | ObjectValueNode) else 0


class _Field(NamedTuple):
    """One field of a selection with what it costs once, and how often its own selection is answered."""

    node: FieldNode
    cost: int
    size: int
    page: int
    types: tuple[str, ...]


class _Sum:
    """The costs of one operation with the page sizes that its variables give."""

    def __init__(self, price: Price, amounts: Mapping[str, tuple[int | None, int]]) -> None:
        self.tariff = price.tariff
        self.fragments = price.fragments
        self.amounts = amounts
        self.known: dict[tuple[int, str, int], int] = {}

    def selection(self, node: SelectionSetNode, type_name: str, page: int) -> int:
        """What a selection costs on one object; `page` is the page size of the field above."""
        key = (id(node), type_name, page)
        if key not in self.known:
            self.known[key] = 0  # one that contains itself: validation refuses it
            total = 0
            for each in node.selections:
                if isinstance(each, FieldNode):
                    total += self.field(each, type_name, page).cost
                else:
                    inner = self._fragment(each, type_name)
                    total += self.selection(inner, type_name, page) if inner else 0
            self.known[key] = total
        return self.known[key]

    def field(self, node: FieldNode, type_name: str, page: int) -> _Field:
        charge = self.tariff.charges.get(type_name, {}).get(node.name.value)
        if charge is None:  # `__typename`, or one that is not there
            return _Field(node, 1, 1, 1, ())
        cost, size, below = charge.cost, 1, 1
        for argument in node.arguments or ():
            cost += CONDITION * self._values(argument.value)
        if charge.size == "first":
            size = below = self._page_size(node, charge.default)
            if any(self.tariff.is_list_of_pages(each) for each in charge.types):
                size = 1
        elif charge.size == "page":
            size = page
        elif charge.size is not None:
            size = int(charge.size)
        if node.selection_set and charge.types:
            cost += self._objects(node.selection_set, charge.types, size, below)
        return _Field(node, cost, size, below, charge.types)

    def _objects(self, node: SelectionSetNode, types: tuple[str, ...], size: int, page: int) -> int:
        """What so many objects cost, of the dearest types; of some types there are only a few in one list."""
        costs = sorted(((self._object(each) + self.selection(node, each, page), each) for each in types), reverse=True)
        total, left = 0, size
        for cost, each in costs:
            number = min(left, registry.few.get(each, left))
            total += number * cost
            left -= number
        return total

    def _object(self, type_name: str) -> int:
        return DOCUMENT if type_name in registry.documents else 1

    def _page_size(self, node: FieldNode, default: int) -> int:
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value = argument.value
                if isinstance(value, VariableNode):
                    return self.amounts.get(value.name.value, (None, 0))[0] or default
                return _number(value) or default
        return default

    def _values(self, value: ValueNode) -> int:
        if isinstance(value, VariableNode):
            return self.amounts.get(value.name.value, (None, 0))[1]
        return _count(value, self.amounts)

    def _fragment(self, node: Any, type_name: str) -> SelectionSetNode | None:
        """The selection of a fragment, if it holds for the type."""
        fragment: Any = node
        if isinstance(node, FragmentSpreadNode):
            fragment = self.fragments.get(node.name.value)
        if fragment is None:
            return None
        condition = fragment.type_condition
        if condition and type_name not in self.tariff.kinds.get(condition.name.value, ()):
            return None
        inner: SelectionSetNode = fragment.selection_set
        return inner

    def dearest(self, node: SelectionSetNode) -> Dearest:
        """Go down as long as one field makes half of the whole."""
        whole = self.selection(node, "Query", 1)
        found = Dearest("", whole)
        number, levels, page = 1, {"Query": 1}, 1
        while len(found.path) < 500:
            fields = [
                (number * often * each.cost, often, each)
                for name, often in levels.items()
                for each in self._fields(node, name, page, set())
            ]
            cost, often, dearest = max(fields, key=lambda each: each[0], default=(0, 0, None))
            if dearest is None or (found.path and 2 * cost < whole):
                break
            response_key = (dearest.node.alias or dearest.node.name).value
            found = Dearest(f"{found.path}.{response_key}".lstrip("."), cost)
            if dearest.node.selection_set is None:
                break
            number *= often
            levels = {each: min(dearest.size, registry.few.get(each, dearest.size)) for each in dearest.types}
            node, page = dearest.node.selection_set, dearest.page
        return found

    def _fields(self, node: SelectionSetNode, type_name: str, page: int, seen: set[int]) -> Iterator[_Field]:
        seen.add(id(node))
        for each in node.selections:
            if isinstance(each, FieldNode):
                yield self.field(each, type_name, page)
            else:
                inner = self._fragment(each, type_name)
                if inner and id(inner) not in seen:
                    yield from self._fields(inner, type_name, page, seen)
