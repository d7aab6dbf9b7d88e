"""Reading the store: the one clause that decides what a request may see, and the reader that every resolver goes
through.
"""

import base64
import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson
from django.db import connection
from django.db.models import F, Func, Q, QuerySet, Window
from django.db.models.fields import BooleanField
from django.db.models.functions import RowNumber
from django.utils import timezone

from api import strict_json
from api.documents import database, registry, statements, tags
from api.documents.codecs import instantiate, settled
from api.documents.feed import changed
from api.documents.models import PUBLISHED, Document, Reference
from api.documents.state import Site, State
from api.documents.statements import among
from api.errors import BadUserInput, Stopped, TooSlow

STORE = "FROM api_document JOIN api_content ON api_content.id = api_document.content_id"
COLUMNS = (
    "key",
    "type",
    "site",
    "locale",
    "path",
    "slug",
    "title",
    "sort_title",
    "published_at",
    "updated_at",
    "content__targets",
    "content__data",
)
TARGETS = COLUMNS.index("content__targets")
MOMENTS = slice(COLUMNS.index("published_at"), TARGETS)
MAX_PAGE = 100
"""How many entries one page of a list has at most."""
FEW_REFERENCES = 1_000
"""So many documents that refer to keys are compared to find the newest for each."""
MOST_LISTS = 25
"""For more than so many keys, sites and languages all are compared: the database would plan longer than it reads."""
AT = "at:"
"""Begins the key of a place, under which a reader knows the page that is there."""
ABOVE, PUBLICATION = "Page.breadcrumbs", "Page.publication"
"""References that are derived when a document is read: the pages above it, and its site or else the default one."""


Place = tuple[str, str, str]
"""Host name of the site, language and path of a page."""


def place_key(site: str, locale: str, path: str) -> str:
    return f"{AT}{site} {locale} {path}"


def above(path: str) -> list[str]:
    """The paths above a page's, the home page's first; none for the home page itself."""
    parts = path.split("/")[1:-2]
    return ["/", *(f"/{'/'.join(parts[:depth])}/" for depth in range(1, len(parts) + 1))] if path != "/" else []


@dataclass(frozen=True)
class Perspective:
    """What a request may see: a stack of layers, the topmost first and the published one last, at one moment."""

    layers: tuple[int, ...] = (PUBLISHED,)
    at: datetime | None = None

    @property
    def is_public(self) -> bool:
        return self.layers == (PUBLISHED,) and self.at is None


class Visible(Func):
    """The visibility clause, as a condition on a query over documents.

    Every read goes through it and nothing else decides. A row shows when it is valid at the perspective's moment, not
    expired and no tombstone, and no layer above its own holds a valid row of the same key. `NOT IN` over the few keys
    of a layer, and the repeated `layer > 0` that lets SQLite use the partial index, keep it at 0.1 ms for a list at
    100,000 documents; one correlated subquery per layer took 48 to 259 ms.
    """

    output_field = BooleanField()

    def __init__(self, perspective: Perspective, now: datetime) -> None:
        super().__init__(F("key"))  # there to say how the query calls the table
        self.perspective = perspective
        self.now = now

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        table = compiler.compile(self.source_expressions[0])[0].rpartition(".")[0]
        return self.sql(table)

    def sql(self, table: str) -> tuple[str, list[Any]]:
        """The condition on the rows of a table of documents, and its parameters."""
        now = connection.ops.adapt_datetimefield_value(self.now)
        condition, parameters = self._valid(table, now)
        layers = [int(each) for each in self.perspective.layers]
        sql = [
            f"({condition}) AND ({table}.expires_at IS NULL OR {table}.expires_at > %s) AND NOT {table}.tombstone",
            f"{table}.layer IN ({_list(layers)})",
        ]
        parameters = [*parameters, now]
        hidden, more = self._valid("h", now)
        for depth, above in enumerate(layers[:-1], start=1):
            keys = f"SELECT h.key FROM api_document h WHERE h.layer = {above} AND h.layer > 0 AND {hidden}"
            sql.append(f"({table}.layer IN ({_list(layers[:depth])}) OR {table}.key NOT IN ({keys}))")
            parameters += more
        return f"({' AND '.join(sql)})", parameters

    def _valid(self, table: str, now: Any) -> tuple[str, list[Any]]:
        if self.perspective.at is None:
            return f"{table}.valid_to IS NULL", []
        return f"{table}.valid_from <= %s AND ({table}.valid_to IS NULL OR {table}.valid_to > %s)", [now, now]


def _list(layers: Sequence[int]) -> str:
    return ", ".join(str(layer) for layer in layers)


class Where:
    """A condition on documents in SQL: columns of `api_document`, and parameters.

    What every request reads (documents by key, path or slug, and lists of them) is written in SQL, since the ORM takes
    several times as long to write a statement as the database to run it: 55 % of a list of ten. So is search. All else
    is written with the ORM. Both go through `Visible`.
    """

    def __init__(self, sql: str, *parameters: Any) -> None:
        self.sql, self.parameters = sql, parameters

    @classmethod
    def columns(cls, **values: str | Sequence[str]) -> "Where":
        """Columns that have these values, or one of several."""
        parts: list[str] = []
        parameters: list[Any] = []
        for name, value in values.items():
            condition, more = among(f"api_document.{name}", [value] if isinstance(value, str) else list(value))
            parts.append(condition)
            parameters += more
        return cls(" AND ".join(parts), *parameters)

    @classmethod
    def of(cls, condition: Q) -> "Where":
        """A condition of the ORM's that needs no other table, but for those in subqueries."""
        query = Document.objects.filter(condition).query
        if not query.where:
            return cls("TRUE")
        sql, parameters = query.get_compiler(connection=connection).compile(query.where)
        assert sum(map(bool, query.alias_refcount.values())) == 1, "the condition joins another table"
        return cls(sql, *parameters)

    def __and__(self, other: "Where") -> "Where":
        return Where(f"({self.sql}) AND ({other.sql})", *self.parameters, *other.parameters)

    def __or__(self, other: "Where") -> "Where":
        return Where(f"({self.sql}) OR ({other.sql})", *self.parameters, *other.parameters)


NOTHING = Where("FALSE")


@dataclass(frozen=True)
class Statement:
    """SQL that reads only what a request may see; made by `Reader.statement`."""

    sql: str
    parameters: Sequence[Any] = ()

    @property
    def is_planned_once(self) -> bool:
        """One topic has three references and the next five thousand: no plan fits both."""
        return "api_reference" not in self.sql


@dataclass
class Asked:
    """Which stored fields an operation may read, by "Type.field"."""

    labels: frozenset[str] = frozenset()
    groups: dict[str, frozenset[str]] = field(default_factory=dict)

    def columns(self, types: Iterable[str] | None) -> tuple[str, ...]:
        """The heavy columns needed for these types, or for any type."""
        wanted = self.groups.values() if types is None else [self.groups.get(name, frozenset()) for name in types]
        return tuple(f"content__{name}" for name in ("parts", "body") if any(name in each for each in wanted))


class Cohort:
    """Documents loaded by one query. The first reference read from any of them loads the references of all, in one
    query.
    """

    __slots__ = ("loaded", "members", "reader", "reverse", "shared")

    def __init__(self, reader: "Reader") -> None:
        self.reader = reader
        self.members: list[dict[str, list[str]]] = []
        self.loaded: set[str] = set()
        # Reverse lookups that were made once for all members, by the name of who made them.
        self.shared: dict[str, dict[str, list[Any]]] = {}
        self.reverse: dict[tuple[type, tuple[str, ...]], dict[str, list[Any]]] = {}

    def resolve(self, key: str, label: str) -> Any:
        """The document of a key that a field of this cohort refers to; None when the request may not see it."""
        known = self.reader.known
        found = known.get(key)
        if found is None and key not in known:
            self.prefetch({label})
            if key not in known:
                self.reader.load([key])
            found = known[key]
        return found

    def referring(self, instance: Any, labels: tuple[str, ...], *, each: int) -> list[Any]:
        """The newest documents whose fields `labels` refer to this member; one query for all members of its type."""
        asked = type(instance), labels
        if asked not in self.reverse:
            members = [known for known in self.reader.known.values() if getattr(known, "cohort", None) is self]
            keys = [member.id for member in members if type(member) is type(instance)]
            self.reverse[asked] = self.reader.referring(keys, labels, each=each)
        return self.reverse[asked][instance.id]

    def above(self, page: Any) -> list[Any]:
        """The pages above one of this cohort that the request may see, the home page first."""
        places = [place_key(page.site, page.locale, path) for path in above(page.path)]
        return [found for place in places if (found := self.resolve(place, ABOVE)) is not None]

    def below(self, page: Any, types: Sequence[str], first: int) -> list[Any]:
        """The first pages of these types right below one of this cohort, by title; one query for the whole cohort."""
        asked = f"below:{first}"
        if asked not in self.shared:
            # Beside pages a cohort may hold what has no place: facts.
            members = [vars(known) for known in self.reader.known.values() if getattr(known, "cohort", None) is self]
            places = {(each["site"], each["locale"], each["path"]) for each in members if each.get("path")}
            self.shared[asked] = self.reader.below(places, types, each=first)
        return self.shared[asked].get(place_key(page.site, page.locale, page.path), [])

    def publication(self, member: Any) -> Any:
        """The site of a member of this cohort, the default one for what is on all of them; None without a site."""
        key = self.reader.site_key(member.site)
        return self.resolve(key, PUBLICATION) if key else None

    def prefetch(self, labels: set[str]) -> None:
        wanted = (self.reader.asked.labels | labels) - self.loaded
        self.loaded |= wanted
        keys = {key for targets in self.members for label in targets.keys() & wanted for key in targets[label]}
        self.reader.load(keys - self.reader.known.keys())


class Reader:
    """One request's view of the store: an identity map, so that every document is loaded once.

    Attributes: `sites`, the default one first; `generation`, that of the last change; `depends_on`, the tags of what it
    has read or looked for in vain but for documents it found (`tags` has all); `deadline` (on the monotonic clock:
    nothing is read after it).
    """

    def __init__(self, perspective: Perspective, asked: Asked | None = None, state: State | None = None) -> None:
        self.perspective = perspective
        self.asked = asked or Asked()
        self.known: dict[str, Any] = {}
        self.depends_on: set[str] = set()
        self.deadline = math.inf
        state = state or State.read()
        self.sites, self.generation = state.sites, state.generation

    @property
    def tags(self) -> set[str]:
        """What the answer depends on."""
        # What is known by its place is known by its key as well.
        missed = {
            tags.at(key.rpartition(" ")[2]) for key, found in self.known.items() if found is None and key.startswith(AT)
        }
        return self.depends_on | missed | {tags.of_key(key) for key in self.known if not key.startswith(AT)}

    @cached_property
    def now(self) -> datetime:
        """The moment at which the request looks at the store."""
        return self.perspective.at or timezone.now()

    def is_current(self, expires_at: datetime | None) -> bool:
        """Whether something that ends at this moment still shows."""
        return expires_at is None or expires_at > self.now

    # Which site
    # --------------------------------------------------------------------------------------------------------

    def site(self, host: str | None) -> Site | None:
        """The site of this host name, the default one for None; None when there is no such site."""
        if host is None:
            return self.sites[0] if self.sites else None
        return next((site for site in self.sites if site.host == host), None)

    def site_key(self, host: str) -> str | None:
        """The key of the document of this site, of the default one for no name."""
        found = self.site(host or None)
        return f"site:{found.id}" if found else None

    def check_time(self) -> None:
        """Raises Stopped when the request has taken too long."""
        if time.monotonic() > self.deadline:
            raise Stopped(TooSlow("The query took too long: ask for less, or try again later."))

    # Loading
    # -----------------------------------------------------------------------------------------------------------

    def rows(self) -> QuerySet[Document]:
        """Every document the request may see, for the ORM."""
        self.check_time()
        return Document.objects.filter(Visible(self.perspective, self.now)).order_by()

    def statement(
        self, what: str, where: Where, *, values: Sequence[Any] = (), source: str = STORE, end: str = ""
    ) -> Statement:
        """Reads documents that the request may see: beside `rows` the other place where the store is opened. `values`:
        the parameters of what is read; `source`: the table of documents with others.
        """
        visible, parameters = Visible(self.perspective, self.now).sql("api_document")
        sql = f"SELECT {what} {source} WHERE {visible} AND ({where.sql}){end}"
        return Statement(sql, (*values, *parameters, *where.parameters))

    def execute(self, statement: Statement, *, before: str = "") -> list[tuple[Any, ...]]:
        """All rows. `before`: settings for this statement, as PostgreSQL wants them; sent together with it."""
        self.check_time()
        if statement.is_planned_once and not before:
            return statements.rows(statement.sql, statement.parameters)
        with database.connection().cursor() as cursor:
            cursor.execute(before + statement.sql, statement.parameters)
            while before and cursor.description is None:
                cursor.nextset()
            return cursor.fetchall()

    def _select(self, what: str, where: Where, *, end: str = "") -> list[tuple[Any, ...]]:
        return self.execute(self.statement(what, where, end=end))

    def find(
        self, where: Where, types: Iterable[str] | None = None, *, order: Sequence[str] = (), limit: int | None = None
    ) -> list[Any]:
        """The instances of the documents for which this is true, as one cohort, in the order of these columns ("-" for
        the greatest first); one query.
        """
        columns, heavy = self._columns(types)
        end = f" ORDER BY {', '.join(map(_in_order, order))}" if order else ""
        if limit is not None:
            end += f" LIMIT {int(limit)}"
        cohort = Cohort(self)
        return [self._instance(_decoded(row), heavy, cohort) for row in self._select(columns, where, end=end)]

    def find_chosen(
        self,
        chosen: Statement,
        types: Iterable[str],
        *,
        more: Sequence[str] = (),
        joined: str = "",
        before: str = "",
    ) -> list[tuple[Any, ...]]:
        """The instances of the documents that a statement gives by `id` and `place`, in the order of their places, as
        one cohort; with each these columns, which may be of what is `chosen`. One query.
        """
        columns, heavy = self._columns(types)
        sql = (
            f"SELECT {', '.join([columns, *more])} {STORE} JOIN ({chosen.sql}) chosen ON chosen.id = api_document.id"
            f" {joined} ORDER BY chosen.place"
        )
        rows = self.execute(Statement(sql, chosen.parameters), before=before)
        cohort, width = Cohort(self), len(COLUMNS) + len(heavy)
        return [(self._instance(_decoded(row[:width]), heavy, cohort), *row[width:]) for row in rows]

    def _columns(self, types: Iterable[str] | None) -> tuple[str, tuple[str, ...]]:
        """What instances are made of, in SQL; and the names of the heavy ones."""
        heavy = self.asked.columns(types)
        return ", ".join([*map(_as_read, COLUMNS), *map(self._where_asked, heavy)]), heavy

    def _where_asked(self, column: str) -> str:
        """A heavy column, of those types only of which something in it is asked for."""
        group = column.partition("__")[2]
        types = sorted(name for name, groups in self.asked.groups.items() if group in groups)
        return f"CASE WHEN api_document.type IN ({', '.join(map(repr, types))}) THEN {_in_sql(column)} END"

    def count(self, where: Where) -> int:
        """How many there are; one query."""
        (counted,) = self._select("COUNT(*)", where)[0]
        return int(counted)

    def parts_of(self, where: Where, field: str, name: str, among: Sequence[str]) -> list[list[dict[str, Any]]]:
        """For each document for which this is true its stored parts in `field` whose value of `name` is one of these;
        one query. The database takes them out of the document, which may be many times as large.
        """
        if connection.vendor == "postgresql":
            path = f"$.{field}[*] ? (@.{name} == $among[*])"
            chosen = "jsonb_path_query_array(api_content.parts, %s::jsonpath, jsonb_build_object('among', %s::text[]))"
            parameters: list[Any] = [path, list(among)]
        else:
            chosen = (
                "(SELECT json_group_array(json(value)) FROM json_each(api_content.parts, %s) "
                f"WHERE value ->> %s IN ({', '.join(['%s'] * len(among))}))"
            )
            parameters = [f"$.{field}", name, *among]
        rows = self.execute(self.statement(chosen, where, values=parameters))
        return [orjson.loads(parts) for (parts,) in rows]

    def as_parts(self, stored: Iterable[dict[str, Any]], cls: type) -> list[Any]:
        """The parts of these stored values that may be shown."""
        cohort = Cohort(self)
        parts = (instantiate(cls, raw, cohort) for raw in stored)
        return [part for part in parts if settled(part)]

    def load(self, keys: Iterable[str]) -> None:
        """Make these keys known; one query, none when all are, and one more for each kind that lies inside others.

        What may not be seen becomes known as None.
        """
        missing = [key for key in keys if key not in self.known]
        if not missing:
            return
        kinds = {key.partition(":")[0] for key in missing} & registry.inside.keys()
        documents = [key for key in missing if key.partition(":")[0] not in kinds]
        if documents:
            self.find(_found_by(documents))
        for kind in sorted(kinds):
            self._load_inside(registry.inside[kind], {key for key in missing if key.startswith(f"{kind}:")})
        for key in missing:
            self.known.setdefault(key, None)

    def _load_inside(self, place: registry.Inside, keys: set[str]) -> None:
        """Only the documents that hold one of these keys are read with their parts, which may be many."""
        holding = Reference.objects.filter(field=f"{place.owner}.{place.keys}", target_key__in=keys)
        self.depends_on.update(map(tags.to_key, keys))
        rows = self.rows().filter(type=place.owner, content__in=holding.values("content_id"))
        heavy = tuple(dict.fromkeys((*self.asked.columns([place.owner]), "content__parts")))
        cohort = Cohort(self)
        for row in rows.values_list(*COLUMNS, *heavy):
            owner = self._instance(row, heavy, cohort)
            for raw in row[len(COLUMNS) + heavy.index("content__parts")].get(f"_{place.parts}", ()):
                if raw["id"] in keys:
                    part = instantiate(registry.declared[place.part], raw, cohort)
                    part.__dict__["owner"] = owner
                    self.known[raw["id"]] = part if settled(part) else None

    def take(self, rows: QuerySet[Document], types: Iterable[str] | None = None, limit: int | None = None) -> list[Any]:
        """The instances of these rows, in their order, as one cohort; one query."""
        return [instance for instance, _ in self._with_targets(rows if limit is None else rows[:limit], types)]

    def _with_targets(
        self, rows: QuerySet[Document], types: Iterable[str] | None = None
    ) -> list[tuple[Any, dict[str, list[str]]]]:
        heavy = self.asked.columns(types)
        cohort = Cohort(self)
        return [(self._instance(row, heavy, cohort), row[TARGETS]) for row in rows.values_list(*COLUMNS, *heavy)]

    def _instance(self, row: Sequence[Any], heavy: tuple[str, ...], cohort: Cohort) -> Any:
        key, type_name, site, locale, path, slug, title, sort_title, published_at, updated_at = row[:TARGETS]
        targets, data, *bodies = row[TARGETS:]
        if ABOVE in self.asked.labels and locale:
            # Derived from the path: it follows a section that moves, of which nothing below is built anew.
            targets[ABOVE] = [place_key(site, locale, each) for each in above(path)]
        if PUBLICATION in self.asked.labels and (publication := self.site_key(site)):
            targets[PUBLICATION] = [publication]
        cohort.members.append(targets)
        known = self.known.get(key)
        if known is not None:
            return known
        for values in bodies:
            if values is not None:
                data.update(values)
        instance = instantiate(registry.documents[type_name], data, cohort)
        instance.__dict__.update(
            id=key,
            site=site,
            locale=locale,
            path=path,
            slug=slug,
            title=title,
            sort_title=sort_title,
            published_at=published_at,
            updated_at=updated_at,
        )
        self.known[key] = instance
        if locale:
            self.known[place_key(site, locale, path)] = instance
        return instance

    def get(self, key: str) -> Any:
        """The document of this key, or None."""
        self.load([key])
        return self.known[key]

    def at(self, types: Sequence[str], path: str, *, site: str | Sequence[str]) -> Any:
        """The document of these types at a path of a site, or one of several, or None."""
        self.depends_on.add(tags.at(path))
        found = self.find(Where.columns(path=path, site=site, type=types), order=("path", "key"), limit=1)
        return found[0] if found else None

    def named(self, type_name: str, slug: str, where: Where) -> Any:
        """The document of this slug at the lowest path, among those of one type for which this is true, or None."""
        found = self.all_named(type_name, [slug], where)
        return found[0] if found else None

    def all_named(self, type_name: str, slugs: Sequence[str], where: Where) -> list[Any]:
        """The documents of one type for which this is true with one of these slugs, those at lower paths first."""
        self.depends_on.update(tags.slug(type_name, slug) for slug in slugs)
        named = Where.columns(type=type_name, slug=slugs) & where
        return self.find(named, [type_name], order=("path", "key"), limit=1 if len(slugs) == 1 else None)

    # Reverse lookups
    # ---------------------------------------------------------------------------------------------------

    def referring(self, keys: Iterable[str], labels: Sequence[str], *, each: int) -> dict[str, list[Any]]:
        """For each key, and each site and language, the newest documents whose fields `labels` refer to it, at least
        `each` if there are so many; one query.
        """
        result: dict[str, list[Any]] = {key: [] for key in keys}
        self.depends_on.update(map(tags.to_key, result))
        newest = Window(
            RowNumber(),
            partition_by=[F("content__references__target_key"), F("site"), F("locale")],
            order_by=[F("published_at").desc(), F("key").desc()],
        )
        referring = self.rows().filter(
            content__references__target_key__in=list(result), content__references__field__in=labels
        )
        newest_each = referring.annotate(rank=newest).filter(rank__lte=each)
        rows = self.rows().filter(pk__in=newest_each.values("pk")).order_by("-published_at", "-key")
        for instance, targets in self._with_targets(rows):
            for key in dict.fromkeys(key for label in labels for key in targets.get(label, ())):
                if key in result:
                    result[key].append(instance)
        return result

    def newest_referring(
        self, keys: Iterable[str], labels: Sequence[str], *, types: Sequence[str], each: int
    ) -> dict[str, list[tuple[str, str]]]:
        """As `referring`, but pages of some types, at most `each`, and only their keys and titles: for choosing what to
        load. One query, and one more where many refer to the keys: unless it is for very many keys, it takes no longer
        the more there are.
        """
        result: dict[str, list[tuple[str, str]]] = {key: [] for key in keys}
        self.depends_on.update(map(tags.to_key, result))
        if not result:
            return result
        of_types, places = Where.columns(type=types), [(site.host, at) for site in self.sites for at in site.locales]
        every = of_types & _references(result, labels)
        if not 0 < len(result) * len(places) <= MOST_LISTS:
            rows = self.execute(_newest(self._referring(every), each=each))
        else:
            few = self._referring(every, end=f" LIMIT {FEW_REFERENCES + 1}")
            ends = f" ORDER BY published_at DESC, api_document.key DESC LIMIT {int(each)}"
            rows = self.execute(_newest(few, each=each, most=FEW_REFERENCES))
            if not rows:
                # There may be too many to compare them all.
                lists = [
                    self._referring(
                        of_types & Where.columns(site=site, locale=locale) & _references([key], labels), end=ends
                    )
                    for key in result
                    for site, locale in places
                ]
                rows = self.execute(_newest(_union(lists), each=each))
        for target_key, key, title in rows:
            if (key, title) not in result[target_key]:
                result[target_key].append((key, title))
        return result

    def _referring(self, where: Where, *, end: str = "") -> Statement:
        """Reads references to keys, and the documents that refer."""
        what = "target_key, api_document.key AS key, title, published_at, site, locale"
        source = "FROM api_document JOIN api_reference ON api_reference.content_id = api_document.content_id"
        return self.statement(what, where, source=source, end=end)

    def below(self, places: Iterable[Place], types: Sequence[str], *, each: int) -> dict[str, list[Any]]:
        """For each place (site, language and path), under its key, the first pages right below it by title; one query.
        For one place it costs the same however many there are below, for several it reads their titles.
        """
        parents: dict[tuple[str, str], list[str]] = {}
        for site, locale, path in places:
            parents.setdefault((site, locale), []).append(path)
            self.depends_on.add(tags.below(path))
        here = Q(pk__in=[])
        for (site, locale), paths in parents.items():
            here |= Q(site=site, locale=locale, parent__in=paths)
        rows = self.rows().filter(here)  # nothing but a page has a language and a path
        order = ("sort_title", "key")
        if sum(map(len, parents.values())) > 1:
            rank = Window(RowNumber(), partition_by=[F("site"), F("locale"), F("parent")], order_by=order)
            first = rows.annotate(rank=rank).filter(rank__lte=each)
            found = self.take(self.rows().filter(pk__in=first.values("pk")).order_by(*order), types)
        else:
            found = self.take(rows.order_by(*order), types, limit=each)
        result: dict[str, list[Any]] = {}
        for page in found:
            result.setdefault(place_key(page.site, page.locale, above(page.path)[-1]), []).append(page)
        return result

    def once_at(self, path: str, *, site: str) -> str | None:
        """The key of the object that was last public at a path, whatever became of it; None if none ever was."""
        self.depends_on.add(tags.at(path))
        here = Document.objects.filter(layer=PUBLISHED, path=path, site=site).exclude(type="Redirect")
        past = here.order_by("-valid_from", "-pk")
        return past.values_list("key", flat=True).first()

    def changes(self, make: Any, *, first: int | None, after: str | None) -> "Selection":
        """The change feed, 100 at a time for None: the last version of each key, in the order of generations. Expired
        ones count as taken away.
        """
        first = page_size(first, 100)
        self.depends_on.add(tags.CHANGES)
        rows = Document.objects.filter(layer=PUBLISHED, valid_to=None)
        order = ByGeneration()
        page = rows.filter(order.later(after, newest=self.generation)) if after is not None else rows
        items = [
            make(
                id=each.key,
                type=each.type,
                kind=make.kinds()[each.is_gone],
                path=each.path,
                generation=each.generation,
                row=each.row,
            )
            for each in changed(page, first + 1)
        ]
        return Selection(items[:first], rows.count, order, has_next=len(items) > first, has_previous=after is not None)

    # Lists
    # -------------------------------------------------------------------------------------------------------------

    def select(
        self,
        types: Sequence[str],
        where: Where,
        order: "Order",
        *,
        first: int | None,
        after: str | None,
        narrowed: bool = False,
    ) -> "Selection":
        """One page of a list, of 20 for None; `narrowed` says that nothing gets into it but by a reference to a key
        that the condition depends on. Raises BadUserInput for a page size outside 1 to 100 and for a cursor that is not
        of this list.
        """
        first = page_size(first, 20)
        if not narrowed:
            self.depends_on.update(map(tags.list_of, types))
        if order.column == "updated_at":
            self.depends_on.update(map(tags.updated, types))
        all_of_them = Where.columns(type=types) & where
        page = all_of_them & order.after(after) if after is not None else all_of_them
        found = self.find(page, types, order=order.columns(), limit=first + 1)
        return Selection(
            found[:first],
            lambda: self.count(all_of_them),
            order,
            has_next=len(found) > first,
            has_previous=after is not None,
        )

    def every_nth(self, types: Sequence[str], where: Where, order: "Order", *, every: int, most: int) -> list[str]:
        """The cursors of every so many entries of a list, at most so many of them; none behind which nothing follows.
        One query, which numbers the whole list.
        """
        self.depends_on.update(map(tags.list_of, types))
        columns = order.columns()
        place = ", ".join(map(_in_order, columns))
        numbered = self.statement(
            f"{', '.join(_in_sql(each.lstrip('-')) for each in columns)}, "
            f"ROW_NUMBER() OVER (ORDER BY {place}) AS number, COUNT(*) OVER () AS total",
            Where.columns(type=types) & where,
            source="FROM api_document",
        )
        sql = (
            f"SELECT * FROM ({numbered.sql}) numbered WHERE number < total AND number - number / %s * %s = 0 "
            f"ORDER BY number LIMIT {most:d}"
        )
        rows = self.execute(Statement(sql, (*numbered.parameters, every, every)))
        return [packed(order.name, value, key) for value, key, *_ in rows]


def _in_sql(name: str) -> str:
    """A column as the ORM names it."""
    return f"api_content.{name[9:]}" if name.startswith("content__") else f"api_document.{name}"


def _as_read(name: str) -> str:
    """Moments as text, which is decoded in a fraction of the time that it takes a database's driver."""
    return f"CAST({_in_sql(name)} AS text)" if name.endswith("_at") else _in_sql(name)


def _in_order(name: str) -> str:
    return f"{_in_sql(name[1:])} DESC" if name.startswith("-") else _in_sql(name)


def _decoded(row: tuple[Any, ...]) -> list[Any]:
    """The values of a row as the ORM would give them: moments and JSON are text."""
    values = list(row)
    values[MOMENTS] = map(_moment, values[MOMENTS])
    values[TARGETS:] = [None if each is None else orjson.loads(each) for each in values[TARGETS:]]
    return values


def _moment(text: str | None) -> datetime | None:
    """SQLite does not say that it is in UTC."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _references(keys: Iterable[str], labels: Sequence[str]) -> Where:
    """References to these keys by these fields."""
    keys = list(keys)
    targets, fields = (", ".join(["%s"] * len(among)) for among in (keys, labels))
    return Where(f"api_reference.target_key IN ({targets}) AND api_reference.field IN ({fields})", *keys, *labels)


def _newest(referring: Statement, *, each: int, most: int | None = None) -> Statement:
    """The newest documents of each key, site and language; none if there are more than `most`."""
    newest = "published_at DESC, key DESC"
    is_few = "" if most is None else f" AND among <= {most}"
    sql = (
        f"SELECT target_key, key, title FROM (SELECT *, COUNT(*) OVER () AS among, ROW_NUMBER() OVER "
        f"(PARTITION BY target_key, site, locale ORDER BY {newest}) AS place FROM ({referring.sql}) referring) ranked"
        f" WHERE place <= {int(each)}{is_few} ORDER BY {newest}"
    )
    return Statement(sql, referring.parameters)


def _union(statements: Sequence[Statement]) -> Statement:
    sql = " UNION ALL ".join(f"SELECT * FROM ({each.sql}) part" for each in statements)
    return Statement(sql, [parameter for each in statements for parameter in each.parameters])


def _found_by(keys: Iterable[str]) -> Where:
    """The documents of these keys and places."""
    places: dict[str, list[str]] = {}
    found = Where.columns(key=[key for key in keys if not key.startswith(AT)])
    for key in keys:
        if key.startswith(AT):
            where, _, path = key.rpartition(" ")
            places.setdefault(where, []).append(path)
    for where, paths in places.items():
        site, _, locale = where.removeprefix(AT).partition(" ")
        found |= Where.columns(path=paths, site=site, locale=locale)
    return found


def page_size(first: int | None, default: int) -> int:
    """How many to read. Raises BadUserInput outside 1 to 100."""
    if first is None:
        return default
    if not 1 <= first <= MAX_PAGE:
        raise BadUserInput(f"`first` is 1 to {MAX_PAGE}, not {first}.")
    return first


def in_utc(moment: datetime) -> datetime:
    """What has no offset is taken for UTC, the time that Django sets for the process. Raises BadUserInput for a moment
    outside the calendar.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadUserInput(f"{moment.isoformat()} is outside the calendar.") from None


def packed(*values: Any) -> str:
    """A cursor that holds these values, which JSON can say; opaque to the caller."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def unpacked(cursor: str) -> Any:
    """What `packed` has put into a cursor, or whatever a client did. Raises ValueError unless it is JSON in base64."""
    return strict_json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")).decode())


@dataclass(frozen=True)
class Order:
    """One of the closed orders of a list: a column, its direction, and the key where the column is equal."""

    name: str
    column: str
    descending: bool = False

    def columns(self) -> tuple[str, str]:
        sign = "-" if self.descending else ""
        return f"{sign}{self.column}", f"{sign}key"

    def cursor(self, instance: Any) -> str:
        """Where a list goes on after this instance; opaque to the caller."""
        value = getattr(instance, self.column)
        text = value.isoformat() if isinstance(value, datetime) else value
        return packed(self.name, text, instance.id)

    def after(self, cursor: str) -> Where:
        """What follows a cursor. Raises BadUserInput for one that is of another list, or none at all."""
        try:
            name, value, key = unpacked(cursor)
            if name != self.name or not isinstance(key, str):
                raise ValueError
            if self.column.endswith("_at"):
                value = connection.ops.adapt_datetimefield_value(in_utc(datetime.fromisoformat(value)))
            elif not isinstance(value, str):
                raise ValueError
        except (ValueError, TypeError):
            raise BadUserInput("`after` is not a cursor of this list in this order.") from None
        column, beyond = f"api_document.{self.column}", "<" if self.descending else ">"
        same = f"{column} = %s AND api_document.key {beyond} %s"
        return Where(f"{column} {beyond} %s OR ({same})", value, value, key)


class ByGeneration(Order):
    """The order of the change feed."""

    def __init__(self) -> None:
        super().__init__("generation", "generation")

    def cursor(self, instance: Any) -> str:
        return packed(self.name, instance.generation, instance.row)

    def later(self, cursor: str, *, newest: int) -> Q:
        """What follows a cursor. Raises BadUserInput for one that is of another list, or none at all, and for one of a
        generation that has not been: this database was restored from a backup.
        """
        try:
            name, generation, row = unpacked(cursor)
            if (
                name != self.name
                or not (isinstance(generation, int) and isinstance(row, int))
                or abs(generation) + abs(row) > 2**62
            ):
                raise ValueError
        except (ValueError, TypeError):
            raise BadUserInput("`after` is not a cursor of the change feed.") from None
        if generation > newest:
            raise BadUserInput(
                "`after` is ahead of all changes: a backup was restored. Read the feed from its beginning."
            )
        return Q(generation__gt=generation) | Q(generation=generation, pk__gt=row)


def cursor_before(generation: int) -> str:
    """Behind it the feed of changes tells of this generation and all later ones."""
    return packed(ByGeneration().name, generation, 0)


@dataclass
class Selection:
    """One page of a list; the count of all is a query of its own, made only when it is asked for."""

    items: list[Any]
    count: Callable[[], int]
    order: Order
    has_next: bool
    has_previous: bool

    @cached_property
    def total(self) -> int:
        return self.count()
