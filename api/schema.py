"""The GraphQL schema: its root fields, put together from everything declared in `api.types` and `api.blocks`."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Union

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType
from strawberry.schema.config import StrawberryConfig

from api import blocks, types
from api.comparing import compared
from api.connections import (
    BY_PATH,
    BY_TITLE,
    ArticleFilter,
    ArticleOrder,
    Change,
    ComparisonFilter,
    ComparisonOrder,
    Connection,
    ToolFilter,
    ToolOrder,
    about,
)
from api.documents import contract, registry
from api.documents.read import AT, NOTHING, Order, Reader, Where, page_size
from api.documents.state import Site as KnownSite
from api.errors import BadUserInput
from api.facets import ToolFacet, tool_facets
from api.preview.models import PreviewGrant
from api.preview.userbar import userbar_for
from api.search.finding import Match, Search, suggested
from api.search.results import SearchResults, results
from api.types.article import Article
from api.types.category import Category
from api.types.comparison import Comparison
from api.types.page import Link, Node, Page, page_types
from api.types.person import Person
from api.types.redirect import Gone, Redirect
from api.types.site import Site
from api.types.tool import Tool
from api.types.topic import Topic

MAX_SEARCH = 200
MOST_PARTS = 1_000

__all__ = ["Context", "blocks", "schema", "types"]


@dataclass
class Context:
    """What resolvers know of a request: its reader, the preview that its token opens, and the searches that have found
    nothing.
    """

    reader: Reader
    grant: PreviewGrant | None = None
    in_vain: list[dict[str, str]] = field(default_factory=list)


Info = strawberry.Info[Context, None]
SiteArgument = Annotated[
    str | None, strawberry.argument(description="Host name of the site; the default site when left out.")
]
LocaleArgument = Annotated[str | None, strawberry.argument(description="The language; the site's own when left out.")]
First = Annotated[int | None, strawberry.argument(description="How many, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor behind which to go on.")]
PathArgument = Annotated[
    str, strawberry.argument(description="A path of the front end; a missing slash at either end is tolerated.")
]
SlugArgument = Annotated[str, strawberry.argument(description="The last part of the path.")]

if TYPE_CHECKING:
    Resolved = Any
else:
    _pages = tuple(registry.documents[name] for name in page_types())
    Resolved = Annotated[
        Union[(*_pages, Redirect, Gone)],
        strawberry.union("Resolved", description="What a path leads to."),
    ]


@strawberry.enum(description="What a preview shows.")
class PreviewStatus(Enum):
    UNSAVED = "unsaved"
    SAVED = "saved"
    SHARED = "shared"


@strawberry.type(description="What the bearer token opens.")
class Preview:
    object: Node = strawberry.field(
        description="The object being previewed. What has no page of its own is looked at on another one: a fact on "
        "its tool's, a menu or an announcement on the front page, an organization on the newest page that names it."
    )
    path: str | None = strawberry.field(
        description="Where the front end shows it; null for what has no page of its own."
    )
    origin: str = strawberry.field(
        description="The address of the admin from which it is previewed, for messages between the frames."
    )
    status: PreviewStatus = strawberry.field(description="Whether it is being typed, saved as a draft, or shared.")
    updated_at: datetime = strawberry.field(
        description="When what is shown was typed; of a saved draft, when it was saved."
    )
    expires_at: datetime = strawberry.field(
        description="When the token ends, unless the editor is open: that renews it."
    )
    grant: strawberry.Private[PreviewGrant]

    @strawberry.field(
        description="Wagtail's user bar as HTML with two of the admin's scripts, for checks. Add it once the "
        "editor shows this frame, and never to a page for readers. Null for a user without access to the admin."
    )
    def userbar(self) -> str | None:
        return userbar_for(self.grant)


def normalised(path: str) -> str:
    """A path as it is stored: with a slash at both ends."""
    inner = path.strip("/")
    return f"/{inner}/" if inner else "/"


def checked_query(query: str) -> str:
    """Raises BadUserInput for a search of more than 200 characters."""
    if len(query) > MAX_SEARCH:
        raise BadUserInput(f"`query` may have {MAX_SEARCH} characters at most, not {len(query)}.")
    return query


class Place:
    """The site and language of one root field; `here` and `shared` select what belongs there."""

    def __init__(self, info: Info, site: str | None, locale: str | None) -> None:
        self.reader = info.context.reader
        self.site: KnownSite | None = self.reader.site(site)
        self.locale = locale or (self.site.locale if self.site else "")
        self.columns = {"site": self.site.host, "locale": self.locale} if self.site else None

    def address(self, path: str, locale: str | None) -> dict[str, str] | None:
        """Site and path. A path says its language; the argument supplies what is missing in front of it."""
        if self.site is None:
            return None
        path = normalised(path)
        if locale and locale != self.site.locale and not path.startswith(f"/{locale}/"):
            path = f"/{locale}{path}"
        return {"site": self.site.host, "path": path}

    def page_of(self, type_name: str, slug: str) -> Any:
        """The page of this type and slug here, the one at the lowest path, or None."""
        return self.reader.named(type_name, slug, self.here) if self.site else None

    def page_at(self, path: str, locale: str | None) -> Any:
        """The page at a path as clients give it, or None."""
        address = self.address(path, locale)
        return self.reader.at(page_types(), **address) if address else None

    @property
    def here(self) -> Where:
        """What belongs here; nothing for a site that is none of ours."""
        return Where.columns(**self.columns) if self.columns else NOTHING

    @property
    def shared(self) -> Where:
        """What belongs to every site: in this language, or in none. Nothing for a site that is none of ours."""
        return Where.columns(site="", locale=("", self.locale)) if self.site else NOTHING

    def pages(self) -> Where:
        """The pages that belong here."""
        return Where.columns(type=page_types()) & self.here

    def select(
        self,
        types: list[str],
        order: Order,
        *,
        first: int | None,
        after: str | None,
        filter: ArticleFilter | ToolFilter | ComparisonFilter | None = None,
    ) -> Any:
        """A list of what is here and passes the filter."""
        here = Where.of(filter.conditions(self.reader)) & self.here if filter else self.here
        narrowed = bool(filter and filter.narrows)
        return Connection(selection=self.reader.select(types, here, order, first=first, after=after, narrowed=narrowed))

    def everywhere(self, type_name: str, *, first: int | None, after: str | None) -> Any:
        """A list of what belongs to every site, by name."""
        return Connection(selection=self.reader.select([type_name], self.shared, BY_TITLE, first=first, after=after))

    def named(self, type_name: str, slug: str) -> Any:
        """The one with this slug among what belongs to every site, or None."""
        return self.reader.named(type_name, slug, self.shared)


@strawberry.type(
    description="Everything that can be read. What is not published is not there: a miss is null, never an error."
)
class Query:
    @strawberry.field(description="The page at a path.")
    def page(
        self, info: Info, path: PathArgument, site: SiteArgument = None, locale: LocaleArgument = None
    ) -> Page | None:
        found: Page | None = Place(info, site, locale).page_at(path, locale)
        return found

    @strawberry.field(
        description="What a path leads to: a page, a redirect, or what is gone. Null for a path that never was public.",
        metadata={"cost": 300},
    )
    def resolve(
        self, info: Info, path: PathArgument, site: SiteArgument = None, locale: LocaleArgument = None
    ) -> Resolved | None:
        place = Place(info, site, locale)
        address = place.address(path, locale)
        if address is None:
            return None
        found = place.reader.at(page_types(), **address)
        if found is None:
            found = place.reader.at(["Redirect"], address["path"], site=["", address["site"]])
        if found is None:
            key = place.reader.once_at(**address)
            page = place.reader.get(key) if key else None
            found = Redirect.moved(page) if page else Gone(path=address["path"]) if key else None
        return found

    @strawberry.field(description="Slugs are unique among siblings only: among equal ones the lowest path wins.")
    def article(
        self, info: Info, slug: SlugArgument, site: SiteArgument = None, locale: LocaleArgument = None
    ) -> Article | None:
        found: Article | None = Place(info, site, locale).page_of("Article", slug)
        return found

    @strawberry.field(description="Slugs are unique among siblings only: among equal ones the lowest path wins.")
    def tool(
        self, info: Info, slug: SlugArgument, site: SiteArgument = None, locale: LocaleArgument = None
    ) -> Tool | None:
        found: Tool | None = Place(info, site, locale).page_of("Tool", slug)
        return found

    @strawberry.field(description="Slugs are unique among siblings only: among equal ones the lowest path wins.")
    def comparison(
        self, info: Info, slug: SlugArgument, site: SiteArgument = None, locale: LocaleArgument = None
    ) -> Comparison | None:
        found: Comparison | None = Place(info, site, locale).page_of("Comparison", slug)
        return found

    @strawberry.field(
        description="Two to six tools by slug, side by side: the newest comparison that editors have written of just "
        "these tools, or else one put together from their facts. That one is no page of the site: its path is "
        "`/compare?tools=…`, it is not to be indexed, and `node` does not find it. Null if a tool is not there.",
        metadata={"cost": 300},
    )
    def compare(
        self,
        info: Info,
        tools: Annotated[list[str], strawberry.argument(description="Their slugs, which must differ.")],
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> Comparison | None:
        place = Place(info, site, locale)
        return compared(place.reader, tools, **place.columns) if place.columns else None

    @strawberry.field(description="Articles, the newest first unless ordered otherwise.")
    def articles(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: ArticleFilter | None = None,
        order: ArticleOrder | None = None,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> Connection[Article]:
        by = (order or ArticleOrder.PUBLISHED_DESC).value
        return Place(info, site, locale).select(["Article"], by, first=first, after=after, filter=filter)

    @strawberry.field(description="Tools, by name unless ordered otherwise.")
    def tools(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: ToolFilter | None = None,
        order: ToolOrder | None = None,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> Connection[Tool]:
        by = (order or ToolOrder.NAME_ASC).value
        return Place(info, site, locale).select(["Tool"], by, first=first, after=after, filter=filter)

    @strawberry.field(
        description="What tools can be chosen by: the attributes that editors offer as filters, in their order, each "
        "with the answers that tools give.",
        metadata={"cost": 1_000, "size": 20},
    )
    def tool_facets(self, info: Info, site: SiteArgument = None, locale: LocaleArgument = None) -> list[ToolFacet]:
        place = Place(info, site, locale)
        return tool_facets(place.reader, place.here, place.shared)

    @strawberry.field(description="Comparisons, the newest first unless ordered otherwise.")
    def comparisons(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: ComparisonFilter | None = None,
        order: ComparisonOrder | None = None,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> Connection[Comparison]:
        by = (order or ComparisonOrder.PUBLISHED_DESC).value
        return Place(info, site, locale).select(["Comparison"], by, first=first, after=after, filter=filter)

    @strawberry.field(description="Topics by name.")
    def topics(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> Connection[Topic]:
        return Place(info, site, locale).everywhere("Topic", first=first, after=after)

    @strawberry.field(description="The topic of this slug in one language.")
    def topic(
        self, info: Info, slug: SlugArgument, site: SiteArgument = None, locale: LocaleArgument = None
    ) -> Topic | None:
        found: Topic | None = Place(info, site, locale).named("Topic", slug)
        return found

    @strawberry.field(description="Categories of tools by name, those below others among them.")
    def categories(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> Connection[Category]:
        return Place(info, site, locale).everywhere("Category", first=first, after=after)

    @strawberry.field(description="The category of this slug in one language.")
    def category(
        self, info: Info, slug: SlugArgument, site: SiteArgument = None, locale: LocaleArgument = None
    ) -> Category | None:
        found: Category | None = Place(info, site, locale).named("Category", slug)
        return found

    @strawberry.field(description="The person of this slug. People are the same in every language.")
    def person(
        self, info: Info, slug: SlugArgument, site: SiteArgument = None, locale: LocaleArgument = None
    ) -> Person | None:
        found: Person | None = Place(info, site, locale).named("Person", slug)
        return found

    @strawberry.field(description="People by name.")
    def people(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> Connection[Person]:
        return Place(info, site, locale).everywhere("Person", first=first, after=after)

    @strawberry.field(description="Every public page by path, for static builds and sitemaps.")
    def pages(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> Connection[Page]:
        return Place(info, site, locale).select(page_types(), BY_PATH, first=first, after=after)

    @strawberry.field(
        description="Where to begin when `pages` are read in parts, as sitemaps are: the cursors of every n-th page. "
        f"None where nothing follows, {MOST_PARTS:,} at most.",
        metadata={"cost": 1000, "size": 20},
    )
    def page_cursors(
        self,
        info: Info,
        every: Annotated[int, strawberry.argument(description="How many pages a part has, 1 or more.")] = 50_000,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> list[str]:
        if every < 1:
            raise BadUserInput(f"`every` is 1 or more, not {every}.")
        place = Place(info, site, locale)
        return place.reader.every_nth(page_types(), place.here, BY_PATH, every=every, most=MOST_PARTS)

    @strawberry.field(
        description="Pages that hold every word of a query, the best first; where nothing does, what is nearly the "
        'same, and `match` says so. Upper case, accents and endings do not count. "Words in quotation marks" stand '
        "side by side, and a -word must not be there. A query without words finds nothing.",
        metadata={"cost": 500},
    )
    def search(
        self,
        info: Info,
        query: Annotated[str, strawberry.argument(description="What a reader has typed; 200 characters at most.")],
        types: Annotated[
            list[str] | None,
            strawberry.argument(description='Names of page types, as in ["Article", "Tool"]; all when left out.'),
        ] = None,
        topic: Annotated[strawberry.ID | None, strawberry.argument(description="Only pages about this topic.")] = None,
        first: First = 20,
        after: After = None,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> SearchResults:
        place = Place(info, site, locale)
        known = page_types()
        wanted = list(dict.fromkeys(known if types is None else types))
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise BadUserInput("`types` takes names of page types only.")
        pages = place.pages() & Where.of(about(place.reader, topic)) if topic else place.pages()
        search = Search(place.reader, checked_query(query), pages, place.locale, wanted)
        found = results(search, first=first, after=after)
        in_vain = not found.selection.items or search.match is not Match.EVERY_WORD
        if in_vain and after is None and place.columns and place.reader.perspective.is_public:
            info.context.in_vain.append({**place.columns, "query": query})
        return found

    @strawberry.field(
        description="Pages to offer while a reader types, from two letters on: those whose titles hold words that "
        "begin so.",
        metadata={"cost": 100},
    )
    def suggestions(
        self,
        info: Info,
        query: Annotated[str, strawberry.argument(description="What has been typed; 200 characters at most.")],
        first: Annotated[int | None, strawberry.argument(description="How many, 1 to 100.")] = 8,
        site: SiteArgument = None,
        locale: LocaleArgument = None,
    ) -> list[Link]:
        place = Place(info, site, locale)
        found = suggested(place.reader, checked_query(query), place.pages(), page_types(), page_size(first, 8))
        return [Link.to(page) for page in found]

    @strawberry.field(description="Anything by its id.")
    def node(self, info: Info, id: strawberry.ID) -> Node | None:
        # A reader knows pages by their places as well, which are no ids.
        found = None if id.startswith(AT) else info.context.reader.get(id)
        return found if isinstance(found, Node) else None

    @strawberry.field(
        description="The site itself; the default one for a host name that is none of ours. Its menus and announcement "
        "are in the given language if it is published in that, else in its own.",
        metadata={"cost": 200},
    )
    def site(self, info: Info, site: SiteArgument = None, locale: LocaleArgument = None) -> Site:
        reader = info.context.reader
        key = reader.site_key(site or "") or reader.site_key("")
        found: Any = reader.get(key) if key else None
        return found.in_language(locale) if found else found

    @strawberry.field(
        description="What changed behind a cursor, oldest first; each object once, with what last happened to it."
    )
    def changes(self, info: Info, after: After = None, first: First = 100) -> Connection[Change]:
        return Connection(selection=info.context.reader.changes(Change, first=first, after=after))

    @strawberry.field(description="What the request's bearer token opens; null without a token.")
    def preview(self, info: Info) -> Preview | None:
        grant = info.context.grant
        found = info.context.reader.get(grant.object_key) if grant else None
        if grant is None or found is None:
            return None
        return Preview(
            object=found,
            path=getattr(found, "path", None) or None,
            origin=grant.origin,
            status=PreviewStatus(grant.status),
            updated_at=grant.updated_at,
            expires_at=grant.expires_at,
            grant=grant,
        )


schema = strawberry.Schema(query=Query, types=contract.complete(), config=StrawberryConfig(auto_camel_case=True))


def _hasten(schema: strawberry.Schema) -> None:
    """Skip the work per value that Strawberry does for fields without a resolver, and for finding the type behind an
    interface.
    """
    for graphql_type in schema._schema.type_map.values():
        if isinstance(graphql_type, GraphQLInterfaceType | GraphQLUnionType):
            graphql_type.resolve_type = _type_name
        elif isinstance(graphql_type, GraphQLObjectType):
            graphql_type.is_type_of = None
            for graphql_field in graphql_type.fields.values():
                if getattr(graphql_field.resolve, "_is_default", False):
                    graphql_field.resolve = _reading(graphql_field.extensions["strawberry-definition"].python_name)


def _type_name(value: Any, info: Any, abstract_type: Any) -> str:
    return type(value).__name__


def _reading(name: str) -> Any:
    def read(source: Any, info: Any) -> Any:
        return getattr(source, name)

    read.attribute = name  # type: ignore[attr-defined]  # what `api.execution` reads without calling it
    return read


_hasten(schema)
