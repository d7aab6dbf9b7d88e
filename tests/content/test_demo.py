"""The demo content: complete, sourced, and never in the way of what editors did with it."""

import re
from functools import partial
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management.base import OutputWrapper
from wagtail.models import Page, Site, get_page_models

from content.blocks import BodyBlock
from content.demo.load import FOLDER, load_demo, read, read_articles
from content.management.progress import Progress
from content.models.article import ArticlePage
from content.models.comparison import ComparisonPage
from content.models.demo import DemoRecord
from content.models.fact import Fact, FactState
from content.models.home import HomePage
from content.models.images import CustomImage
from content.models.tool import ToolPage
from content.models.topic import Topic
from tests.factories import remove_tree

TAG = re.compile(r"<[^>]+>")


@pytest.fixture(autouse=True)
def _nothing_there_yet(request):
    """As on the first day: Wagtail's welcome page in place of the tree that other tests begin with."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        remove_tree()


def load():
    return load_demo(partial(Progress, OutputWrapper(StringIO())))


@pytest.fixture
def few_facts(monkeypatch):
    """Two thirds of the time to load goes into facts, and one is loaded like another."""

    def read_less(name):
        rows = read(name)
        if name == "facts":
            rows["fact"] = [row for row in rows["fact"] if row["attribute"] in ("licence", "brokers")]
        return rows

    monkeypatch.setattr("content.demo.load.read", read_less)


def everything():
    """Every row of every table."""
    models = [model for model in apps.get_models() if model is not Session]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


def demo_pages():
    return {f"{section}/{row['slug']}".lstrip("/") for section, rows in page_rows().items() for row in rows}


def page_types():
    return [model for model in get_page_models() if model is not Page]


def page_rows():
    return {
        "tools": read("tools")["tool"],
        "articles": read_articles(),
        "comparisons": read("comparisons")["comparison"],
        "": read("pages")["page"],
    }


UNREAD = {"block", "code", "commands", "level", "type", "kind", "page", "tool", "tools", "url", "address", "anchor"}
"""The fields of blocks that are no words to read: listings, choices, names of other objects."""


def words(value):
    """How many a reader reads of a block."""
    match value:
        case str():
            return len(TAG.sub(" ", value).split())
        case list():
            return sum(map(words, value))
        case dict():
            return sum(words(each) for name, each in value.items() if name not in UNREAD)
        case _:
            return 0


def named(value, field, inside=None):
    """What the fields of this name hold, however deep."""
    if inside == field:
        yield from value if isinstance(value, list) else [value]
    elif isinstance(value, list | dict):
        for name, each in value.items() if isinstance(value, dict) else ((None, each) for each in value):
            yield from named(each, field, inside=name)


@pytest.mark.parametrize("article", read_articles(), ids=lambda article: article["slug"])
def test_article_is_worth_reading_and_not_endless(article):
    assert 600 <= words(article["dek"]) + words(article["body"]) <= 1500


def test_bodies_use_every_block_between_them():
    bodies = [row.get("body", []) for rows in page_rows().values() for row in rows]
    used = {block["block"] for body in [read("home")["body"], *bodies] for block in body}
    assert used == set(BodyBlock().child_blocks)


def test_every_name_in_the_files_names_something():
    files = {
        kind: {row[identity] for row in read(name)[kind]}
        for kind, name, identity in (
            ("topic", "topics", "slug"),
            ("category", "categories", "slug"),
            ("person", "people", "slug"),
            ("image", "images", "key"),
            ("attribute", "attributes", "key"),
            ("source", "sources", "url"),
            ("tool", "tools", "slug"),
            ("organization", "organizations", "slug"),
            ("use_case", "use_cases", "slug"),
            ("disclosure", "disclosures", "key"),
        )
    }
    files["page"] = demo_pages()
    files["fact"] = {f"{row['tool']}/{row['attribute']}" for row in read("facts")["fact"]}
    used = {kind: set() for kind in files}
    for row in [row for rows in page_rows().values() for row in rows]:
        used["topic"].update(row.get("topics", []))
        used["category"].update(row.get("categories", []))
        used["person"].update([*row.get("authors", []), *([row["reviewer"]] if "reviewer" in row else [])])
        used["use_case"].update(row.get("use_cases", []))
        used["source"].update(row.get("sources", []))
        used["organization"].update([row["vendor"]] if "vendor" in row else [])
        used["disclosure"].update([row["disclosure"]] if "disclosure" in row else [])
        used["tool"].update(row.get("notes", {}))
        used["attribute"].update(row.get("attributes", []))
        used["tool"].update(row.get("tools", []))
        used["image"].update(row[name] for name in ("hero", "social_image") if name in row)
        for child in [*row.get("alternatives", []), *row.get("verdicts", []), *row.get("overrides", [])]:
            used["tool"].update(child[name] for name in ("tool", "winner", "runner_up") if name in child)
            used["use_case"].update([child["about"]] if "about" in child else [])
            used["attribute"].update([child["attribute"]] if "attribute" in child else [])
        body = row.get("body", [])
        used["tool"].update(named(body, "tool"), named(body, "tools"))
        used["image"].update(named(body, "image"))
        used["category"].update(named(body, "category"))
        used["page"].update(named(body, "page"))
        used["page"].update(f"comparisons/{slug}" for slug in named(body, "comparison"))
        used["fact"].update(named(body, "fact"))
    used["page"].update(row["page"] for row in read("redirects")["redirect"])
    for fact in read("facts")["fact"]:
        used["tool"].add(fact["tool"])
        used["attribute"].add(fact["attribute"])
        used["source"].update(fact.get("sources", []))
    assert {kind: names - files[kind] for kind, names in used.items()} == {kind: set() for kind in files}


def test_every_link_in_the_files_leads_to_a_page_or_a_fact_of_the_demo():
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.toml"))
    linked = set(re.findall(r'page=\\?"([^"\\]+)', text))
    facts = set(re.findall(r'fact=\\?"([^"\\]+)', text))
    assert linked
    assert linked - demo_pages() == set()
    assert facts
    assert facts - {f"{row['tool']}/{row['attribute']}" for row in read("facts")["fact"]} == set()


def test_every_fact_in_the_files_says_where_and_when_unless_it_is_unknown():
    bare = [fact for fact in read("facts")["fact"] if not (fact.get("sources") and fact.get("verified"))]
    assert {fact["state"] for fact in bare} == {"unknown"}


@pytest.mark.django_db
def test_published_demo_is_complete_and_valid():
    created = load()

    assert created == DemoRecord.objects.count() > 300
    assert load() == 0
    assert ToolPage.objects.live().count() >= 16
    assert ArticlePage.objects.live().count() >= 3
    assert ComparisonPage.objects.live().count() >= 3
    for model in page_types():
        assert model.objects.exists(), model
        for page in model.objects.all():
            assert (page.live, page.has_unpublished_changes) == (True, False), page
            assert page.live_revision_id == page.latest_revision_id is not None, page
            page.full_clean()
            if hasattr(page, "body"):
                page.body.stream_block.clean(page.body)
                ids = [block["id"] for block in page.body.raw_data]
                assert [block["id"] for block in page.get_latest_revision_as_object().body.raw_data] == ids
                assert all(ids), page
    for fact in Fact.objects.all():
        fact.full_clean()
    assert list(CustomImage.objects.filter(alt="")) == []

    site = Site.objects.get()
    address = urlsplit(settings.FRONTEND_URL)
    assert (site.hostname, site.port, site.site_name) == (address.hostname, address.port, settings.WAGTAIL_SITE_NAME)
    assert site.root_page.specific == HomePage.objects.get()
    assert list(Page.objects.filter(depth=2)) == [site.root_page]

    article = ArticlePage.objects.get(slug="do-web-developers-use-python")
    django = ToolPage.objects.get(slug="django")
    html = "".join(block.value["content"].source for block in article.body if block.block_type == "rich_text")
    assert f'<a linktype="page" id="{django.pk}">Django</a>' in html
    assert "page=" not in html

    cells = known = 0
    for comparison in ComparisonPage.objects.all():
        tools = [row.tool for row in comparison.comparison_tools.all()]
        attributes = [row.attribute for row in comparison.comparison_attributes.all()]
        cells += len(tools) * len(attributes)
        facts = Fact.objects.filter(live=True, tool__in=tools, attribute__in=attributes)
        for fact in facts.exclude(state=FactState.UNKNOWN):
            known += 1
            assert [source.url for source in fact.sources if source.url.startswith("https://")], fact
            assert fact.verified_on is not None, fact
        columns = {tool.pk for tool in tools}
        assert {verdict.winner_id for verdict in comparison.verdicts.all()} <= columns
    assert known / cells >= 0.8


@pytest.mark.django_db
def test_loading_again_writes_nothing_whatever_editors_did_meanwhile(few_facts):
    Topic.objects.create(slug="apis", name="Interfaces")
    load()
    before = everything()

    assert load() == 0
    assert everything() == before
    assert Topic.objects.get(slug="apis").name == "Interfaces"

    flask = ToolPage.objects.get(slug="flask")
    flask.title, flask.slug = "Flask 4", "flask-4"
    flask.save_revision().publish()
    ToolPage.objects.get(slug="rq").unpublish()
    ToolPage.objects.get(slug="pandas").delete()
    ArticlePage.objects.get(slug="a-learning-path").delete()
    Fact.objects.get(tool__slug="django", attribute__key="licence").delete()
    before = everything()

    assert load() == 0
    assert everything() == before


@pytest.mark.django_db
def test_what_a_later_demo_adds_is_created_beside_deleted_things(few_facts):
    load()
    article = ArticlePage.objects.get(slug="background-jobs-without-regret")
    DemoRecord.objects.filter(key="page/articles/background-jobs-without-regret").delete()
    article.delete()
    ToolPage.objects.get(slug="celery").delete()
    # The editors wrote this one themselves before the demo had it.
    DemoRecord.objects.filter(key="fact/rq/brokers").delete()
    Fact.objects.filter(tool__slug="rq", attribute__key="brokers").update(value="Redis 5")

    assert load() == 1
    assert Fact.objects.get(tool__slug="rq", attribute__key="brokers").value == "Redis 5"
    again = ArticlePage.objects.get(slug="background-jobs-without-regret")
    assert again.live
    assert [row.tool.slug for row in again.article_tools.all()] == ["rq", "dramatiq"]
    cards = [block.value["tool"].slug for block in again.body if block.block_type == "tool_card"]
    assert cards == ["rq", "dramatiq"]
    assert "or Celery it is running before lunch" in again.body[0].value["content"].source
