"""Migrations know the database and no blocks."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from content.blocks import BodyBlock
from content.fields import RawStream, StreamField
from content.models.article import ArticlePage, ArticleTopic
from content.models.comparison import ComparisonPage
from tests.factories import ArticlePageFactory, ComparisonPageFactory, ToolPageFactory, TopicFactory, every_block

HISTORIC = MigrationLoader(None)


def stored(article):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM content_articlepage WHERE page_ptr_id = %s", [article.pk])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_models_have_their_migrations():
    call_command("makemigrations", "content", check=True, dry_run=True, stdout=io.StringIO())


def test_a_stream_field_tells_migrations_no_blocks():
    name, path, args, kwargs = ArticlePage._meta.get_field("body").deconstruct()
    assert (name, path, args, kwargs) == ("body", "content.fields.StreamField", [[]], {})


@pytest.mark.django_db
def test_a_data_migration_that_loads_and_saves_a_page_loses_nothing():
    article = ArticlePageFactory(body=every_block())
    before = stored(article)
    past = HISTORIC.project_state().apps.get_model("content", "ArticlePage")

    page = past.objects.get(pk=article.pk)
    assert isinstance(page.body, RawStream)
    page.save()

    assert stored(article) == before
    assert len(ArticlePage.objects.get(pk=article.pk).body) == len(BodyBlock().child_blocks)


@pytest.mark.django_db
def test_a_data_migration_changes_the_stored_rows():
    article = ArticlePageFactory(body=[("heading", {"text": "Old", "level": "2"})])
    past = HISTORIC.project_state().apps.get_model("content", "ArticlePage")
    page = past.objects.get(pk=article.pk)
    page.body.raw_data[0]["value"]["text"] = "New"
    page.save()
    assert ArticlePage.objects.get(pk=article.pk).body[0].value["text"] == "New"


def test_an_empty_stream_stays_one():
    field = StreamField([])
    assert [field.to_python(value) for value in (None, "", "[]", [])] == [RawStream()] * 4


REVISION = "SELECT content FROM wagtailcore_revision WHERE id = %s"


def migrated(name):
    """The database as it was at this migration of content's."""
    executor = MigrationExecutor(connection)
    executor.migrate([("content", name)])
    return executor.loader.project_state([("content", name)]).apps


def content_of(revision):
    with connection.cursor() as cursor:
        cursor.execute(REVISION, [revision.pk])
        found = cursor.fetchone()[0]
    return json.loads(found) if isinstance(found, str) else found


@pytest.mark.django_db(transaction=True)
def test_ticked_topics_and_tools_become_rows_in_drafts_too():
    zebra, ant, late = TopicFactory(name="Zebra"), TopicFactory(name="Ant"), TopicFactory(name="Late")
    tools = ToolPageFactory.create_batch(2)
    article = ArticlePageFactory(topics=[zebra, ant], tools=tools)
    comparison = ComparisonPageFactory(topics=[ant], tools=tools)
    article.article_topics = [ArticleTopic(topic=topic) for topic in (late, ant)]
    draft = article.save_revision()
    before = next(
        name for app, name in HISTORIC.get_migration("content", "0003_page_types").dependencies if app == "content"
    )
    try:
        past = migrated(before)
        ticked = past.get_model("content", "ArticlePage").topics.through.objects
        assert set(ticked.values_list("topic", flat=True)) == {zebra.pk, ant.pk}
        assert set(content_of(draft)["topics"]) == {late.pk, ant.pk}
        assert "article_topics" not in content_of(draft)
    finally:
        call_command("migrate", verbosity=0)  # other applications have gone back, too
    article, comparison = ArticlePage.objects.get(pk=article.pk), ComparisonPage.objects.get(pk=comparison.pk)
    assert [row.topic.name for row in article.article_topics.all()] == ["Ant", "Zebra"]
    assert [row.tool for row in article.article_tools.all()] == tools
    assert [row.topic.name for row in comparison.comparison_topics.all()] == ["Ant"]
    drafted = article.get_latest_revision_as_object()
    assert [row.topic.name for row in drafted.article_topics.all()] == ["Ant", "Late"]
    assert [row.tool for row in drafted.article_tools.all()] == tools
    article.get_latest_revision().publish()
    assert [row.topic.name for row in ArticlePage.objects.get(pk=article.pk).article_topics.all()] == ["Ant", "Late"]
