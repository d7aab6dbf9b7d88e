"""Stores of earlier releases keep what is in them."""

from functools import partial

import pytest
from django.db.migrations.loader import MigrationLoader
from wagtail.models import Page

from api.documents.models import Document
from content.changes import changes
from tests import factories


@pytest.fixture
def at(migrate_to):
    return partial(migrate_to, "api")


def told(document, references):
    """What each version says and refers to, in the order of versions."""
    return [
        (row.key, row.tombstone, row.valid_to, row.data, row.parts, row.body, row.targets, references(row))
        for row in document.objects.order_by("pk")
    ]


def of_document(row):
    return sorted(row.references.values_list("field", "target_key"))


@pytest.mark.django_db(transaction=True)
def test_what_documents_say_moves_into_rows_of_its_own_and_back(at, graphql):
    topic = factories.TopicFactory(name="Data")
    article = factories.ArticlePageFactory(slug="one", topics=[topic], body=factories.every_block())
    elsewhere = factories.ArticleIndexPageFactory(parent=factories.tree().home, slug="elsewhere")
    with changes():
        Page.objects.get(pk=article.pk).move(elsewhere, pos="last-child")
    factories.ArticlePageFactory(slug="two").delete()
    ask = '{ article(slug: "one") { path topics { name } body { __typename } } changes { nodes { id kind path } } }'
    before = graphql(ask)["data"]
    assert (before["article"]["path"], before["article"]["topics"]) == ("/elsewhere/one/", [{"name": "Data"}])

    past = at("0001_initial")
    stored = told(past.get_model("api", "Document"), of_document)
    versions = [each for each in stored if each[0] == f"page:{article.pk}"]
    assert len(versions) == 2
    assert versions[0][3:] == versions[1][3:], "what two versions shared, each has for itself"
    assert ("Article.topics", f"topic:{topic.pk}") in versions[0][-1]
    assert [each[3:] for each in stored if each[1]] == [({}, {}, {}, {}, [])]

    ((_, newest),) = MigrationLoader(None).graph.leaf_nodes("api")
    at(newest)
    rows = Document.objects.order_by("pk").select_related("content")
    now = [
        (row.key, row.tombstone, row.valid_to, said.data, said.parts, said.body, said.targets, of_document(said))
        if (said := row.content)
        else (row.key, row.tombstone, row.valid_to, {}, {}, {}, {}, [])
        for row in rows
    ]
    assert now == stored
    assert graphql(ask)["data"] == before
    factories.TopicFactory(name="Written after it")
