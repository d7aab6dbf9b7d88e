"""Two topics, people or sources that mean the same become one."""

import json
from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail import blocks
from wagtail.blocks.stream_block import StreamValue
from wagtail.models import Locale
from wagtail.snippets.blocks import SnippetChooserBlock

from content import merging
from content.changes import changes
from content.merging import merge
from content.models.article import ArticlePage
from content.models.fact import Fact, Source
from content.models.person import Person, PersonLink
from content.models.topic import Topic
from tests import factories as make

pytestmark = pytest.mark.django_db

TOPICS_OF = """query($slug: String!) { article(slug: $slug) { topics { name } authors { name } } }"""


def topics_of(graphql, article):
    return [each["name"] for each in graphql(TOPICS_OF, {"slug": article.slug})["data"]["article"]["topics"]]


def test_what_was_about_one_topic_is_about_the_other(graphql):
    kept, gone = make.TopicFactory(name="Databases"), make.TopicFactory(name="DBs")
    article = make.ArticlePageFactory(topics=[gone])
    merge(kept, gone)
    assert topics_of(graphql, article) == ["Databases"]
    assert not Topic.objects.filter(pk=gone.pk).exists()


def test_a_page_about_both_is_about_the_one_once(graphql):
    kept, gone = make.TopicFactory(name="Databases"), make.TopicFactory(name="DBs")
    article = make.ArticlePageFactory(topics=[gone, kept])
    merge(kept, gone)
    assert topics_of(graphql, article) == ["Databases"]


def test_an_older_draft_does_not_bring_the_merged_topic_back(graphql):
    kept, gone = make.TopicFactory(name="Databases"), make.TopicFactory(name="DBs")
    article = make.ArticlePageFactory(topics=[gone])
    draft = ArticlePage.objects.get(pk=article.pk)
    draft.title = "Edited"
    revision = draft.save_revision()
    merge(kept, gone)
    revision.refresh_from_db()
    with changes():
        revision.publish()
    assert topics_of(graphql, article) == ["Databases"]


def test_an_authors_articles_and_drafts_follow(graphql):
    kept, gone = make.PersonFactory(name="Ada Lind"), make.PersonFactory(name="A. Lind")
    article = make.ArticlePageFactory(authors=[gone])
    merge(kept, gone)
    assert graphql(TOPICS_OF, {"slug": article.slug})["data"]["article"]["authors"] == [{"name": "Ada Lind"}]
    with changes():
        ArticlePage.objects.get(pk=article.pk).get_latest_revision().publish()
    assert graphql(TOPICS_OF, {"slug": article.slug})["data"]["article"]["authors"] == [{"name": "Ada Lind"}]


def test_a_source_keeps_proving_and_verifying(graphql):
    kept, gone = make.SourceFactory(title="PyPI"), make.SourceFactory(title="PyPI again")
    fact = make.FactFactory(sources=[gone, kept], verified_on=date(2026, 1, 2))
    make.VerificationFactory(fact=fact, verified_on=date(2026, 2, 2), source=gone)
    merge(kept, gone)
    fact = Fact.objects.get(pk=fact.pk)
    assert [source.title for source in fact.sources] == ["PyPI"]
    assert fact.verifications.filter(source=kept).count() == 1
    asked = "query($slug: String!) { tool(slug: $slug) { facts { sources { title } verifiedOn } } }"
    facts = graphql(asked, {"slug": fact.tool.slug})["data"]["tool"]["facts"]
    assert facts == [{"sources": [{"title": "PyPI"}], "verifiedOn": "2026-02-02"}]


def test_a_fact_that_cited_only_the_other_source_cites_this_one(graphql):
    kept, gone = make.SourceFactory(title="PyPI"), make.SourceFactory(title="PyPI again")
    fact = make.FactFactory(sources=[gone])
    merge(kept, gone)
    asked = "query($slug: String!) { tool(slug: $slug) { facts { sources { title } } } }"
    facts = graphql(asked, {"slug": fact.tool.slug})["data"]["tool"]["facts"]
    assert facts == [{"sources": [{"title": "PyPI"}]}]


def test_the_old_address_leads_to_the_new_one(graphql):
    kept, gone = make.TopicFactory(name="Databases"), make.TopicFactory(name="DBs")
    oldest = make.TopicFactory(name="Data")
    make.tree()
    merge(gone, oldest)
    merge(kept, gone)
    for path in ("/topics/dbs/", "/topics/data/"):
        answer = graphql(
            "query($path: String!) { resolve(path: $path) { ... on Redirect { to permanent } } }", {"path": path}
        )
        assert answer["data"]["resolve"] == {"to": "/topics/databases/", "permanent": True}


def test_addresses_never_lead_in_a_circle(graphql):
    make.tree()
    first, second = make.TopicFactory(name="Databases"), make.TopicFactory(name="DBs")
    merge(second, first)
    again = make.TopicFactory(name="Databases")
    merge(again, Topic.objects.get(pk=second.pk))
    ask = "query($path: String!) { resolve(path: $path) { ... on Redirect { to } } }"
    assert graphql(ask, {"path": "/topics/dbs/"})["data"]["resolve"] == {"to": "/topics/databases/"}
    assert graphql(ask, {"path": "/topics/databases/"})["data"]["resolve"] is None


def test_what_a_block_has_chosen_follows_in_rows_and_in_every_revision(monkeypatch):
    """No block of ours chooses what can be merged; one that does needs nothing else."""
    topic = blocks.StructBlock([("topic", SnippetChooserBlock("content.Topic"))])
    topics = blocks.ListBlock(topic)
    topics.set_name("topics")
    monkeypatch.setitem(ArticlePage.body.field.stream_block.child_blocks, "topics", topics)
    monkeypatch.setattr(merging, "BATCH", 1)
    kept, gone, other = (make.TopicFactory(name=name) for name in ("Databases", "DBs", "Web"))
    article = make.ArticlePageFactory(live=False)
    written = [
        {"type": "heading", "value": {"text": "First", "level": "2"}, "id": "a"},
        {
            "type": "topics",
            "value": [{"type": "item", "value": {"topic": each.pk}, "id": "c"} for each in (gone, other)],
            "id": "b",
        },
        # As older versions of Wagtail wrote lists.
        {"type": "topics", "value": [{"topic": gone.pk}], "id": "d"},
    ]
    with changes():
        article.body = StreamValue(article.body.stream_block, written, is_lazy=True)
        for title in ("One", "Two"):
            article.title = title
            article.save()
            article.save_revision()

    expected = json.loads(json.dumps(written).replace(f'"topic": {gone.pk}', f'"topic": {kept.pk}'))

    merge(kept, gone)

    stored = ArticlePage.objects.get(pk=article.pk)
    assert list(stored.body.raw_data) == expected
    revisions = [json.loads(each.content["body"]) for each in stored.revisions.order_by("-pk")[:2]]
    assert revisions == [expected] * 2


@pytest.mark.parametrize(
    ("kept", "gone", "message"),
    [
        ({"live": False}, {}, "is not published: readers would lose “DBs”. Publish it first."),
        ({"locked": True}, {}, "“Databases” is locked. Unlock it first."),
        ({}, {"locked": True}, "“DBs” is locked. Unlock it first."),
    ],
)
def test_nothing_is_lost_by_merging_into_a_draft_or_past_a_lock(admin_client, graphql, kept, gone, message):
    kept, gone = make.TopicFactory(name="Databases", **kept), make.TopicFactory(name="DBs", **gone)
    article = make.ArticlePageFactory(topics=[gone])
    answer = admin_client.post(reverse("api_merge", args=["topic", gone.pk]), {"into": kept.pk, "confirmed": "1"})
    assert message in answer.content.decode()
    assert topics_of(graphql, article) == ["DBs"]


def test_two_of_different_languages_are_not_merged(admin_client, graphql):
    kept = make.TopicFactory(name="Datenbanken", locale=Locale.objects.create(language_code="de"))
    gone = make.TopicFactory(name="DBs")
    article = make.ArticlePageFactory(topics=[gone])
    answer = admin_client.post(reverse("api_merge", args=["topic", gone.pk]), {"into": kept.pk, "confirmed": "1"})
    assert "These two are in different languages." in answer.content.decode()
    assert topics_of(graphql, article) == ["DBs"]


def test_only_two_of_a_kind_are_merged():
    topic = make.TopicFactory()
    for other in (topic, make.PersonFactory(), make.CategoryFactory()):
        with pytest.raises(ValidationError):
            merge(topic, other)
    assert Topic.objects.count() == 1


def test_the_editor_sees_first_what_changes(admin_client, graphql):
    kept, gone = make.TopicFactory(name="Databases"), make.TopicFactory(name="DBs")
    article = make.ArticlePageFactory(title="About rows", topics=[gone])
    address = reverse("api_merge", args=["topic", gone.pk])
    assert address in admin_client.get(reverse("wagtailsnippets_content_topic:list")).content.decode()
    assert "About rows" in admin_client.get(address).content.decode()
    shown = admin_client.post(address, {"into": kept.pk}).content.decode()
    assert "/topics/databases/" in shown
    assert topics_of(graphql, article) == ["DBs"]
    done = admin_client.post(address, {"into": kept.pk, "confirmed": "1"}, follow=True)
    assert "is now part of “Databases”" in done.content.decode()
    assert topics_of(graphql, article) == ["Databases"]


@pytest.mark.parametrize("into", ["", "itself", "999999"])
def test_a_wrong_choice_is_told_at_the_field(admin_client, into):
    gone = make.TopicFactory(name="DBs")
    address = reverse("api_merge", args=["topic", gone.pk])
    answer = admin_client.post(address, {"into": gone.pk if into == "itself" else into, "confirmed": "1"})
    assert answer.status_code == 200
    assert "w-field__errors" in answer.content.decode()
    assert Topic.objects.filter(pk=gone.pk).exists()


@pytest.mark.parametrize("missing", ["change", "delete"])
def test_merging_asks_for_both_rights(client, django_user_model, missing):
    kept, gone = make.PersonFactory(), make.PersonFactory()
    user = django_user_model.objects.create_user("editor", password="editor-password")
    given = {"access_admin", "change_person", "delete_person", "view_person"} - {f"{missing}_person"}
    user.user_permissions.set(Permission.objects.filter(codename__in=given))
    client.force_login(user)
    client.post(reverse("api_merge", args=["person", gone.pk]), {"into": kept.pk, "confirmed": "1"})
    assert Person.objects.filter(pk=gone.pk).exists()


def test_other_models_have_no_such_screen(admin_client):
    category = make.CategoryFactory()
    assert admin_client.get(f"/admin/merge/category/{category.pk}/").status_code == 404
    assert not Source.objects.exists()


def test_what_is_part_of_a_person_goes_with_them():
    kept, gone = make.PersonFactory(), make.PersonFactory()
    for person, address in ((kept, "https://example.org/kept"), (gone, "https://example.org/gone")):
        with changes():
            person.links = [PersonLink(label="Site", url=address)]
            person.save_revision().publish()
    merge(kept, gone)
    assert [link.url for link in PersonLink.objects.all()] == ["https://example.org/kept"]


def test_articles_follow_when_their_sources_are_merged(graphql):
    kept, gone = make.SourceFactory(title="The manual"), make.SourceFactory(title="Manual, the")
    make.ArticlePageFactory(slug="one", sources=[gone])
    merge(kept, gone)
    found = graphql('{ article(slug: "one") { sources { title } } }')
    assert found["data"]["article"]["sources"] == [{"title": "The manual"}]
