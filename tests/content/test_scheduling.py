"""What has its day is published and unpublished on it, each object for itself."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision

from api.documents.models import Event
from content.changes import touched_by
from content.models.fact import Fact
from content.models.tool import ToolPage
from content.models.topic import Topic
from content.scheduling import publish_due
from tests import factories, processes

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = "query ($path: String!) { page(path: $path) { title } }"


def scheduled(instance, **changed):
    """A draft that an editor gave a day which has come since."""
    for name, value in changed.items():
        setattr(instance, name, value)
    instance.go_live_at = timezone.now() + timedelta(hours=1)
    instance.save_revision().publish()
    past = timezone.now() - timedelta(seconds=1)
    revision = Revision.objects.get(approved_go_live_at__isnull=False, object_id=str(instance.pk))
    revision.content["go_live_at"] = past.isoformat()
    revision.approved_go_live_at = past
    revision.save(update_fields=["content", "approved_go_live_at"])
    return revision


def expired(instance):
    type(instance).objects.filter(pk=instance.pk).update(expire_at=timezone.now() - timedelta(seconds=1))


def test_a_page_goes_live_with_its_document(graphql, capsys):
    tool = factories.ToolPageFactory(title="Django", slug="django")
    scheduled(ToolPage.objects.get(pk=tool.pk), title="Django, renamed")
    assert graphql(TITLE, {"path": "/tools/django/"})["data"] == {"page": {"title": "Django"}}
    assert publish_due() == 1
    assert graphql(TITLE, {"path": "/tools/django/"})["data"] == {"page": {"title": "Django, renamed"}}
    assert PageLogEntry.objects.filter(page=tool.pk, action="wagtail.publish.scheduled").count() == 1
    assert publish_due() == 0
    call_command("verify_documents")


def test_a_snippet_goes_live(graphql):
    topic = factories.TopicFactory(name="Jobs", slug="jobs", live=False)
    scheduled(topic)
    assert not Topic.objects.get(pk=topic.pk).live
    assert publish_due() == 1
    assert Topic.objects.get(pk=topic.pk).live


def test_a_page_expires(graphql):
    article = factories.ArticlePageFactory(slug="one")
    expired(article)
    assert publish_due() == 1
    page = Page.objects.get(pk=article.pk)
    assert (page.live, page.expired) == (False, True)
    assert graphql(TITLE, {"path": "/articles/one/"})["data"] == {"page": None}
    call_command("verify_documents")


def test_a_fact_expires_from_its_tool(graphql):
    tool = factories.ToolPageFactory(slug="django")
    fact = factories.FactFactory(tool=tool)
    query = '{ page(path: "/tools/django/") { ... on Tool { facts { state } } } }'
    assert len(graphql(query)["data"]["page"]["facts"]) == 1
    expired(fact)
    assert publish_due() == 1
    assert not Fact.objects.get(pk=fact.pk).live
    assert graphql(query)["data"] == {"page": {"facts": []}}


def test_each_object_is_a_change_of_its_own():
    topics = [factories.TopicFactory(live=False) for _ in range(3)]
    for topic in topics:
        scheduled(topic)
    before = Event.objects.count()
    assert publish_due() == 3
    keys = [set(event.keys) for event in Event.objects.order_by("pk")[before:]]
    assert keys == [touched_by(topic) for topic in topics]


def test_one_that_cannot_be_published_keeps_no_other_from_it(monkeypatch, caplog):
    broken, sound = factories.TopicFactory(live=False), factories.TopicFactory(live=False)
    scheduled(broken, name="Broken")
    scheduled(sound, name="Sound")
    publish = Topic.publish

    def refusing(self, *args, **kwargs):
        if self.pk == broken.pk:
            raise ValueError("not today")
        return publish(self, *args, **kwargs)

    monkeypatch.setattr(Topic, "publish", refusing)
    assert publish_due() == 1
    assert set(Topic.objects.filter(live=True)) == {sound}
    assert "the next round tries again" in caplog.text
    monkeypatch.undo()
    assert publish_due() == 1
    assert Topic.objects.get(pk=broken.pk).live


def test_a_day_that_was_taken_back_meanwhile_changes_nothing(monkeypatch):
    first, second = factories.TopicFactory(live=False), factories.TopicFactory(live=False)
    scheduled(first)
    revision = scheduled(second)
    publish = Topic.publish

    def taking_back(self, *args, **kwargs):
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        return publish(self, *args, **kwargs)

    monkeypatch.setattr(Topic, "publish", taking_back)
    assert publish_due() == 1
    assert set(Topic.objects.filter(live=True)) == {first}


def test_a_kill_leaves_what_was_due_whole(tmp_path):
    tool = factories.ToolPageFactory(title="Django")
    scheduled(ToolPage.objects.get(pk=tool.pk), title="Killed")
    with processes.shared_database(tmp_path) as database:
        code, output = processes.run(database, "-m", "tests.api.kill_publish", str(tool.pk), "scheduled")
    assert code == 0, output
    rounds = [line.split() for line in output.splitlines() if line.startswith("round ")]
    assert len(rounds) >= 8, output
    assert all(row == document and verified == "0" for _, _, row, document, verified in rounds), output
    assert {row for _, _, row, _, _ in rounds} == {"Django", "Killed"}, "some died before the commit and one after"


def test_two_workers_publish_once(tmp_path):
    topic = factories.TopicFactory(name="Once", live=False)
    scheduled(topic)
    with processes.shared_database(tmp_path) as database:
        both = [processes.start(database, "manage.py", "worker", "--once") for _ in range(2)]
        outputs = [each.communicate(timeout=120)[0] for each in both]
        assert [each.returncode for each in both] == [0, 0], outputs
        count = (
            "from wagtail.models import ModelLogEntry;"
            "print(ModelLogEntry.objects.filter(action='wagtail.publish.scheduled').count())"
        )
        assert processes.manage(database, "shell", "-v", "0", "-c", count) == (0, "1\n")
