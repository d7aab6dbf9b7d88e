"""What is asked of the API, and what an answer may cost."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

VARIANTS = 20
"""So many different pages or words are asked for in turn."""

SOURCE = "frontend/src/queries/{}.ts"

ARTICLE = """\
query Article($slug: String!) {
  article(slug: $slug) {
    title
    dek
    publishedAt
    authors { name slug }
    topics { name }
    body {
      __typename
      id
      ... on HeadingBlock { text level }
      ... on RichTextBlock { content { html } }
      ... on CodeBlock { language code }
      ... on ToolCardBlock { tool { name tagline path } }
    }
  }
}"""
LIST = """\
query Articles($after: String) {
  articles(first: 20, after: $after) {
    nodes {
      title
      dek
      path
      publishedAt
      readingMinutes
      authors { name slug }
      topics { name }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
COMPARISON = """\
query Comparison($slug: String!) {
  comparison(slug: $slug) {
    title
    intro
    tools { name path }
    matrix {
      attribute { label }
      cells { fact { state display verifiedOn staleOn } override { text reason } }
    }
    verdicts { useCase winner { name } reason }
  }
}"""
SEARCH = """\
query Search($query: String!) {
  search(query: $query, first: 10) {
    totalCount
    match
    nodes { highlights page { __typename title path } }
    pageInfo { hasNextPage endCursor }
  }
}"""


@dataclass(frozen=True)
class Question:
    name: str
    text: str
    variables: Sequence[Mapping[str, Any]]
    """Asked in turn."""
    goal: float | None = None
    """How many times the CPU of the constant view a computed answer may cost."""
    what: str = ""
    """What a reader of the report has to know of it."""
    source: str = ""
    """The file that its text is from, which is then too long to be shown."""

    @property
    def id(self) -> str:
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"

    def paths(self) -> list[str]:
        """By GET, as a trusted document."""
        asked = [{"documentId": self.id, "variables": json.dumps(each)} for each in self.variables]
        return [f"/graphql?{urlencode(each)}" for each in asked]

    def in_other_words(self, number: int) -> bytes:
        """What to POST for the same question in a text of its own for each number."""
        text = self.text.replace("(", f"{number}(", 1)
        return json.dumps({"query": text, "variables": self.variables[number % len(self.variables)]}).encode()


def questions(front_end: Mapping[str, str], amounts: Mapping[str, int], *, names: Sequence[str]) -> list[Question]:
    """Those for a database with so much generated content, whose tools have these names. `front_end`: {id: text} of its
    documents.
    """
    articles, comparisons = amounts["articles"], amounts["comparisons"]
    article = [f"generated-article-{number}" for number in spread(articles)]
    comparison = [f"generated-comparison-{number}" for number in spread(comparisons)]
    common = ["scheduler cache", "slow path", "worker lock", "migration release", "queue under load"]
    by_name = {re.match(r"\s*query (\w+)", text)[1]: text for text in front_end.values()}  # type: ignore[index]
    resolve, listing = by_name["Resolve"], by_name["Articles"]
    return [
        Question("article", ARTICLE, [{"slug": each} for each in article], goal=5),
        Question("list of 20", LIST, [{}], goal=8),
        Question("comparison", COMPARISON, [{"slug": each} for each in comparison], goal=7),
        Question(
            "search",
            SEARCH,
            [{"query": each} for each in names[:VARIANTS]],
            goal=7,
            what="a tool's name, which few pages hold",
        ),
        Question(
            "search, common words",
            SEARCH,
            [{"query": each} for each in common],
            what="words that most pages hold, all of which are counted and 2,000 ranked",
        ),
        Question(
            "front end: article",
            resolve,
            [{"path": f"/articles/{each}/"} for each in article],
            source=SOURCE.format("resolve"),
        ),
        Question("front end: list", listing, [{}], source=SOURCE.format("listings")),
        Question(
            "front end: comparison",
            resolve,
            [{"path": f"/comparisons/{each}/"} for each in comparison],
            source=SOURCE.format("resolve"),
        ),
    ]


def spread(count: int) -> Iterator[int]:
    """Numbers from the whole range, so that the pages asked for do not lie side by side in the database."""
    return iter(range(0, count, max(1, count // VARIANTS)))
