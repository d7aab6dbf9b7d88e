"""What was public long ago is forgotten; where it was, and what only hides, is not."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction

from api.documents import publishing
from api.documents.models import Content, Document, Event, Generation, Reference
from api.documents.read import Perspective, Reader
from content.changes import changes, key_of
from tests import factories, processes

pytestmark = pytest.mark.django_db(transaction=True)

RESOLVE = (
    "query ($path: String!, $site: String) { resolve(path: $path, site: $site) { __typename ... on Redirect { to } } }"
)


@pytest.fixture
def prune(monkeypatch, capsys):
    """What the command says so many days from now."""

    def pruning(days):
        later = timezone.now() + timedelta(days=days)
        with monkeypatch.context() as patch:
            patch.setattr(timezone, "now", lambda: later)
            call_command("prune_documents")
        return capsys.readouterr().out.splitlines()[-1]

    return pruning


@pytest.fixture
def in_steps(monkeypatch):
    """As if there were thousands of rows: one at a time."""
    monkeypatch.setattr("api.documents.retention.BATCH", 1)


def publish(instance, **values):
    fresh = type(instance).objects.get(pk=instance.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    with changes():
        fresh.save_revision().publish()


def move(page, parent):
    with changes():
        Page.objects.get(pk=page.pk).move(parent, pos="last-child")


def delete(page):
    with changes():
        Page.objects.get(pk=page.pk).delete()


def versions(instance):
    return list(Document.objects.filter(key=key_of(instance)).order_by("pk").values_list("title", flat=True))


def unused():
    return Content.objects.filter(documents=None).count()


def assert_nothing_drifts(capsys):
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out


def test_a_version_is_forgotten_90_days_after_it_was_replaced(prune, graphql, capsys):
    topics = [factories.TopicFactory(name="Before"), factories.TopicFactory(name="After")]
    article = factories.ArticlePageFactory(slug="one", title="Before", topics=topics[:1])
    publish(article, title="After", article_topics=[])
    assert Reference.objects.filter(target_key=key_of(topics[0])).exists()
    before = Generation.objects.get().value
    said = prune(89)
    assert said.startswith("Forgotten: versions 0, ")
    assert versions(article) == ["Before", "After"]
    contents = Content.objects.count()
    assert prune(91).startswith("Forgotten: versions 1, ")
    assert versions(article) == ["After"]
    assert (Content.objects.count(), unused()) == (contents - 1, 0)
    assert not Reference.objects.filter(target_key=key_of(topics[0])).exists()
    assert Generation.objects.get().value == before
    assert prune(91) == "Forgotten: versions 0, events 0, previews 0"
    assert graphql('{ article(slug: "one") { title } }')["data"] == {"article": {"title": "After"}}
    assert_nothing_drifts(capsys)


def test_events_are_forgotten_after_30_days(prune, in_steps):
    publish(factories.TopicFactory(), name="Changed")
    count = Event.objects.count()
    assert count > 1
    assert prune(29) == "Forgotten: versions 0, events 0, previews 0"
    assert prune(31) == f"Forgotten: versions 0, events {count}, previews 0"
    assert not Event.objects.exists()


@pytest.mark.parametrize(("name", "kept"), [("KEEP_VERSIONS_DAYS", "versions 0,"), ("KEEP_EVENTS_DAYS", "events 0,")])
def test_nothing_is_forgotten_when_it_is_kept_for_0_days(prune, settings, name, kept):
    setattr(settings, name, 0)
    publish(factories.TopicFactory(), name="Changed")
    assert kept in prune(40_000)


def test_what_another_version_still_says_stays(prune, graphql, capsys):
    article = factories.ArticlePageFactory(slug="one", topics=[factories.TopicFactory(name="Data")])
    move(article.get_parent(), factories.HomePageFactory(parent=factories.tree().home, slug="elsewhere"))
    assert Document.objects.filter(key=key_of(article)).values("content").distinct().count() == 1
    ask = '{ article(slug: "one") { path title topics { name } } }'
    before = graphql(ask)["data"]
    assert before["article"]["path"] == "/elsewhere/articles/one/"
    prune(91)
    assert graphql(ask)["data"] == before
    assert_nothing_drifts(capsys)


# Where it was -----------------------------------------------------------------------------------------------------


def test_an_old_path_leads_where_it_led_and_says_nothing_of_what_was_there(prune, graphql, capsys):
    tree = factories.tree()
    moved = factories.ToolPageFactory(slug="moved", title="Old name")
    gone = factories.ToolPageFactory(slug="gone", title="Old name")
    publish(moved, title="Old name, too")
    move(moved, factories.HomePageFactory(parent=tree.home, slug="elsewhere"))
    publish(moved, title="New name")
    delete(gone)
    last = timezone.now()

    def assert_led():
        to = {"__typename": "Redirect", "to": "/elsewhere/moved/"}
        assert graphql(RESOLVE, {"path": "/tools/moved/"})["data"] == {"resolve": to}
        assert graphql(RESOLVE, {"path": "/tools/gone/"})["data"] == {"resolve": {"__typename": "Gone"}}
        assert graphql(RESOLVE, {"path": "/tools/never/"})["data"] == {"resolve": None}

    assert_led()
    prune(91)
    assert_led()
    assert versions(moved) == ["", "New name"]
    assert versions(gone) == [""]
    closed = Document.objects.filter(key=key_of(moved)).exclude(valid_to=None)
    assert list(closed.values_list("path", "content", "slug", "sort_title", "digest", "published_at")) == [
        ("/tools/moved/", None, "", "", "", None)
    ]
    assert not any("Old name" in str(each.data) for each in Content.objects.all())
    assert unused() == 0
    assert Reader(Perspective(at=last - timedelta(days=1))).get(key_of(moved)) is None, "and it can be asked"
    assert prune(91).startswith("Forgotten: versions 0, "), "nothing is left to forget of it"
    assert_led()
    assert_nothing_drifts(capsys)


def test_of_all_that_was_at_a_path_the_last_is_remembered(prune, graphql, in_steps):
    tree = factories.tree()
    first = factories.ToolPageFactory(slug="same")
    move(first, factories.HomePageFactory(parent=tree.home, slug="elsewhere"))
    assert graphql(RESOLVE, {"path": "/tools/same/"})["data"]["resolve"]["to"] == "/elsewhere/same/"
    delete(factories.ToolPageFactory(slug="same"))
    assert graphql(RESOLVE, {"path": "/tools/same/"})["data"] == {"resolve": {"__typename": "Gone"}}
    prune(91)
    assert graphql(RESOLVE, {"path": "/tools/same/"})["data"] == {"resolve": {"__typename": "Gone"}}
    assert len(versions(first)) == 1


def test_each_site_remembers_its_own_paths(prune, graphql):
    sites = [factories.tree(), factories.tree("other.example")]
    for each in sites:
        tool = factories.ToolPageFactory(parent=each.tools, slug="django")
        move(tool, factories.HomePageFactory(parent=each.home, slug="elsewhere"))
    prune(91)
    for each in sites:
        led = graphql(RESOLVE, {"path": "/tools/django/", "site": each.site.hostname})["data"]
        assert led == {"resolve": {"__typename": "Redirect", "to": "/elsewhere/django/"}}


def test_a_redirect_that_stood_at_a_path_for_a_while_takes_nothing_from_it(prune, graphql):
    tree = factories.tree()
    tool = factories.ToolPageFactory(slug="django")
    move(tool, factories.HomePageFactory(parent=tree.home, slug="elsewhere"))
    with changes():
        redirect = Redirect.objects.create(site=tree.site, old_path="/tools/django", redirect_link="/by-hand/")
    assert graphql(RESOLVE, {"path": "/tools/django/"})["data"]["resolve"]["to"] == "/by-hand/"
    with changes():
        redirect.delete()
    prune(91)
    led = graphql(RESOLVE, {"path": "/tools/django/"})["data"]
    assert led == {"resolve": {"__typename": "Redirect", "to": "/elsewhere/django/"}}
    assert not Document.objects.filter(type="Redirect").exclude(valid_to=None).exists()


# Out of sight -----------------------------------------------------------------------------------------------------


@pytest.fixture
def hidden(admin_client):
    """A section that nobody may see now."""
    section = factories.ArticleIndexPageFactory(parent=factories.tree().home, slug="guides")
    article = factories.ArticlePageFactory(parent=section, slug="one", title="Hidden")
    publish(article, dek="Written before it was hidden.")
    with changes():
        PageViewRestriction.objects.create(page=section, restriction_type="login")
    return article


def test_what_was_hidden_long_ago_comes_back_as_it_was_without_being_built(prune, graphql, hidden, monkeypatch, capsys):
    ask = '{ article(slug: "one") { title dek path } }'
    assert prune(91).startswith("Forgotten: versions 1, "), "the one before it was hidden"
    assert graphql(ask)["data"] == {"article": None}
    built, build = [], publishing.build
    monkeypatch.setattr(publishing, "build", lambda batch: built.extend(batch) or build(batch))
    with changes():
        PageViewRestriction.objects.get().delete()
    assert built == []
    said = {"title": "Hidden", "dek": "Written before it was hidden.", "path": "/guides/one/"}
    assert graphql(ask)["data"] == {"article": said}
    assert_nothing_drifts(capsys)


def test_what_was_touched_while_hidden_is_forgotten_and_built_when_it_comes_back(prune, graphql, hidden, capsys):
    publish(hidden, dek="Written meanwhile.")
    prune(91)
    assert versions(hidden) == [""], "the tombstone"
    assert unused() == 0
    with changes():
        PageViewRestriction.objects.get().delete()
    assert graphql('{ article(slug: "one") { dek } }')["data"] == {"article": {"dek": "Written meanwhile."}}
    assert_nothing_drifts(capsys)


def test_what_came_back_is_no_reason_to_keep_what_hid_it(prune, graphql, hidden, capsys):
    with changes():
        PageViewRestriction.objects.get().delete()
    ask = '{ article(slug: "one") { title dek path } }'
    before = graphql(ask)["data"]
    prune(91)
    assert versions(hidden) == ["Hidden"]
    assert graphql(ask)["data"] == before
    assert_nothing_drifts(capsys)


def test_the_change_feed_tells_for_ever_what_is_gone(prune, graphql):
    tool = factories.ToolPageFactory()
    delete(tool)
    ask = "{ changes { edges { cursor node { id kind path } } } }"
    before = graphql(ask)["data"]
    gone = {"id": key_of(tool), "kind": "TOMBSTONE", "path": f"/tools/{tool.slug}/"}
    assert gone in [each["node"] for each in before["changes"]["edges"]]
    prune(91)
    assert graphql(ask)["data"] == before


# How --------------------------------------------------------------------------------------------------------------


def test_the_cost_in_queries_is_the_same_for_few_and_many(prune):
    topics = [factories.TopicFactory(name="One") for _ in range(20)]
    counts = []
    for some in (topics[:2], topics[2:]):
        for topic in some:
            publish(topic, name="Another")
        with CaptureQueriesContext(connection) as captured:
            prune(91)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.postgresql_only
def test_it_takes_its_turn_with_those_who_publish(prune):
    publish(factories.TopicFactory(), name="Another")
    with CaptureQueriesContext(connection) as captured:
        prune(91)
    statements = [each["sql"] for each in captured]
    locked = next(number for number, sql in enumerate(statements) if "api_generation" in sql and "FOR UPDATE" in sql)
    deleted = next(number for number, sql in enumerate(statements) if sql.startswith('DELETE FROM "api_document"'))
    assert "BEGIN" in statements[locked - 1]
    assert locked < deleted


def test_editors_publish_while_two_prune(tmp_path):
    tool = factories.ToolPageFactory()
    topics = [factories.TopicFactory() for _ in range(4)]
    for number in range(10):
        for topic in topics:
            publish(topic, name=f"Version {number}")
    ages = timedelta(days=100)
    Document.objects.update(valid_from=F("valid_from") - ages, valid_to=F("valid_to") - ages)
    old = Document.objects.exclude(valid_to=None).count()
    assert old >= 40
    left = (
        "from api.documents.models import Content, Document;"
        "print(Content.objects.filter(documents=None).count(), Document.objects.filter(key__startswith='topic:').count())"
    )
    with processes.shared_database(tmp_path) as database:
        editor = processes.start(database, "-m", "tests.api.beside", "publish", str(tool.pk))
        assert editor.stdout.readline() == "publishing\n"
        both = [processes.start(database, "-m", "tests.api.beside", "prune_documents") for _ in range(2)]
        outputs = [each.communicate(timeout=120)[0] for each in both]
        assert [each.returncode for each in both] == [0, 0], outputs
        counts = [int(output.splitlines()[-1].split()[2].strip(",")) for output in outputs]
        output, _ = editor.communicate(timeout=120)
        assert editor.returncode == 0, output
        assert sum(counts) == old, outputs
        assert processes.manage(database, "shell", "-v", "0", "-c", left) == (0, "0 4\n")
        code, verified = processes.manage(database, "verify_documents")
        assert (code, "drift" in verified) == (0, False), verified
