"""Reading: what may be seen, at what cost in queries, and how lists go on."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Locale

from api.documents import read
from api.documents.models import Document, Generation
from api.documents.read import Perspective, Reader
from content.changes import changes
from content.models.article import ArticleTopic
from tests import factories
from tests.api.sql import queries
from tests.api.test_languages import translated, tree_in

pytestmark = pytest.mark.django_db


def test_structured_data_is_loaded_with_the_rest(graphql):
    author, reviewer = (
        factories.PersonFactory(name="Ada", slug="ada"),
        factories.PersonFactory(name="Joan", slug="joan"),
    )
    source = factories.SourceFactory(title="The manual", url="https://example.org/manual")
    article = factories.ArticlePageFactory(
        slug="one",
        short_answer="Yes.",
        authors=[author],
        reviewer=reviewer,
        sources=[source],
        hero=factories.CustomImageFactory(),
    )
    ask = '{ article(slug: "one") { seo { jsonLd } } }'
    assert queries(graphql, ask) == 3
    found = graphql(ask)["data"]["article"]["seo"]["jsonLd"]["@graph"][0]
    site = settings.FRONTEND_URL
    assert found["abstract"] == "Yes."
    assert found["author"] == [{"@type": "Person", "name": "Ada", "url": f"{site}/people/ada/"}]
    assert found["citation"] == [{"@type": "CreativeWork", "name": "The manual", "url": "https://example.org/manual"}]
    assert found["mainEntityOfPage"] == {
        "@type": "WebPage",
        "@id": f"{site}/articles/one/",
        "reviewedBy": {"@type": "Person", "name": "Joan", "url": f"{site}/people/joan/"},
    }
    assert found["image"].endswith(article.hero.file.url)
    factories.ToolPageFactory(
        slug="django", vendor=factories.OrganizationFactory(name="DSF", website="https://dsf.example/")
    )
    found = graphql('{ tool(slug: "django") { seo { jsonLd } } }')["data"]["tool"]["seo"]["jsonLd"]["@graph"][0]
    assert found["publisher"] == {"@type": "Organization", "name": "DSF", "url": "https://dsf.example/"}


def test_everybody_is_credited_and_only_writers_are_authors(graphql):
    ada, mary = factories.PersonFactory(name="Ada"), factories.PersonFactory(name="Mary")
    article = factories.ArticlePageFactory(slug="one", authors=[mary, ada])
    photographs = article.article_authors.first()
    photographs.role = "photographer"
    with changes():
        photographs.save()
    ask = '{ article(slug: "one") { authors { name } credits { role person { name } } } }'
    assert graphql(ask)["data"]["article"] == {
        "authors": [{"name": "Ada"}],
        "credits": [
            {"role": "PHOTOGRAPHER", "person": {"name": "Mary"}},
            {"role": "AUTHOR", "person": {"name": "Ada"}},
        ],
    }


def test_an_article_follows_the_sources_it_cites(graphql):
    source = factories.SourceFactory(title="The manual", url="https://example.org/manual")
    factories.ArticlePageFactory(slug="one", sources=[source])
    with changes():
        source.title = "The handbook"
        source.save()
    ask = '{ article(slug: "one") { sources { title url } } }'
    found = graphql(ask)["data"]["article"]["sources"]
    assert found == [{"title": "The handbook", "url": "https://example.org/manual"}]


HIDDEN_NOTHING = {
    "page": None,
    "article": None,
    "articles": {"totalCount": 0, "nodes": []},
    "resolve": None,
    "node": None,
}


def everything_about(graphql, page):
    ask = """query ($path: String!, $slug: String!, $id: ID!) { page(path: $path) { title } article(slug: $slug) { title }
      articles { totalCount nodes { title } } resolve(path: $path) { __typename } node(id: $id) { id } }"""
    variables = {"path": f"/articles/{page.slug}/", "slug": page.slug, "id": f"page:{page.pk}"}
    return graphql(ask, variables)["data"]


def test_a_draft_that_was_never_published_is_not_there(graphql):
    draft = factories.ArticlePageFactory(title="Secret", live=False)
    assert everything_about(graphql, draft) == HIDDEN_NOTHING


def test_a_page_scheduled_for_later_is_not_there(graphql):
    page = factories.ArticlePageFactory(title="Secret", live=False)
    page.go_live_at = timezone.now() + timedelta(seconds=60)
    with changes():
        page.save_revision().publish()
    assert everything_about(graphql, page) == HIDDEN_NOTHING


def test_a_page_is_not_there_from_the_moment_it_expires_worker_or_not(graphql, monkeypatch):
    page = factories.ArticlePageFactory(title="Secret")
    with changes():
        page.expire_at = timezone.now() + timedelta(hours=1)
        page.save_revision().publish()
    assert everything_about(graphql, page)["page"] == {"title": "Secret"}
    monkeypatch.setattr(timezone, "now", lambda: page.expire_at)
    found = everything_about(graphql, page)
    assert found == {**HIDDEN_NOTHING, "resolve": {"__typename": "Gone"}}


def test_a_restricted_image_is_left_out_of_the_page_that_shows_it(graphql):
    from wagtail.models import Collection, CollectionViewRestriction

    image = factories.CustomImageFactory()
    article = factories.ArticlePageFactory(slug="one", hero=image)
    collection = Collection.get_first_root_node().add_child(name="Private")
    image.collection = collection.add_child(name="Inner")
    with changes():
        image.save()
        CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    ask = 'query ($id: ID!) { article(slug: "one") { hero { url } seo { image { url } } } node(id: $id) { id } }'
    assert graphql(ask, {"id": f"image:{image.pk}"})["data"] == {
        "article": {"hero": None, "seo": {"image": None}},
        "node": None,
    }
    assert article.hero_id == image.pk


def test_a_link_to_a_page_that_is_not_public_becomes_plain_text(graphql):
    draft = factories.ArticlePageFactory(live=False)
    public = factories.ArticlePageFactory(slug="public")
    text = '<p><a linktype="page" id="{0}">here</a> and <a href="https://x.example/?a=1&amp;b">there</a></p>'
    for number, target in enumerate([draft, public]):
        body = [("rich_text", {"content": text.format(target.pk)})]
        factories.ArticlePageFactory(slug=f"links-{number}", body=body)
    html = "query ($slug: String!) { article(slug: $slug) { body { ... on RichTextBlock { content { html text } } } } }"
    found = [graphql(html, {"slug": f"links-{number}"})["data"]["article"]["body"][0]["content"] for number in (0, 1)]
    there = '<a href="https://x.example/?a=1&amp;b">there</a>'
    assert [each["html"] for each in found] == [
        f"<p>here and {there}</p>",
        f'<p><a href="/articles/public/">here</a> and {there}</p>',
    ]
    assert [each["text"] for each in found] == ["here and there"] * 2


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<p onclick="alert(1)">x</p>',
        "<img src=x onerror=alert(1)>",
        '<a linktype="page" id="1&quot; onmouseover=&quot;alert(1)">x</a>',
        '<a href="https://x.example/&quot; onmouseover=&quot;alert(1)">x</a>',
        "<svg><script>alert(1)</script></svg>",
    ],
)
def test_rich_text_runs_nothing(graphql, attack):
    factories.ArticlePageFactory(slug="attack", body=[("rich_text", {"content": f"<p>before</p>{attack}"})])
    ask = '{ article(slug: "attack") { body { ... on RichTextBlock { content { html } } } } }'
    html = graphql(ask)["data"]["article"]["body"][0]["content"]["html"]
    assert html.startswith("<p>before</p>")
    assert not any(
        bad in html.replace("&quot;", "") for bad in ("script", "onclick=", "onerror", "data:", "<img", "<svg")
    )
    assert '" onmouseover' not in html


def test_lists_go_on_behind_a_cursor_in_every_order(graphql):
    for number in range(5):
        factories.ToolPageFactory(title=f"Tool {number % 3}", slug=f"tool-{number}")
    for order in ("NAME_ASC", "UPDATED_DESC"):
        ask = f"query ($after: String) {{ tools(first: 2, after: $after, order: {order}) {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }}"
        seen, after = [], None
        for hop in range(3):
            found = graphql(ask, {"after": after})["data"]["tools"]
            seen += [node["id"] for node in found["nodes"]]
            after = found["pageInfo"]["endCursor"]
            assert found["pageInfo"]["hasNextPage"] == (hop < 2)
            assert found["pageInfo"]["hasPreviousPage"] == (hop > 0)
        whole = graphql(f"{{ tools(order: {order}) {{ nodes {{ id }} }} }}")["data"]["tools"]["nodes"]
        assert seen == [node["id"] for node in whole]
        assert len(set(seen)) == 5


def test_pages_are_read_in_parts_that_begin_at_cursors(graphql):
    tree = factories.tree()
    for slug in ("one", "two", "three"):
        factories.StandardPageFactory(slug=slug, parent=tree.home)
    hidden = factories.StandardPageFactory(slug="hidden", parent=tree.home)
    with changes():
        hidden.unpublish()
    ask = "query ($after: String) { pages(first: 100, after: $after) { nodes { path } pageInfo { endCursor } } }"
    everything = [each["path"] for each in graphql(ask)["data"]["pages"]["nodes"]]
    assert len(everything) == 7
    for every, sizes in ((1, [1] * 7), (2, [2, 2, 2, 1]), (3, [3, 3, 1]), (6, [6, 1]), (7, [7]), (50_000, [7])):
        cursors = graphql(f"{{ pageCursors(every: {every}) }}")["data"]["pageCursors"]
        rest = [graphql(ask, {"after": each})["data"]["pages"]["nodes"] for each in (None, *cursors)]
        parts = [one[:every] for one in rest]
        assert list(map(len, parts)) == sizes
        assert [each["path"] for part in parts for each in part] == everything
    refused = graphql("{ pageCursors(every: 0) }")["errors"]
    assert [each["message"] for each in refused] == ["`every` is 1 or more, not 0."]


def test_tools_are_found_by_their_answers(graphql):
    licence = factories.AttributeFactory(key="licence", data_type="text")
    typed = factories.AttributeFactory(key="typed")
    source = factories.SourceFactory()
    for name, value, state in [("A", "MIT", "yes"), ("B", "MIT", "no"), ("C", "BSD", "yes")]:
        tool = factories.ToolPageFactory(title=name)
        factories.FactFactory(tool=tool, attribute=licence, state="yes", value=value, sources=[source])
        factories.FactFactory(tool=tool, attribute=typed, state=state, sources=[source])

    def found(*facts):
        ask = "query ($facts: [FactFilter!]) { tools(filter: {facts: $facts}) { nodes { name } } }"
        return [node["name"] for node in graphql(ask, {"facts": list(facts)})["data"]["tools"]["nodes"]]

    assert found({"attribute": "licence", "display": "mit"}) == ["A", "B"]
    assert found({"attribute": "licence", "display": "mit"}, {"attribute": "typed", "state": "YES"}) == ["A"]
    assert found({"attribute": "typed"}) == ["A", "B", "C"]
    assert found({"attribute": "licence", "display": "mi"}) == []
    assert found({"attribute": "licence__key", "display": "mit"}) == []


def test_the_change_feed_goes_on_behind_a_cursor(graphql):
    first = factories.ToolPageFactory(title="One")
    ask = "query ($after: String) { changes(after: $after) { nodes { id type kind path } pageInfo { endCursor } } }"
    start = graphql(ask)["data"]["changes"]["pageInfo"]["endCursor"]
    second = factories.ToolPageFactory(title="Two", slug="two")
    with changes():
        first.unpublish()
    rows = graphql(ask, {"after": start})["data"]["changes"]["nodes"]
    assert rows == [
        {"id": f"page:{second.pk}", "type": "Tool", "kind": "UPSERT", "path": "/tools/two/"},
        {"id": f"page:{first.pk}", "type": "Tool", "kind": "TOMBSTONE", "path": f"/tools/{first.slug}/"},
    ]


def test_a_cursor_from_before_a_backup_was_restored_is_refused(graphql):
    factories.ToolPageFactory(title="One")
    ask = "query ($after: String) { changes(after: $after) { nodes { id } pageInfo { endCursor } } }"
    newest = graphql(ask)["data"]["changes"]["pageInfo"]["endCursor"]
    assert graphql(ask, {"after": newest})["data"]["changes"]["nodes"] == []
    Generation.objects.update(value=F("value") - 1)
    refused = graphql(ask, {"after": newest})
    assert refused["data"] is None
    assert [(each["extensions"]["code"], each["message"]) for each in refused["errors"]] == [
        (
            "BAD_USER_INPUT",
            "`after` is ahead of all changes: a backup was restored. Read the feed from its beginning.",
        )
    ]


def test_the_store_shows_the_past_as_it_was():
    tool = factories.ToolPageFactory(title="Old name")
    then = Document.objects.get(key=f"page:{tool.pk}").valid_from
    with changes():
        tool.title = "New name"
        tool.save_revision().publish()
    assert Reader(Perspective(at=then)).get(f"page:{tool.pk}").title == "Old name"
    assert Reader(Perspective()).get(f"page:{tool.pk}").title == "New name"
    assert Reader(Perspective(at=then - timedelta(days=1))).get(f"page:{tool.pk}") is None


def test_an_unknown_site_or_language_has_nothing(graphql):
    factories.ToolPageFactory(slug="django")
    ask = 'query ($site: String, $locale: String) { tool(slug: "django", site: $site, locale: $locale) { slug } tools(site: $site, locale: $locale) { totalCount } }'
    nothing = {"tool": None, "tools": {"totalCount": 0}}
    assert graphql(ask, {"site": "nobody.example"})["data"] == nothing
    assert graphql(ask, {"locale": "xx"})["data"] == nothing
    assert graphql(ask)["data"] == {"tool": {"slug": "django"}, "tools": {"totalCount": 1}}


@pytest.mark.parametrize("path", ["/tools/django/", "/tools/django", "tools/django", "//tools/django//"])
def test_a_missing_slash_is_tolerated(graphql, path):
    factories.ToolPageFactory(slug="django")
    assert graphql("query ($p: String!) { page(path: $p) { path } }", {"p": path})["data"] == {
        "page": {"path": "/tools/django/"}
    }


def test_children_are_the_public_pages_right_below_by_title(graphql):
    section = factories.StandardPageFactory(title="About", slug="about")
    zebra = factories.StandardPageFactory(title="Zebra", slug="zebra", parent=section)
    factories.StandardPageFactory(title="b-trees", slug="b", parent=section)
    factories.StandardPageFactory(title="Ångström", slug="a", parent=section)
    factories.StandardPageFactory(title="Draft", parent=section, live=False)
    factories.StandardPageFactory(title="Deeper", slug="deeper", parent=zebra)
    ask = """query ($path: String!) { page(path: $path) {
      children { __typename title path children(first: 1) { title } } two: children(first: 2) { title } } }"""
    page = graphql(ask, {"path": "/about/"})["data"]["page"]
    assert [child["title"] for child in page["children"]] == ["Ångström", "b-trees", "Zebra"]
    assert [child["children"] for child in page["children"]] == [[], [], [{"title": "Deeper"}]]
    assert [child["title"] for child in page["two"]] == ["Ångström", "b-trees"]
    assert page["children"][0]["__typename"] == "StandardPage"
    with changes():
        section.slug = "us"
        section.save_revision().publish()
    moved = graphql(ask, {"path": "/us/"})["data"]["page"]
    assert [child["path"] for child in moved["children"]] == ["/us/a/", "/us/b/", "/us/zebra/"]
    assert "errors" in graphql('{ page(path: "/") { children(first: 101) { title } } }')
    home = graphql(ask, {"path": "/"})["data"]["page"]
    assert [child["path"] for child in home["children"]] == ["/us/", "/articles/", "/comparisons/", "/tools/"]


@pytest.mark.postgresql_only
def test_postgresql_keeps_the_plans_of_what_is_read(graphql, cold):
    for number in range(4):
        factories.ArticlePageFactory(slug=f"article-{number}")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
        connection.connection._prepared.clear()
        for number in range(4):
            assert graphql("query ($slug: String!) { article(slug: $slug) { slug } }", {"slug": f"article-{number}"})
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [statement for (statement,) in cursor.fetchall()]
    assert len([each for each in kept if "api_document.slug = $" in each]) == 1
    assert len([each for each in kept if "api_generation" in each]) == 1


def test_a_matrix_loads_no_more_than_its_rows(graphql, cold):
    shown, other = factories.AttributeFactory(key="licence"), factories.AttributeFactory(key="async")
    tool = factories.ToolPageFactory(slug="django")
    for attribute in (shown, other):
        factories.FactFactory(tool=tool, attribute=attribute)
    factories.ComparisonPageFactory(slug="versus", tools=[tool], attributes=[shown])
    ask = '{ comparison(slug: "versus") { matrix { attribute { key } cells { fact { attribute { key } } } } } }'
    assert queries(graphql, ask) == 3
    row = {"attribute": {"key": "licence"}, "cells": [{"fact": {"attribute": {"key": "licence"}}}]}
    assert graphql(ask)["data"]["comparison"]["matrix"] == [row]


def test_the_newest_that_refer_to_a_key_are_the_same_however_they_are_looked_up(monkeypatch, settings):
    settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES = [("en", "English"), ("de", "German")]
    german = Locale.objects.create(language_code="de")
    tree_in(german)
    web, data = factories.TopicFactory(), factories.TopicFactory()
    english = [factories.ArticlePageFactory(title=f"{at}", topics=[web, data][: at % 2 + 1]) for at in range(6)]
    for page, topics in zip(english[:2], ([web], [web, data]), strict=True):
        about = [ArticleTopic(topic=topic) for topic in topics]
        translated(page, german, title=f"{page.title} in German", article_topics=about)
    keys, labels = [f"topic:{web.pk}", f"topic:{data.pk}", "topic:999"], ["Article.topics", "Article.use_cases"]

    def newest():
        found = read.Reader(read.Perspective()).newest_referring(keys, labels, types=["Article"], each=2)
        return {key: [title for _, title in each] for key, each in found.items()}

    expected = {
        keys[0]: ["1 in German", "0 in German", "5", "4"],
        keys[1]: ["1 in German", "5", "3"],
        keys[2]: [],
    }
    for few, lists, statements in ((1_000, 25, 2), (3, 25, 3), (1_000, 0, 2), (0, 25, 3)):
        monkeypatch.setattr(read, "FEW_REFERENCES", few)
        monkeypatch.setattr(read, "MOST_LISTS", lists)
        with CaptureQueriesContext(connection) as captured:
            assert newest() == expected, (few, lists)
        # One for the state.
        assert len(captured) == statements, (few, lists)
    monkeypatch.setattr(read, "MOST_LISTS", 25)
    many = [f"topic:{number}" for number in range(1_000, 1_600)]
    with CaptureQueriesContext(connection) as captured:
        found = read.Reader(read.Perspective()).newest_referring(many, labels, types=["Article"], each=2)
    assert (len(captured), list(found), any(found.values())) == (2, many, False)
