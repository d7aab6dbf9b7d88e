"""Every type of page that the reading site has, with an address that shows it: the list that all its tests share."""

import json
import urllib.parse
from dataclasses import dataclass

from tests.e2e.site import Site


@dataclass(frozen=True)
class PageType:
    """`shows` is the type of the schema that stands at `path`, which may have a {place} that `places` knows."""

    name: str
    path: str
    shows: str | None = None
    status: int = 200
    is_indexed: bool = True

    def __str__(self) -> str:
        return self.name


PUBLIC = [
    PageType("Home", "/", "Home"),
    PageType("Article index", "/articles/", "ArticleIndex"),
    PageType("Article index, page 2", "/articles/?after={cursor}"),
    PageType("Article", "/articles/do-web-developers-use-python/", "Article"),
    PageType("Article of comparisons", "/articles/django-flask-or-fastapi/", "Article"),
    PageType("Tool directory", "/tools/", "ToolIndex"),
    PageType("Tools, filtered", "/tools/?lifecycle=active&fact-licence=MIT"),
    PageType("Tools of a category", "/tools/?category=job-queue"),
    PageType("Tool", "/tools/django/", "Tool"),
    PageType("Comparison index", "/comparisons/", "ComparisonIndex"),
    PageType("Comparison", "/comparisons/web-frameworks/", "Comparison"),
    PageType("Choice of tools", "/compare", is_indexed=False),
    PageType("Tools compared", "/compare?tools=celery,rq", is_indexed=False),
    PageType("Topic", "/topics/web-frameworks/"),
    PageType("Person", "/people/mara-lindqvist/"),
    PageType("Standard page", "/about/", "StandardPage"),
    PageType("Search", "/search", is_indexed=False),
    PageType("Search results", "/search?q=django", is_indexed=False),
    PageType("Search without results", "/search?q=zeppelin", is_indexed=False),
]
ERRORS = [
    PageType("Not found", "/articles/never-written/", status=404, is_indexed=False),
    PageType("No such file", "/404", status=404, is_indexed=False),
    PageType("Unknown tool", "/compare?tools=celery,zeppelin", status=404, is_indexed=False),
    PageType("Gone", "/withdrawn/", status=410, is_indexed=False),
    PageType("Failure", "/500", status=500, is_indexed=False),
    PageType("CMS away", "/503", status=503, is_indexed=False),
]
# Their shell is served with 200; this is the status of what it fetches.
DRAFTS = [
    PageType("Preview", "/preview#token={preview}", "Article", is_indexed=False),
    PageType("Shared draft", "/preview#token={shared}", "Comparison", is_indexed=False),
    PageType("Preview of a category", "/preview#token={category}", "Category", is_indexed=False),
    PageType("Refused preview", "/preview#token=withdrawn-long-ago", status=401, is_indexed=False),
]
ALL = [*PUBLIC, *ERRORS, *DRAFTS]

FIRST = "{ articles(first: 1, order: PUBLISHED_DESC) { pageInfo { endCursor } } }"
TOKENS = """
import json
from django.contrib.auth import get_user_model
from django.test import Client
from api.preview.sharing import address_of, share
from content.models.article import ArticlePage
from content.models.category import Category
from content.models.comparison import ComparisonPage
from content.models.home import HomePage
from content.models.standard_page import StandardPage

editor = Client(headers={{"host": {host!r}}})
editor.force_login(get_user_model().objects.get(username="admin"))
page = HomePage.objects.get().add_child(instance=StandardPage(title="Withdrawn", slug="withdrawn"))
page.save_revision().publish()
page.unpublish()
article = ArticlePage.objects.get(slug="do-web-developers-use-python")
preview = editor.get(f"/admin/pages/{{article.pk}}/view_draft/")
links = [
    share(shared, preview.wsgi_request, days=1)
    for shared in (ComparisonPage.objects.get(slug="web-frameworks"), Category.objects.get(slug="job-queue"))
]
addresses = [preview["Location"], *map(address_of, links)]
print(json.dumps([address.partition("#token=")[2] for address in addresses]))
"""


def cursor(site: Site) -> str:
    """Where the second page of the articles begins, if the first has one article."""
    return urllib.parse.quote(site.graphql(FIRST)["data"]["articles"]["pageInfo"]["endCursor"])


def places(site: Site) -> dict[str, str]:
    """What the paths of all page types need: makes drafts that are open, and a page that is gone."""
    printed = site.shell(TOKENS.format(host=urllib.parse.urlsplit(site.cms).netloc))
    preview, shared, category = json.loads(printed.splitlines()[-1])
    return {"cursor": cursor(site), "preview": preview, "shared": shared, "category": category}
