"""How what was found is answered."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import strawberry

from api.connections import Connection
from api.documents.read import Order, Selection, packed, page_size, unpacked
from api.errors import BadUserInput
from api.search.finding import Hit, Match, Search
from api.types.page import Page
from api.types.topic import Topic

DEEPEST = 1_000
"""How many results can be paged through; nobody reads further, and each page takes the work of all before it."""
TOPICS = ("Article.topics", "Comparison.topics")
MOST_TOPICS = 20


@strawberry.enum(description="How what was found fits the query.")
class SearchMatch(Enum):
    EVERY_WORD = strawberry.enum_value(Match.EVERY_WORD.value, description="It holds every word, or nothing was found.")
    CORRECTED = strawberry.enum_value(
        Match.CORRECTED.value,
        description="Nothing holds every word; this holds those of `correction`, which are spelt nearly the same.",
    )
    SOME_WORDS = strawberry.enum_value(Match.SOME_WORDS.value, description="Nothing holds every word; this holds some.")


@strawberry.type(description="One page that was found.")
class SearchResult:
    hit: strawberry.Private[Hit]
    found: strawberry.Private["Found"]

    @strawberry.field(description="The page.")
    def page(self) -> Page:
        page: Page = self.hit.page
        return page

    @strawberry.field(
        description="Up to three passages of the page, as HTML that is safe to insert: what was searched for is in "
        "`mark` elements. Where only its title or a listing holds the words, the beginning of its text; empty for a "
        "page without text.",
        metadata={"cost": 20},
    )
    def highlights(self) -> list[str]:
        return self.found.search.marker.passages(self.hit.shown)

    @strawberry.field(description="How well it fits. Compare it inside one answer only.")
    def score(self) -> float:
        return self.hit.score


@strawberry.type(description="How many of the pages found are of one type.")
class TypeCount:
    type: str = strawberry.field(description='The name of the type, as in "Article"; give it in `types`.')
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many of the pages found are about one topic.")
class TopicCount:
    topic: Topic = strawberry.field(description="The topic; give its id as `topic`.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(name="SearchResultConnection", description="One page of what was found, and what was found in all.")
class SearchResults(Connection[SearchResult]):
    selection: strawberry.Private["Found"]

    @strawberry.field(description="How what was found fits the query.")
    def match(self) -> SearchMatch:
        return SearchMatch(self.selection.search.match.value)

    @strawberry.field(description="What was searched for instead, where the query was taken for misspelt.")
    def correction(self) -> str | None:
        return self.selection.search.correction

    @strawberry.field(
        description="How many pages of each type fit, the most first, whatever `types` says.", metadata={"cost": 300}
    )
    def types(self) -> list[TypeCount]:
        return [TypeCount(type=name, count=count) for name, count in self.selection.search.types_found.items()]

    @strawberry.field(
        description=f"How many of what was found are about each topic, the most first; {MOST_TOPICS} topics at most.",
        metadata={"cost": 300, "size": MOST_TOPICS},
    )
    def topics(self) -> list[TopicCount]:
        search = self.selection.search
        counts = search.targets_found(TOPICS, MOST_TOPICS)
        search.reader.load(counts)
        found = [(search.reader.known[key], count) for key, count in counts.items()]
        return [TopicCount(topic=topic, count=count) for topic, count in found if isinstance(topic, Topic)]


@dataclass
class Found(Selection):
    """One page of results."""

    search: Search


class ByScore(Order):
    """The best first. A cursor says how many were before."""

    def __init__(self) -> None:
        super().__init__("score", "score")

    def cursor(self, instance: Any) -> str:
        return packed(self.name, instance.hit.position + 1)

    def skipped(self, cursor: str | None) -> int:
        """How many results are before what a cursor begins. Raises BadUserInput."""
        if cursor is None:
            return 0
        try:
            name, position = unpacked(cursor)
            if name != self.name or type(position) is not int or not 0 <= position <= DEEPEST:
                raise ValueError
        except (ValueError, TypeError):
            raise BadUserInput("`after` is not a cursor of a search.") from None
        return position


def results(search: Search, *, first: int | None, after: str | None) -> Any:
    """One page of a search, of 20 for None. Raises BadUserInput for a page size outside 1 to 100 and a cursor that is
    not of a search.
    """
    size, order = page_size(first, 20), ByScore()
    skip = order.skipped(after)
    hits = search.hits(min(size, max(DEEPEST - skip, 0)) + 1, skip)
    has_next = len(hits) > size and skip + size < DEEPEST
    found = Found([], search.count, order, has_next=has_next, has_previous=skip > 0, search=search)
    found.items = [SearchResult(hit=hit, found=found) for hit in hits[:size]]
    return SearchResults(selection=found)
