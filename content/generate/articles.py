"""Generated articles."""

from typing import Any

from wagtail.models import Page

from content.generate import words
from content.generate.batches import Bars, add_pages
from content.generate.bodies import body
from content.generate.library import Library
from content.models.article import ArticleAuthor, ArticlePage, ArticleTakeaway, ArticleTool, ArticleTopic
from content.models.tool import ToolPage


def add_articles(parent: Page, shelf: Library, tools: list[ToolPage], count: int, *, seed: int, bars: Bars) -> int:

    def make(number: int, slug: str) -> Any:
        chance = words.source(seed, "article", number)
        about = chance.sample(tools, min(2, len(tools)))
        page: Any = ArticlePage(
            title=words.sentence(chance).rstrip("."),
            slug=slug,
            question=f"Does it matter that {words.sentence(chance)[:-1].lower()}?",
            short_answer=words.paragraph(chance, 2),
            dek=words.paragraph(chance, 2),
            body=body(chance, ArticlePage._meta.get_field("body"), [tool.pk for tool in about], sections=4),
        )
        page.article_authors = [ArticleAuthor(person=person) for person in chance.sample(shelf.people, 2)]
        page.article_topics = [ArticleTopic(topic=topic) for topic in chance.sample(shelf.topics, 2)]
        page.article_tools = [ArticleTool(tool=tool) for tool in about]
        page.takeaways = [ArticleTakeaway(text=words.sentence(chance)) for _ in range(3)]
        return page

    return add_pages(parent, "article", count, make, bars=bars)
