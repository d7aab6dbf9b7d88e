"""Articles."""

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry

from api.documents.codecs import Weight
from api.documents.contract import derived, document, field, part, served, stored
from api.documents.read import page_size
from api.types.fact import Source
from api.types.image import address
from api.types.page import Page, publisher_of
from api.types.seo import described_from, structured_from
from content.models.article import WRITERS, ArticlePage
from content.reading import reading_minutes as minutes_to_read

if TYPE_CHECKING:
    from api.blocks import Block
    from api.types.disclosure import Disclosure
    from api.types.image import Image
    from api.types.person import Person
    from api.types.tool import Tool
    from api.types.topic import Topic
    from api.types.use_case import UseCase


@part
class Correction:
    """A mistake that was mended after publication."""

    on: date = field("The day of the correction.")
    text: str = field("What was wrong and what is right.")


@strawberry.enum(description="What somebody did for an article.")
class CreditRole(Enum):
    AUTHOR = "author"
    REPORTER = "reporter"
    EDITOR = "editor"
    PHOTOGRAPHER = "photographer"
    ILLUSTRATOR = "illustrator"
    TRANSLATOR = "translator"


@part
class Credit:
    """Somebody who worked on an article, and as what."""

    person: "Person" = field("Who it was.")
    role: CreditRole = field("What they did.")


@strawberry.type(description="Another page worth reading, and why.")
class Related:
    page: Page = strawberry.field(description="The other page.")
    reason: str = strawberry.field(description='In words, as in "Also about Django".')


@document(ArticlePage)
class Article(Page):
    """A long-form article that answers one question."""

    question: str | None = field(
        "The question that the article answers, as a reader would ask it.", text=Weight.HEADING
    )
    short_answer: str | None = field("The answer in at most 320 characters. Show it first.", text=Weight.HEADING)
    dek: str = field("The standfirst: one to three sentences under the title, also for lists.", text=Weight.HEADING)
    hero: "Image | None" = field("The picture at the top.")
    body: list["Block"] = field("The blocks of the article in their order.")
    reviewer: "Person | None" = field("Who checked it, beside those who wrote it.")
    disclosure: "Disclosure | None" = field("A note on interests behind it. Show it before the body.")
    corrections: list[Correction] = field("Mended mistakes.")

    @derived
    @staticmethod
    def authors(page: ArticlePage) -> list["Person"]:
        """Who wrote it, in the order of the byline."""
        rows = [row for row in page.article_authors.all() if row.person_id and row.role in WRITERS]
        return stored(list(dict.fromkeys(f"person:{row.person_id}" for row in rows)))

    @derived
    @staticmethod
    def credits(page: ArticlePage) -> list[Credit]:
        """Everybody who worked on it, its authors included, in the order of the byline."""
        return stored([row for row in page.article_authors.all() if row.person_id])

    @derived
    @staticmethod
    def topics(page: ArticlePage) -> list["Topic"]:
        """What it is about, the most important first."""
        return stored([f"topic:{row.topic_id}" for row in page.article_topics.all() if row.topic_id])

    @derived
    @staticmethod
    def use_cases(page: ArticlePage) -> list["UseCase"]:
        """The situations in which a reader needs it."""
        return stored([f"usecase:{row.use_case_id}" for row in page.article_use_cases.all() if row.use_case_id])

    @derived
    @staticmethod
    def tools(page: ArticlePage) -> list["Tool"]:
        """The tools it is about."""
        return stored([f"page:{row.tool_id}" for row in page.article_tools.all() if row.tool_id])

    @derived(text=Weight.TEXT)
    @staticmethod
    def takeaways(page: ArticlePage) -> list[str]:
        """What to remember, one short line each."""
        return stored([row.text for row in page.takeaways.all() if row.text])

    @derived
    @staticmethod
    def sources(page: ArticlePage) -> list[Source]:
        """What it rests on, in the editors' order."""
        return stored([row.source for row in page.article_sources.all() if row.source_id])

    @derived
    @staticmethod
    def reading_minutes(page: ArticlePage) -> int:
        """Minutes to read the body at the pace of its language, at least 1. Transcripts are not counted."""
        return minutes_to_read(page.body, page.locale.language_code)

    @served(needs=["topics", "tools", "use_cases"], cost=30)
    def related(self, first: int | None = 4) -> list[Related]:
        """Other articles that share tools, topics or use cases with this one or link to it, the closest first."""
        return related_articles(self, page_size(first, 4))

    def open_graph(self) -> list[tuple[str, Any]]:
        return [
            *((name, value) for name, value in super().open_graph() if name != "og:type"),
            ("og:type", "article"),
            ("article:published_time", self.published_at.isoformat() if self.published_at else None),
            ("article:modified_time", self.updated_at.isoformat()),
            *(("article:author", person.canonical_url()) for person in self.authors),
            *(("article:tag", topic.name) for topic in self.topics),
        ]

    def structured_data(self) -> dict[str, Any]:
        data = {
            "@type": "Article",
            "headline": self.title,
            "description": self.summary,
            "abstract": self.short_answer,
            "url": self.absolute(self.path),
            "mainEntityOfPage": self._reviewed_page(),
            "datePublished": self.published_at.isoformat() if self.published_at else None,
            "dateModified": self.updated_at.isoformat(),
            "inLanguage": self.locale,
            "publisher": publisher_of(self),
            "author": [self._person(person) for person in self.authors],
            "citation": [{"@type": "CreativeWork", "name": source.title, "url": source.url} for source in self.sources],
            "image": address(self.hero.file) if self.hero else None,
        }
        return {name: value for name, value in data.items() if value}

    def _person(self, person: "Person") -> dict[str, Any]:
        return {"@type": "Person", "name": person.name, "url": self.absolute(f"/people/{person.slug}/")}

    def _reviewed_page(self) -> dict[str, Any] | None:
        """Schema.org knows a reviewer of pages, not of articles."""
        if self.reviewer is None:
            return None
        return {"@type": "WebPage", "@id": self.absolute(self.path), "reviewedBy": self._person(self.reviewer)}


described_from("Article.authors", "Article.topics", "Article.hero")
structured_from("Article.authors", "Article.reviewer", "Article.sources", "Article.hero")


LINKS = ("RichText.html", "RelatedPage.page", "Resource.page", "Step.page", "CallToActionBlock.page")
"""Fields by which one article leads to another."""
SHARED = ("Article.tools", "Article.topics", "Article.use_cases")


def related_articles(article: Article, first: int) -> list[Related]:
    """Two queries for all articles that were loaded together with this one: one for what there is to choose from, one
    for what was chosen.
    """
    shared = article.cohort.shared
    if f"related:{first}" not in shared:
        reader = article.cohort.reader
        members = [
            each for each in reader.known.values() if isinstance(each, Article) and each.cohort is article.cohort
        ]
        if "related" not in shared:
            keys = {key for each in members for name in SHARED for key in each.__dict__[f"_{name.partition('.')[2]}"]}
            keys |= {each.id for each in members}
            shared["related"] = reader.newest_referring(keys, [*SHARED, *LINKS], types=["Article"], each=50)
        chosen = {each.id: _related(each, shared["related"])[:first] for each in members}
        reader.load({key for found in chosen.values() for key, _ in found})
        shared[f"related:{first}"] = {
            member: [Related(page=page, reason=reason) for key, reason in found if (page := reader.known[key])]
            for member, found in chosen.items()
        }
    found: list[Related] = shared[f"related:{first}"][article.id]
    return found


def _related(article: Article, referring: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """The keys of the articles that share something with this one or link to it, those with the most first; and why."""
    about: dict[str, list[str]] = {}
    suited: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for subjects, names in (([*article.tools, *article.topics], about), (article.use_cases, suited)):
        for subject in subjects:
            for key, titles[key] in referring.get(subject.id, ()):
                names.setdefault(key, []).append(subject.name)
    linking = dict(referring.get(article.id, ()))
    titles |= linking
    titles.pop(article.id, None)

    def strength(key: str) -> int:
        return len(about.get(key, ())) + len(suited.get(key, ())) + (key in linking)

    best = sorted(titles, key=lambda key: (-strength(key), titles[key]))
    return [(key, _reason(about.get(key), suited.get(key), key in linking)) for key in best]


def _reason(about: list[str] | None, suited: list[str] | None, links_here: bool) -> str:
    parts = [
        f"also about {_in_words(about)}" if about else "",
        f"also for {_in_words(suited)}" if suited else "",
        "links here" if links_here else "",
    ]
    reason = "; ".join(part for part in parts if part)
    return reason[:1].upper() + reason[1:]


def _in_words(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
