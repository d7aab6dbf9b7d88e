"""How values are stored in documents and read from them: one codec per kind of annotation.

A value is *dumped* when its document is built and *decoded* when it is first read; values that need no decoding lie
ready in the instance.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import strawberry
from strawberry.types.private import is_private
from wagtail.blocks import StructValue
from wagtail.rich_text import RichText as WagtailRichText

from api.documents import registry
from content.anchors import anchors
from content.changes import key_of

if TYPE_CHECKING:
    from api.documents.read import Cohort


class Weight(Enum):
    """What kind of words a text is, the weightiest first; a stored field is text when it is declared with one."""

    TITLE = "A"
    HEADING = "B"
    """Headings, and what says in a line what a page is about."""
    TEXT = "C"
    CODE = "D"
    """Listings, commands and what they print."""


class Passage(NamedTuple):
    """Words of a document, without formatting."""

    weight: Weight
    text: str
    anchor: str = ""
    """Where readers find it, if it is a heading with an address of its own."""
    level: int = 0
    """Of such a heading: 2, 3 or 4."""


class Dump:
    """Collects, while one document is built, which other documents each field refers to."""

    def __init__(self) -> None:
        self.targets: dict[str, list[str]] = {}
        self.anchors: set[str] = set()
        """Those that are taken in the stream which is dumped."""

    def refer(self, label: str, key: str) -> None:
        """A key may say under which condition it counts: "KEY@CONDITION" is the target KEY of "label@CONDITION"."""
        key, at, condition = key.partition("@")
        keys = self.targets.setdefault(f"{label}{at}{condition}", [])
        if key not in keys:
            keys.append(key)


class Codec:
    """How one kind of value is stored and read. This one stores what JSON can say."""

    plain = True
    group = "data"
    empty: Any = None
    """What a field says in a row that was built before the field was declared."""

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        return value

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        return raw

    def passages(self, raw: Any, weight: Weight | None, cohort: "Cohort | None", label: str) -> Iterator[Passage]:
        """What of a stored value is text. Without a cohort that is only what no other document decides about."""
        if weight and raw:
            yield Passage(weight, raw)


class TextCodec(Codec):
    empty = ""

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        return "" if value is None else str(value)


class BooleanCodec(Codec):
    empty = False

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        return bool(value)


class IntegerCodec(Codec):
    empty = 0

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        return int(value or 0)


class DateCodec(Codec):
    plain = False

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        return value.isoformat() if value else None

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        return self.kind.fromisoformat(raw) if raw else None  # type: ignore[attr-defined]


class EnumCodec(Codec):
    plain = False

    def __init__(self, kind: type[Enum]) -> None:
        self.kind = kind
        self.empty = next(iter(kind))

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        # A draft may leave a choice open; it is shown with the first one.
        return self.kind(value).value if value else next(iter(self.kind)).value

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        return self.kind(raw)


class ReferenceCodec(Codec):
    """Another document: its key is stored; a target that the request may not see is None."""

    plain = False

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        if value is None:
            return None
        key = value if isinstance(value, str) else key_of(value)
        dump.refer(label, key)
        return key

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        return cohort.resolve(raw, label) if raw else None


class ListCodec(Codec):
    """A list; what is None inside (a reference that may not be seen) is left out."""

    empty: tuple[Any, ...] = ()

    def __init__(self, item: Codec) -> None:
        self.item = item
        self.plain = item.plain
        self.group = "parts" if isinstance(item, PartCodec) else item.group

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        items = value.all() if hasattr(value, "all") else value
        return [self.item.dump(item, dump, label) for item in items or [] if item is not None]

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        return [value for item in raw if (value := self.item.load(item, cohort, label)) is not None]

    def passages(self, raw: Any, weight: Weight | None, cohort: "Cohort | None", label: str) -> Iterator[Passage]:
        for item in raw:
            yield from self.item.passages(item, weight, cohort, label)


class OptionalCodec(Codec):
    def __init__(self, item: Codec) -> None:
        self.item = item
        self.plain = item.plain
        self.group = item.group

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        is_empty = value is None or value == "" or (isinstance(value, WagtailRichText) and not value)
        return None if is_empty else self.item.dump(value, dump, label)

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        return None if raw is None else self.item.load(raw, cohort, label)

    def passages(self, raw: Any, weight: Weight | None, cohort: "Cohort | None", label: str) -> Iterator[Passage]:
        if raw is not None:
            yield from self.item.passages(raw, weight, cohort, label)


class PartCodec(Codec):
    """A declared part. It is None when something it cannot be without is not visible, or not yet written in a draft,
    and when it says itself that there is nothing to show (`settle`).
    """

    plain = False

    def __init__(self, cls: type) -> None:
        self.cls = cls

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        source = BlockSource(value) if isinstance(value, StructValue) else value
        return dump_fields(self.cls, source, dump)["data"]

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        instance = instantiate(self.cls, raw, cohort)
        for name in indispensable(self.cls):
            if getattr(instance, name) is None:
                return None
        return instance if settled(instance) else None

    def passages(self, raw: Any, weight: Weight | None, cohort: "Cohort | None", label: str) -> Iterator[Passage]:
        if cohort is None and depends_on_others(self.cls):
            return
        if self.load(raw, cohort, label) is not None:  # type: ignore[arg-type]  # loads no other document
            yield from passages(self.cls, raw, cohort)


class StreamItemCodec(Codec):
    """One block of a stream, stored with the name of its GraphQL class."""

    plain = False
    group = "body"

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        cls = registry.blocks[type(value.block)]
        return {"~": cls.__name__, **dump_fields(cls, value, dump)["data"]}

    def load(self, raw: Any, cohort: "Cohort", label: str) -> Any:
        cls = registry.declared.get(raw["~"])
        return instantiate(cls, raw, cohort) if cls else None

    def passages(self, raw: Any, weight: Weight | None, cohort: "Cohort | None", label: str) -> Iterator[Passage]:
        cls = registry.declared.get(raw["~"])
        address = {"anchor": raw["anchor"], "level": raw["level"]} if raw.get("anchor") else {}
        for each in passages(cls, raw, cohort) if cls else ():
            yield each._replace(**address) if each.weight is Weight.HEADING else each


class StreamCodec(ListCodec):
    """The blocks of a stream. Each may look at the others when it is built, and knows its `owner` when it is read."""

    def dump(self, value: Any, dump: Dump, label: str) -> Any:
        children = list(value or [])
        dump.anchors = set(anchors(each.value for each in children if "anchor" in each.value))
        return [self.item.dump(BlockSource(each.value, each, children), dump, label) for each in children]


class BlockSource:
    """The value of a block as the source of its stored fields: attributes are its child values.

    A block of a stream also has its `id`, its `block` and the `siblings` in its stream, itself included.
    """

    def __init__(self, value: Any, child: Any = None, siblings: Any = ()) -> None:
        self.value = value
        self.id = getattr(child, "id", None) or ""
        self.block = getattr(child, "block", None)
        self.siblings = siblings

    def __getattr__(self, name: str) -> Any:
        return self.value.get(name) if hasattr(self.value, "get") else getattr(self.value, name)


_special: dict[type, Codec] = {}


def register_codec(kind: type, codec: Codec) -> None:
    """Store values declared with this type by `codec`."""
    _special[kind] = codec


def codec_for(hint: Any) -> Codec:
    """The codec of an annotation. Raises ContractError for one that cannot be stored."""
    if get_origin(hint) is Annotated:
        return codec_for(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        inner = [arg for arg in get_args(hint) if arg is not type(None)]
        if len(inner) == 1:
            return OptionalCodec(codec_for(inner[0]))
    elif get_origin(hint) is list:
        item = codec_for(get_args(hint)[0])
        return StreamCodec(item) if isinstance(item, StreamItemCodec) else ListCodec(item)
    elif hint in _special:
        return _special[hint]
    elif isinstance(hint, type):
        name = hint.__name__
        if name == "Block":
            return StreamItemCodec()
        if name in registry.documents or any(issubclass(cls, hint) for cls in registry.documents.values()):
            return ReferenceCodec()
        if name in registry.declared:
            return PartCodec(hint)
        if issubclass(hint, Enum):
            return EnumCodec(hint)
        if issubclass(hint, date | datetime):
            return DateCodec(hint)
        if issubclass(hint, str):
            return TextCodec()
        if hint is int:
            return IntegerCodec()
        if hint is bool:
            return BooleanCodec()
        if issubclass(hint, float):
            return Codec()
    if hint in (Any, strawberry.ID, strawberry.scalars.JSON):
        return TextCodec() if hint is strawberry.ID else Codec()
    raise registry.ContractError(
        f"{hint!r} cannot be stored in a document; declare it as a part, or compute it with @served()."
    )


@dataclass(frozen=True)
class Stored:
    """A stored field of one class."""

    name: str
    label: str
    codec: Codec
    source: Callable[[Any], Any]
    weight: Weight | None

    @property
    def raw_name(self) -> str:
        """Under which name its value is stored."""
        return self.name if self.codec.plain else f"_{self.name}"


@cache
def stored_fields(cls: type) -> tuple[Stored, ...]:
    """Every stored field of a declared class, its interfaces' included, in order of declaration."""
    hints = get_type_hints(cls, include_extras=True)
    definition = {each.python_name: each for each in cls.__strawberry_definition__.fields}  # type: ignore[attr-defined]
    result = []
    for name, hint in hints.items():
        declared = definition.get(name)
        if name.startswith("__") or (declared is not None and declared.base_resolver is not None):
            continue
        if getattr(declared, "is_column", False):
            continue
        if declared is None and not is_private(hint):
            continue
        codec = codec_for(hint)
        source = cls.__derived__.get(name, _attribute(name))  # type: ignore[attr-defined]
        weight = declared.metadata.get("text") if declared else None
        result.append(Stored(name, f"{cls.__name__}.{name}", codec, source, weight))
    return tuple(result)


def _attribute(name: str) -> Callable[[Any], Any]:
    return lambda source: getattr(source, name)


@cache
def indispensable(cls: type) -> tuple[str, ...]:
    """Names of the fields without which a part is not shown: its references and dates that may not be null."""
    return tuple(each.name for each in stored_fields(cls) if isinstance(each.codec, ReferenceCodec | DateCodec))


@cache
def depends_on_others(cls: type) -> bool:
    """Whether other documents decide if a part is shown."""
    references = [each.name for each in stored_fields(cls) if isinstance(each.codec, ReferenceCodec)]
    return hasattr(cls, "settle") or any(name in references for name in indispensable(cls))


def passages(
    cls: type, values: Mapping[str, Any], cohort: "Cohort | None", only: str | None = None
) -> Iterator[Passage]:
    """The text in the stored values of a declared class, or in one field of it, in the order in which the fields are
    declared. With a cohort, as the request may see it, facts inside sentences included.
    """
    for each in stored_fields(cls):
        raw = values.get(each.raw_name)
        if raw is not None and only in (None, each.name):
            yield from each.codec.passages(raw, each.weight, cohort, each.label)


def dump_fields(cls: type, source: Any, dump: Dump) -> dict[str, dict[str, Any]]:
    """The stored values of one source object, by group of columns."""
    groups: dict[str, dict[str, Any]] = {"data": {}, "parts": {}, "body": {}}
    is_document = cls.__name__ in registry.documents
    for each in stored_fields(cls):
        value = each.codec.dump(each.source(source), dump, each.label)
        group = each.codec.group if is_document else "data"
        groups[group][each.raw_name] = value
    return groups


def instantiate(cls: Any, values: dict[str, Any], cohort: "Cohort") -> Any:
    """An instance over stored values, without running its constructor: plain values as they are, the others decoded
    when first read.
    """
    instance = object.__new__(cls)
    attributes = instance.__dict__
    attributes.update(values)
    attributes["cohort"] = cohort
    return instance


def some_parts(instance: Any, name: str, wanted: Callable[[Mapping[str, Any]], bool]) -> list[Any]:
    """Of a list of parts those whose stored values are wanted; the others, and what they refer to, are not loaded."""
    attributes = instance.__dict__
    if name in attributes:
        return [each for each in attributes[name] if wanted(each.__dict__)]
    field: Decoded = getattr(type(instance), name)
    chosen = [raw for raw in attributes[field.raw_name] if wanted(raw)]
    parts: list[Any] = field.load(chosen, attributes["cohort"], field.label)
    return parts


def settled(part: Any) -> bool:
    """Let a part with a `settle` complete itself from what the request may see; whether anything is left to show."""
    settle = getattr(part, "settle", None)
    return settle is None or settle()


class Decoded:
    """Decodes a stored value when it is first read, and leaves the result in the instance, where it is found from then
    on.
    """

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        # Told once, for this is what reading a document does most.
        self.name, self.raw_name, self.label, self.load = stored.name, stored.raw_name, stored.label, stored.codec.load
        self.is_stream = isinstance(stored.codec, StreamCodec)
        self.may_be_none = isinstance(stored.codec, OptionalCodec | ReferenceCodec | DateCodec)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        attributes = instance.__dict__
        try:
            raw = attributes[self.raw_name]
        except KeyError:
            if self.stored.codec.group == "data" or type(instance).__name__ not in registry.documents:
                return self.stored.codec.empty
            raise AttributeError(
                f"{self.label} was not loaded: nothing in the operation says that it is needed"
            ) from None
        if raw is None and self.may_be_none:
            attributes[self.name] = None
            return None
        value = attributes[self.name] = self.load(raw, attributes["cohort"], self.label)
        if self.is_stream:
            for each in value:
                each.__dict__["owner"] = instance
        return value
