"""The words of pages: those that are a document's own, and those of a body as a request may see them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.documents import registry
from api.documents.build import build
from api.documents.codecs import ListCodec, OptionalCodec, Passage, TextCodec, Weight, stored_fields
from api.documents.publishing import row_of
from api.documents.text import own_text
from content.changes import changes, key_of
from tests import factories
from tests.api.sql import queries
from tests.api.test_blocks import licence, raw

pytestmark = pytest.mark.django_db

NO_WORDS = {"id", "anchor", "language", "credit", "alt", "address", "provider"}
"""Texts of blocks that are neither read nor searched, beside addresses."""


def own(page):
    (built,) = build([key_of(page)])[0].values()
    row = row_of(built)
    with CaptureQueriesContext(connection) as captured:
        found = own_text(row)
    assert len(captured) == 0
    return found


def text_of(graphql, page):
    answer = graphql("query ($id: ID!) { node(id: $id) { ... on Page { text } } }", {"id": key_of(page)})
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["node"]["text"]


def test_a_documents_own_words_have_weights_and_take_no_query():
    body = [
        raw("heading", text="Begin", level="2"),
        raw("lead", text="A lead."),
        raw("rich_text", content="<h3>Inside</h3><p>One <b>bold</b> &amp; two.</p><ul><li>a</li><li>b</li></ul>"),
        raw("code", language="python", code="print()", file_name="a.py"),
        raw("questions", questions=[{"question": "Why?", "answer": "<p>So.</p>"}]),
        raw("table", caption="T", table={"columns": [{"type": "text", "heading": "C"}], "rows": [{"values": ["x<y"]}]}),
    ]
    article = factories.ArticlePageFactory(title="Title", dek="The dek.", takeaways=["Take."], body=body)
    assert own(article) == [
        Passage(Weight.TITLE, "Title"),
        Passage(Weight.HEADING, "The dek."),
        Passage(Weight.HEADING, "Begin", "begin", 2),
        Passage(Weight.TEXT, "A lead."),
        Passage(Weight.HEADING, "Inside", "inside", 3),
        Passage(Weight.TEXT, "One bold & two.\na\nb"),
        Passage(Weight.CODE, "a.py"),
        Passage(Weight.CODE, "print()"),
        Passage(Weight.HEADING, "Why?"),
        Passage(Weight.TEXT, "So."),
        Passage(Weight.TEXT, "T"),
        Passage(Weight.TEXT, "C"),
        Passage(Weight.TEXT, "x<y"),
        Passage(Weight.TEXT, "Take."),
    ]


def contents_of(graphql, page):
    query = """query ($id: ID!) { node(id: $id) { ... on Page { tableOfContents { anchor text level } }
      ... on Article { body { ... on HeadingBlock { anchor } ... on RichTextBlock { content { html json } } } } } }"""
    answer = graphql(query, {"id": key_of(page)})
    assert "errors" not in answer, answer["errors"]
    entries = [tuple(each.values()) for each in answer["data"]["node"]["tableOfContents"]]
    return entries, answer["data"]["node"].get("body", [])


def test_the_table_of_contents_has_every_heading_under_the_address_that_it_has_on_the_page(graphql):
    fact = licence("Secret")
    inside = (
        f'<h2>Setup</h2><p>x</p><h3>A <b>bold</b> &amp; one</h3><h4>Is <a linktype="fact" id="{fact.pk}">Seen</a></h4>'
    )
    body = [
        raw("rich_text", content=inside),
        raw("heading", text="Setup", level="2"),
        raw("heading", text="Part", level="3", anchor="given"),
        raw("lead", text="No heading"),
        raw(
            "questions",
            heading="Not one that has an address",
            questions=[{"question": "Q?", "answer": "<h2>Setup</h2>"}],
        ),
        raw("rich_text", content="<h2>Given</h2><h2>Given</h2><h2>?</h2><h2></h2>"),
    ]
    entries, blocks = contents_of(graphql, factories.ArticlePageFactory(body=body))
    assert entries == [
        ("setup-2", "Setup", 2),
        ("a-bold-one", "A bold & one", 3),
        ("is", "Is", 4),
        ("setup", "Setup", 2),
        ("given", "Part", 3),
        ("setup-3", "Setup", 2),
        ("given-2", "Given", 2),
        ("given-3", "Given", 2),
        ("section", "?", 2),
    ]
    assert blocks[0]["content"]["html"].startswith('<h2 id="setup-2">Setup</h2><p>x</p><h3 id="a-bold-one">')
    assert [each["anchor"] for each in blocks[0]["content"]["json"]["content"] if each["type"] == "heading"] == [
        "setup-2",
        "a-bold-one",
        "is",
    ]
    assert blocks[1]["anchor"] == "setup"


def test_a_page_without_headings_or_without_a_body_has_no_contents(graphql):
    for page in (factories.tree().articles, factories.ToolPageFactory(body=[raw("lead", text="x")])):
        assert contents_of(graphql, page)[0] == []


def words_that_depend(fact, page, image):
    return [
        raw("rich_text", content=f'<p>It is <a linktype="fact" id="{fact.pk}">seen</a>.</p>'),
        raw("resources", heading="Links", resources=[{"title": "To a page", "kind": "book", "page": page.pk}]),
        raw("related", pages=[{"page": page.pk, "why": "Because"}]),
        raw("gallery", images=[{"image": image.pk, "caption": "In it", "alt": "x"}]),
    ]


def test_what_other_documents_decide_about_is_not_a_documents_own(graphql):
    fact, page, image = licence("MIT"), factories.ToolPageFactory(), factories.CustomImageFactory()
    article = factories.ArticlePageFactory(title="Title", dek="Dek.", body=words_that_depend(fact, page, image))
    assert [each.text for each in own(article)] == ["Title", "Dek.", "It is .", "Links"]
    assert text_of(graphql, article) == "It is MIT.\nLinks\nTo a page\nBecause\nIn it"


def test_the_words_of_a_body_hold_nothing_that_may_not_be_seen(graphql):
    fact, page, image = licence("MIT"), factories.ToolPageFactory(), factories.CustomImageFactory()
    article = factories.ArticlePageFactory(body=words_that_depend(fact, page, image))
    with changes():
        fact.unpublish()
        page.unpublish()
        image.delete()
    assert text_of(graphql, article) == "It is unknown.\nLinks"


def test_a_page_without_a_body_has_no_words(graphql):
    assert text_of(graphql, factories.tree().articles) == ""


@pytest.mark.parametrize("kind", ["Article", "Tool", "Comparison", "StandardPage"])
def test_every_page_with_a_body_has_its_words(graphql, kind):
    page = getattr(factories, f"{kind.removesuffix('Page')}PageFactory")(body=[raw("lead", text="A lead.")])
    assert text_of(graphql, page) == "A lead."


@pytest.mark.usefixtures("cold")
def test_the_words_of_a_list_cost_the_same_statements_however_many_there_are(graphql):
    spent = []
    for _ in range(2):
        body = words_that_depend(licence("MIT"), factories.ToolPageFactory(), factories.CustomImageFactory())
        factories.ArticlePageFactory(body=factories.every_block() + body)
        query = "{ articles { nodes { text } } }"
        graphql(query)
        spent.append(queries(graphql, query))
        assert queries(graphql, "{ articles { nodes { tableOfContents { text } } } }") == 2
    # Generation, articles, what decides about their words, the tools that hold the facts, tools that facts name.
    assert spent == [4, 4]


def test_every_text_of_a_block_is_declared_as_words_or_known_to_be_none():
    silent = []
    for cls in registry.declared.values():
        public = {each.python_name for each in cls.__strawberry_definition__.fields}
        for each in stored_fields(cls):
            codec = each.codec
            while isinstance(codec, ListCodec | OptionalCodec):
                codec = codec.item
            is_known = each.weight or each.name in NO_WORDS or each.name.endswith("_url")
            if cls.__module__ == "api.blocks" and isinstance(codec, TextCodec) and each.name in public and not is_known:
                silent.append(each.label)
    assert silent == []
