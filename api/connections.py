"""Lists with cursors, and the closed sets of filters and orders that they take."""

from datetime import datetime
from enum import Enum
from typing import Generic, TypeVar

import strawberry
from django.db.models import Exists, Q, QuerySet

from api.answers import FACETS, with_answer
from api.documents import tags
from api.documents.models import Reference
from api.documents.read import Order, Reader, Selection, in_utc
from api.types.fact import FactState
from api.types.tool import Lifecycle

NodeType = TypeVar("NodeType")

NEWEST = Order("published-desc", "published_at", descending=True)
OLDEST = Order("published-asc", "published_at")
BY_TITLE = Order("title", "sort_title")
UPDATED = Order("updated-desc", "updated_at", descending=True)
BY_PATH = Order("path", "path")


@strawberry.type(description="Where a page of a list lies in the whole.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether there are some before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first one here.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` to go on.")


@strawberry.type(description="One entry of a list with its place in it.")
class Edge(Generic[NodeType]):
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this entry.")
    node: NodeType = strawberry.field(description="The entry itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[NodeType]):
    selection: strawberry.Private[Selection]

    @strawberry.field(description="The entries with their cursors.", metadata={"size": "page"})
    def edges(self) -> list[Edge[NodeType]]:
        cursor = self.selection.order.cursor
        return [Edge(cursor=cursor(item), node=item) for item in self.selection.items]

    @strawberry.field(description="The entries alone.", metadata={"size": "page"})
    def nodes(self) -> list[NodeType]:
        return self.selection.items

    @strawberry.field(description="Whether and where the list goes on.")
    def page_info(self) -> PageInfo:
        items, cursor = self.selection.items, self.selection.order.cursor
        return PageInfo(
            has_next_page=self.selection.has_next,
            has_previous_page=self.selection.has_previous,
            start_cursor=cursor(items[0]) if items else None,
            end_cursor=cursor(items[-1]) if items else None,
        )

    @strawberry.field(
        description="How many there are in all. It is counted only when asked for, and costs more the more there are.",
        metadata={"cost": 300},
    )
    def total_count(self) -> int:
        return self.selection.total


@strawberry.enum(description="Orders of a list of articles.")
class ArticleOrder(Enum):
    PUBLISHED_DESC = NEWEST
    PUBLISHED_ASC = OLDEST
    TITLE_ASC = BY_TITLE


@strawberry.enum(description="Orders of a list of tools.")
class ToolOrder(Enum):
    NAME_ASC = BY_TITLE
    UPDATED_DESC = UPDATED


@strawberry.enum(description="Orders of a list of comparisons.")
class ComparisonOrder(Enum):
    PUBLISHED_DESC = NEWEST
    TITLE_ASC = BY_TITLE


@strawberry.input(description="Everything that is given must hold.")
class ArticleFilter:
    topic: strawberry.ID | None = strawberry.field(default=None, description="About this topic.")
    tool: strawberry.ID | None = strawberry.field(default=None, description="About this tool.")
    author: strawberry.ID | None = strawberry.field(default=None, description="Written by this person.")
    use_case: strawberry.ID | None = strawberry.field(default=None, description="For this situation.")
    published_after: datetime | None = strawberry.field(
        default=None, description="First published at this moment or later."
    )
    published_before: datetime | None = strawberry.field(
        default=None, description="First published before this moment."
    )

    @property
    def narrows(self) -> bool:
        """Whether it lets in only what refers to something."""
        return any((self.topic, self.tool, self.author, self.use_case))

    def conditions(self, reader: Reader) -> Q:
        found = (
            refers(reader, "Article.topics", self.topic)
            & refers(reader, "Article.tools", self.tool)
            & refers(reader, "Article.authors", self.author)
            & refers(reader, "Article.use_cases", self.use_case)
        )
        if self.published_after:
            found &= Q(published_at__gte=in_utc(self.published_after))
        if self.published_before:
            found &= Q(published_at__lt=in_utc(self.published_before))
        return found


@strawberry.input(
    description="An answer that the tool must give. Without `display` and `state` any published answer will do."
)
class FactFilter:
    attribute: str = strawberry.field(description="The attribute's key.")
    display: str | None = strawberry.field(
        default=None, description="The text that the fact shows; upper and lower case are the same."
    )
    state: FactState | None = strawberry.field(default=None, description="The state of the fact.")

    def conditions(self, reader: Reader) -> Q:
        found = Q()
        if self.display is not None:
            found &= with_answer(reader, self.attribute, display=self.display)
        if self.state is not None:
            found &= with_answer(reader, self.attribute, state=self.state.value)
        return found or with_answer(reader, self.attribute)


@strawberry.input(description="Everything that is given must hold.")
class ToolFilter:
    category: strawberry.ID | None = strawberry.field(
        default=None, description="Of this category, or of one that stands below it."
    )
    use_case: strawberry.ID | None = strawberry.field(default=None, description="For this situation.")
    lifecycle: Lifecycle | None = strawberry.field(default=None, description="Of this lifecycle.")
    facts: list[FactFilter] | None = strawberry.field(default=None, description="Giving all of these answers.")

    @property
    def narrows(self) -> bool:
        return self.use_case is not None

    def conditions(self, reader: Reader) -> Q:
        found = refers(reader, "Tool.use_cases", self.use_case)
        if self.category is not None:
            # The categories in question, from the document of each: moving one therefore touches no tool.
            inside = reader.rows().filter(refers(reader, "Category.lineage", self.category)).values("key")
            reader.depends_on.add(tags.targets_of("Tool"))
            found &= _with(Reference.objects.filter(field="Tool.categories", target_key__in=inside))
        if self.lifecycle:
            key = f"lifecycle:{self.lifecycle.value}"
            reader.depends_on.add(tags.to_key(key))
            found &= _with(Reference.objects.filter(field=FACETS, target_key=key))
        for fact in self.facts or []:
            found &= fact.conditions(reader)
        return found


@strawberry.input(description="Everything that is given must hold.")
class ComparisonFilter:
    tool: strawberry.ID | None = strawberry.field(default=None, description="With this tool in it.")
    topic: strawberry.ID | None = strawberry.field(default=None, description="About this topic.")
    use_case: strawberry.ID | None = strawberry.field(default=None, description="With a verdict for this situation.")

    @property
    def narrows(self) -> bool:
        return any((self.tool, self.topic, self.use_case))

    def conditions(self, reader: Reader) -> Q:
        return (
            refers(reader, "Comparison.tools", self.tool)
            & refers(reader, "Comparison.topics", self.topic)
            & refers(reader, "Verdict.about", self.use_case)
        )


def refers(reader: Reader, label: str, key: str | None) -> Q:
    """Documents whose field refers to this one; everything for None, nothing for one that the request may not see."""
    if key is None:
        return Q()
    reader.depends_on |= {tags.of_key(key), tags.to_key(key)}
    return _with(Reference.objects.filter(field=label, target_key=key)) & Q(Exists(reader.rows().filter(key=key)))


def about(reader: Reader, topic: str | None) -> Q:
    """Articles and comparisons about a topic; everything for None."""
    return refers(reader, "Article.topics", topic) | refers(reader, "Comparison.topics", topic) if topic else Q()


def _with(references: QuerySet[Reference]) -> Q:
    return Q(content__in=references.values("content_id"))


@strawberry.enum(description="What happened to an object.")
class ChangeKind(Enum):
    UPSERT = "upsert"
    TOMBSTONE = "tombstone"


@strawberry.type(description="The last thing that happened to one public object.")
class Change:
    id: strawberry.ID = strawberry.field(description="The object.")
    type: str = strawberry.field(description="The name of its GraphQL type.")
    kind: ChangeKind = strawberry.field(description="UPSERT: read it again. TOMBSTONE: it is not public any more.")
    path: str | None = strawberry.field(description="Its path in the front end, for pages.")
    generation: strawberry.Private[int]
    row: strawberry.Private[int]

    @staticmethod
    def kinds() -> tuple[ChangeKind, ChangeKind]:
        """The kind of change, by whether the object is gone."""
        return ChangeKind.UPSERT, ChangeKind.TOMBSTONE
