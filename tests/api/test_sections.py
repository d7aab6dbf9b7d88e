"""A whole section moves, hides or goes with its page: at once, at the same cost for any size, and with its history."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import OutputWrapper
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Site

from api.documents.build import build as build_documents
from api.documents.models import Content, Document, Event, Generation, Reference
from api.documents.read import Perspective, Reader, place_key
from api.where_used import uses_of
from content.changes import changes, key_of, touch
from content.generate.batches import add_pages
from content.management.progress import Progress
from content.models.article import ArticleIndexPage, ArticlePage, ArticleTopic
from content.models.home import FeaturedPage, HomePage
from content.models.pending import PendingChange
from tests import factories
from tests.admin import page_address, page_form

pytestmark = pytest.mark.django_db(transaction=True)

WHERE = "query ($path: String!) { resolve(path: $path) { __typename ... on Page { path breadcrumbs { path } } ... on Redirect { to } } }"


def section(count, slug="guides", **inside):
    """A section of the default site with so many articles below it, each with these values."""
    parent = factories.HomePageFactory(parent=factories.tree().home, slug=f"shelf-{slug}")
    index = factories.ArticleIndexPageFactory(parent=parent, slug=slug)

    def make(number, slug):
        page = ArticlePage(title=f"Article {number}", slug=slug, dek="Short.", body=[], hero=inside.get("hero"))
        page.article_topics = [ArticleTopic(topic=topic) for topic in inside.get("topics", ())]
        return page

    add_pages(index, "article", count, make, bars=lambda what, total: Progress(OutputWrapper(StringIO()), what, total))
    return ArticleIndexPage.objects.get(pk=index.pk)


def move(client, page):
    target = factories.HomePageFactory(parent=factories.tree().home, slug=f"elsewhere-{page.slug}")
    yield
    yield client.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, target.pk]))


def rename(client, page):
    form = page_form(client, page, slug=f"new-{page.slug}")
    yield
    yield client.post(page_address(page), {**form, "action-publish": "action-publish"})


def restrict(client, page):
    yield
    form = {"restriction_type": "login", "password": "", "groups": []}
    yield client.post(reverse("wagtailadmin_pages:set_privacy", args=[page.pk]), form)


def lift(client, page):
    do(restrict, client, page)
    yield
    form = {"restriction_type": "none", "password": "", "groups": []}
    yield client.post(reverse("wagtailadmin_pages:set_privacy", args=[page.pk]), form)


def unpublish(client, page):
    yield
    yield client.post(page_address(page, "unpublish"), {"include_descendants": "on"})


def unpublish_in_bulk(client, page):
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    yield
    yield client.post(f"{address}?id={page.pk}", {"include_descendants": "on"})


OPERATIONS = [move, rename, restrict, lift, unpublish, unpublish_in_bulk]


def do(operation, client, page):
    """Everything up to the operation, then the operation; the statements of the latter."""
    steps = operation(client, page)
    next(steps)
    with CaptureQueriesContext(connection) as captured:
        answer = next(steps)
    assert answer.status_code in (200, 302), answer.content
    return [each["sql"] for each in captured]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_cost_in_queries_is_the_same_for_20_and_for_200_pages(admin_client, operation):
    do(operation, admin_client, section(1, "warm"))
    few, many = section(20, "few"), section(200, "many")
    assert len(do(operation, admin_client, few)) == len(do(operation, admin_client, many))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_is_one_change_that_copies_no_content_and_leaves_no_drift(admin_client, operation, capsys):
    page = section(3)
    keys = {f"page:{pk}" for pk in page.get_descendants(inclusive=True).values_list("pk", flat=True)}
    steps = operation(admin_client, page)
    next(steps)
    generation, contents, references = (
        Generation.objects.get().value,
        Content.objects.count(),
        Reference.objects.count(),
    )
    next(steps)
    assert Generation.objects.get().value == generation + 1
    # The page itself is built anew; it may say something else now.
    assert Content.objects.count() <= contents + 1
    assert Reference.objects.count() <= references + 1
    assert set(Event.objects.get(generation=generation + 1).keys) == keys
    current = Document.objects.filter(key__in=keys, valid_to=None)
    assert set(current.values_list("generation", flat=True)) == {generation + 1}
    assert current.count() == len(keys)
    assert not PendingChange.objects.exists()
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("operation", "path"), [(move, "/elsewhere-guides/guides/"), (rename, "/shelf-guides/new-guides/")]
)
def test_pages_are_found_at_their_new_path_and_redirected_from_the_old_one(admin_client, graphql, operation, path):
    page = section(2)
    old, new = "/shelf-guides/guides/generated-article-1/", f"{path}generated-article-1/"
    do(operation, admin_client, page)
    above = path.split("/")[1]
    breadcrumbs = [{"path": each} for each in ("/", f"/{above}/", path)]
    found = {"__typename": "Article", "path": new, "breadcrumbs": breadcrumbs}
    assert graphql(WHERE, {"path": new})["data"] == {"resolve": found}
    assert graphql(WHERE, {"path": old})["data"] == {"resolve": {"__typename": "Redirect", "to": new}}


def test_the_past_keeps_its_paths(admin_client):
    page = section(2)
    key = f"page:{page.get_first_child().pk}"
    before = timezone.now()
    do(rename, admin_client, page)
    assert Reader(Perspective(at=before)).get(key).path == "/shelf-guides/guides/generated-article-0/"
    assert Reader(Perspective()).get(key).path == "/shelf-guides/new-guides/generated-article-0/"


@pytest.mark.parametrize("operation", [restrict, unpublish, unpublish_in_bulk])
def test_what_is_taken_away_is_gone_and_nothing_of_it_is_told(admin_client, graphql, operation):
    page = section(2)
    gone = {f"page:{pk}" for pk in page.get_descendants(inclusive=True).values_list("pk", flat=True)}
    do(operation, admin_client, page)
    ask = '{ articles { totalCount } resolve(path: "/shelf-guides/guides/generated-article-0/") { __typename } changes { nodes { id kind } } }'
    data = graphql(ask)["data"]
    assert {each["id"] for each in data.pop("changes")["nodes"] if each["kind"] == "TOMBSTONE"} >= gone
    assert data == {"articles": {"totalCount": 0}, "resolve": {"__typename": "Gone"}}
    tombstones = Document.objects.filter(key__in=gone, valid_to=None)
    assert set(tombstones.values_list("tombstone", "title", "slug")) == {(True, "", "")}


def test_what_is_hidden_is_not_told_by_what_it_refers_to(admin_client, graphql):
    topic, hero = factories.TopicFactory(name="Data", slug="data"), factories.CustomImageFactory()
    page = section(2, topics=[topic], hero=hero)
    assert [use.title for use in uses_of(topic).pages] == ["Article 0", "Article 1"]
    do(restrict, admin_client, page)
    assert not uses_of(topic)
    assert not uses_of(hero)
    ask = "query ($topic: ID!) { articles(filter: {topic: $topic}) { totalCount } }"
    assert graphql(ask, {"topic": f"topic:{topic.pk}"})["data"] == {"articles": {"totalCount": 0}}


# Coming back ------------------------------------------------------------------------------------------------------


@pytest.fixture
def built(monkeypatch):
    """The keys that are built from now on."""
    keys = []

    def build(batch):
        keys.extend(batch)
        return build_documents(batch)

    monkeypatch.setattr("api.documents.publishing.build", build)
    return keys


def test_what_nobody_touched_comes_back_without_being_built(admin_client, graphql, built, capsys):
    topic = factories.TopicFactory(name="Data")
    page = section(2, topics=[topic])
    ask = "{ articles(order: TITLE_ASC) { nodes { title slug path publishedAt updatedAt topics { name } breadcrumbs { path } } } }"
    before, contents = graphql(ask)["data"], Content.objects.count()
    assert before["articles"]["nodes"][1]["topics"] == [{"name": "Data"}]
    do(restrict, admin_client, page)
    built.clear()
    opening(admin_client, page)
    assert built == []
    assert Content.objects.count() == contents
    assert graphql(ask)["data"] == before
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def opening(client, page):
    form = {"restriction_type": "none", "password": "", "groups": []}
    assert client.post(reverse("wagtailadmin_pages:set_privacy", args=[page.pk]), form).status_code == 200


def edit(article, topic, hero):
    article.title = "Written meanwhile"
    article.save_revision().publish()


def delete_its_topic(article, topic, hero):
    topic.delete()


def delete_its_image(article, topic, hero):
    hero.delete()


@pytest.mark.parametrize(
    ("happen", "title", "topics", "has_hero", "count"),
    [
        (edit, "Written meanwhile", [{"name": "Data"}], True, 1),
        (delete_its_topic, "Article 0", [], True, 2),
        (delete_its_image, "Article 0", [{"name": "Data"}], False, 2),
    ],
)
def test_what_may_have_changed_meanwhile_is_built_anew(
    admin_client, graphql, built, capsys, happen, title, topics, has_hero, count
):
    topic, hero = factories.TopicFactory(name="Data"), factories.CustomImageFactory()
    page = section(2, topics=[topic], hero=hero)
    do(restrict, admin_client, page)
    with changes():
        happen(page.get_first_child().specific, topic, hero)
    built.clear()
    opening(admin_client, page)
    assert len(built) == count
    ask = '{ article(slug: "generated-article-0") { title topics { name } hero { id } } articles { totalCount } }'
    data = graphql(ask)["data"]
    hero = {"id": f"image:{hero.pk}"} if has_hero else None
    assert data["article"] == {"title": title, "topics": topics, "hero": hero}
    assert data["articles"] == {"totalCount": 2}
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_what_was_hidden_during_an_upgrade_is_built_anew(admin_client, built, capsys):
    page = section(2)
    do(restrict, admin_client, page)
    Document.objects.update(contract="older")
    built.clear()
    opening(admin_client, page)
    assert len(built) == 3
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_a_section_comes_back_at_another_place(admin_client, graphql, built, capsys):
    page = section(2)
    article = page.get_first_child()
    root = Page.get_first_root_node()
    with changes():
        Page.objects.get(pk=page.pk).move(root, pos="last-child")
    assert graphql("{ articles { totalCount } }")["data"] == {"articles": {"totalCount": 0}}
    built.clear()
    with changes():
        Page.objects.get(pk=page.pk).move(factories.tree().home, pos="last-child")
    assert f"page:{article.pk}" not in built
    found = {"__typename": "Article", "path": "/guides/generated-article-0/"}
    found["breadcrumbs"] = [{"path": "/"}, {"path": "/guides/"}]
    assert graphql(WHERE, {"path": found["path"]})["data"] == {"resolve": found}
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_a_section_inside_another_stays_hidden_until_it_is_opened_too(admin_client, graphql, built, capsys):
    page = section(1)
    above = page.get_parent()
    count = "{ articles { totalCount } }"
    do(restrict, admin_client, page)
    do(restrict, admin_client, above)
    built.clear()
    opening(admin_client, above)
    assert graphql(count)["data"] == {"articles": {"totalCount": 0}}
    opening(admin_client, page)
    assert graphql(count)["data"] == {"articles": {"totalCount": 1}}
    assert built == []
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


# Sites ------------------------------------------------------------------------------------------------------------


def test_a_section_becomes_a_site_and_is_one_no_more(graphql, built, capsys):
    page = section(1)
    article = page.get_first_child()
    ask = "query ($path: String!, $site: String) { page(path: $path, site: $site) { breadcrumbs { path } } }"
    built.clear()
    with changes():
        site = Site.objects.create(hostname="guides.example", root_page=page)
    inside = {"path": "/generated-article-0/", "site": "guides.example"}
    assert graphql(ask, inside)["data"] == {"page": {"breadcrumbs": [{"path": "/"}]}}
    outside = {"path": "/shelf-guides/guides/generated-article-0/"}
    assert graphql(ask, outside)["data"] == {"page": None}
    with changes():
        site.delete()
    assert graphql(ask, inside)["data"] == {"page": None}
    way = [{"path": path} for path in ("/", "/shelf-guides/", "/shelf-guides/guides/")]
    assert graphql(ask, outside)["data"] == {"page": {"breadcrumbs": way}}
    assert f"page:{article.pk}" not in built
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_a_sites_pages_follow_its_host_name(graphql, capsys):
    other = factories.tree("other.example")
    factories.ArticlePageFactory(parent=other.articles, slug="one")
    contents = Content.objects.count()
    with changes():
        site = Site.objects.get(pk=other.site.pk)
        site.hostname = "renamed.example"
        site.save()
    ask = 'query ($site: String) { page(path: "/articles/one/", site: $site) { title } }'
    assert graphql(ask, {"site": "other.example"})["data"] == {"page": None}
    assert graphql(ask, {"site": "renamed.example"})["data"]["page"] is not None
    assert Content.objects.count() == contents + 1, "of the site itself"
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_deleting_a_section_leaves_nothing_behind(admin_client, graphql, capsys):
    page = section(3)
    assert admin_client.post(page_address(page, "delete")).status_code == 302
    ask = '{ articles { totalCount } resolve(path: "/shelf-guides/guides/generated-article-0/") { __typename } }'
    assert graphql(ask)["data"] == {"articles": {"totalCount": 0}, "resolve": {"__typename": "Gone"}}
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_the_pages_of_a_deleted_section_are_not_looked_at_one_by_one(admin_client, graphql, built, monkeypatch, capsys):
    page = section(3)
    keys = {f"page:{pk}" for pk in page.get_descendants(inclusive=True).values_list("pk", flat=True)}
    home = HomePage.objects.get(pk=factories.tree().home.pk)
    home.featured = [FeaturedPage(page=page.get_first_child())]
    with changes():
        home.save_revision().publish()
    ask = '{ page(path: "/") { ... on Home { featured { title } } } }'
    assert graphql(ask)["data"] == {"page": {"featured": [{"title": "Article 0"}]}}
    monkeypatch.setattr("api.documents.publishing.BATCH", 3)
    generation = Generation.objects.get().value
    with changes():
        touch(keys)
    assert Generation.objects.get().value == generation, "they are still there"
    built.clear()
    assert admin_client.post(page_address(page, "delete")).status_code == 302
    assert not keys & set(built)
    assert f"page:{home.pk}" in built
    assert graphql(ask)["data"] == {"page": {"featured": []}}
    event = Event.objects.get(generation=Generation.objects.get().value)
    assert set(event.keys) == keys | {f"page:{home.pk}"}
    tombstones = Document.objects.filter(key__in=keys, valid_to=None)
    assert set(tombstones.values_list("tombstone", "content")) == {(True, None)}
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_a_section_that_moves_while_a_page_in_it_changes_has_one_version_of_each(admin_client):
    page = section(2)
    target = factories.HomePageFactory(parent=factories.tree().home, slug="elsewhere")
    article = page.get_first_child().specific
    with changes():
        Page.objects.get(pk=page.pk).move(target, pos="last-child")
        article = ArticlePage.objects.get(pk=article.pk)
        article.title = "Both"
        article.save_revision().publish()
    versions = Document.objects.filter(key=f"page:{article.pk}").order_by("pk")
    assert list(versions.values_list("title", "path")) == [
        ("Article 0", "/shelf-guides/guides/generated-article-0/"),
        ("Both", "/elsewhere/guides/generated-article-0/"),
    ]


def test_a_place_is_no_id(graphql):
    site = factories.tree().site
    ask = "query ($place: ID!, $page: ID!) { place: node(id: $place) { id } page: node(id: $page) { id } }"
    page = key_of(site.root_page)
    answer = graphql(ask, {"place": place_key(site.hostname, "en", "/"), "page": page})
    assert answer["data"] == {"place": None, "page": {"id": page}}
