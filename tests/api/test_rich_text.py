"""Formatted text as a tree: it keeps its grammar, says what the HTML says, and tells no more than that."""

import datetime
import json
from html import escape, unescape
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as some
from jsonschema import Draft202012Validator
from wagtail.models import PageViewRestriction

from api.documents.codecs import Dump
from api.rich_text import RichTextCodec
from api.rich_text_tree import MAX_DEPTH, parsed, written
from content.changes import changes
from tests import factories
from tests.api import asking
from tests.api.sql import queries
from tests.api.test_blocks import licence, raw
from tests.api.test_preview import edited

ASK = "query ($slug: String!) { article(slug: $slug) { body { ... on RichTextBlock { content { html text json } } } } }"
GRAMMAR = Draft202012Validator(json.loads(Path(settings.BASE_DIR, "docs/rich-text.schema.json").read_text()))
TAGS = {"strong": "b", "em": "i", "code": "code", "strike": "s", "sub": "sub", "sup": "sup"}
ELEMENTS = {"paragraph": "p", "listItem": "li", "blockquote": "blockquote"}


def stored(html):
    """The form in which a document keeps a text."""
    return RichTextCodec().dump(html, Dump(), "RichTextBlock.content")


def asked(graphql, *texts, **values):
    """What a body of these texts answers, each with its HTML, its text and its tree."""
    article = factories.ArticlePageFactory(body=[raw("rich_text", content=text) for text in texts], **values)
    return answered(graphql, article)


def answered(graphql, article, **options):
    answer = graphql(ASK, {"slug": article.slug}, **options)
    assert "errors" not in answer, answer["errors"]
    found = [block["content"] for block in answer["data"]["article"]["body"]]
    for each in found:
        GRAMMAR.validate(each["json"])
    return found


def shown(nodes):
    """A renderer such as a front end has one."""
    html, open_marks = "", []
    for node in [*nodes, {"type": "end"}]:
        marks = node.get("marks", [])
        while open_marks != marks[: len(open_marks)]:
            html += f"</{TAGS[open_marks.pop()]}>"
        for mark in marks[len(open_marks) :]:
            html += f"<{TAGS[mark]}>"
            open_marks.append(mark)
        html += element(node)
    return html


def element(node):
    kind = node["type"]
    inside = shown(node["content"]) if "content" in node else ""
    if kind == "text":
        return escape(node["text"], quote=False)
    if kind == "fact":
        words = escape(node["display"], quote=False)
        return f'<data value="{node["id"]}">{words}</data>' if node["id"] else words
    if kind == "link":
        return f'<a href="{escape(node["href"])}">{inside}</a>'
    if kind == "heading":
        return f"<h{node['level']}>{inside}</h{node['level']}>"
    if kind == "list":
        return f"<ol>{inside}</ol>" if node["ordered"] else f"<ul>{inside}</ul>"
    if kind in ELEMENTS:
        return f"<{ELEMENTS[kind]}>{inside}</{ELEMENTS[kind]}>"
    return {"hardBreak": "<br>", "horizontalRule": "<hr>", "end": ""}[kind]


def text(words, *marks):
    return {"type": "text", "text": words, "marks": list(marks)}


def paragraph(*content):
    return {"type": "paragraph", "content": list(content)}


# What it says ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_kind_of_node_is_told_and_a_renderer_makes_the_html_of_it(graphql):
    fact = licence("BSD <3>", tool=factories.ToolPageFactory(title="Django", slug="django"))
    page = factories.ToolPageFactory(title="Flask", slug="flask")
    html = (
        "<p>Plain &amp; <b>bold, <i>both</i></b>, <code>x &lt; y</code><br>next</p><blockquote><p>Said.</p></blockquote>"
        "<ul><li>one<ol><li>two</li></ol></li><li><s>3</s><sub>4</sub><sup>5</sup></li></ul><hr>"
        f'<p><a linktype="page" id="{page.pk}">A <b>page</b></a>, <a href="https://a.example/?b=1&amp;c=2">away</a>, '
        '<a href="mailto:a@b.example">mail</a>, <a href="tel:+49301">call</a>, <a href="#end">down</a>, '
        f'<b><a linktype="fact" id="{fact.pk}">what an editor saw</a></b>.</p>'
    )
    (found,) = asked(graphql, html)
    first, quote, points, rule, last = found["json"]["content"]
    assert first == paragraph(
        text("Plain & "),
        text("bold, ", "strong"),
        text("both", "strong", "em"),
        text(", "),
        text("x < y", "code"),
        {"type": "hardBreak"},
        text("next"),
    )
    assert quote == {"type": "blockquote", "content": [paragraph(text("Said."))]}
    inner = {"type": "list", "ordered": True, "content": [{"type": "listItem", "content": [text("two")]}]}
    small = [text("3", "strike"), text("4", "sub"), text("5", "sup")]
    items = [{"type": "listItem", "content": each} for each in ([text("one"), inner], small)]
    assert points == {"type": "list", "ordered": False, "content": items}
    assert rule == {"type": "horizontalRule"}
    links = [node for node in last["content"] if node["type"] == "link"]
    assert links[0] == {
        "type": "link",
        "kind": "page",
        "href": "/tools/flask/",
        "page": {"id": f"page:{page.pk}", "type": "Tool", "title": "Flask", "path": "/tools/flask/"},
        "content": [text("A "), text("page", "strong")],
    }
    assert [(each["kind"], each["href"]) for each in links[1:]] == [
        ("external", "https://a.example/?b=1&c=2"),
        ("mail", "mailto:a@b.example"),
        ("tel", "tel:+49301"),
        ("local", "#end"),
    ]
    assert last["content"][-2] == {
        "type": "fact",
        "id": f"fact:{fact.pk}",
        "state": "YES",
        "display": "BSD <3>",
        "qualifier": None,
        "attribute": {"key": fact.attribute.key, "label": "Licence"},
        "tool": {"id": f"page:{fact.tool_id}", "name": "Django", "path": "/tools/django/"},
        "source": None,
        "verifiedOn": None,
        "staleOn": None,
        "marks": ["strong"],
    }
    assert shown(found["json"]["content"]) == found["html"]


@pytest.mark.django_db
def test_a_fact_brings_its_source_and_its_dates(graphql):
    source = factories.SourceFactory(title="The licence", url="https://a.example/licence")
    attribute = factories.AttributeFactory(data_type="text", ttl_days=365)
    fact = factories.FactFactory(
        attribute=attribute, value="MIT", sources=[source], qualifier="Pro", verified_on=datetime.date(2026, 1, 31)
    )
    (found,) = asked(graphql, f'<p><a linktype="fact" id="{fact.pk}">x</a></p>')
    (node,) = found["json"]["content"][0]["content"]
    assert node["source"] == {"title": "The licence", "url": "https://a.example/licence"}
    assert (node["qualifier"], node["verifiedOn"], node["staleOn"]) == ("Pro", "2026-01-31", "2027-01-31")


# What it must not tell ------------------------------------------------------------------------------------------------


def draft(page):
    page.unpublish()


def private(page):
    PageViewRestriction.objects.create(page=page, restriction_type="login")


def deleted(page):
    page.delete()


@pytest.mark.django_db
@pytest.mark.parametrize("take_away", [draft, private, deleted])
def test_a_link_to_a_page_that_may_not_be_seen_is_plain_text(graphql, take_away):
    page = factories.ToolPageFactory(title="Secret", slug="secret")
    article = factories.ArticlePageFactory(
        body=[raw("rich_text", content=f'<p>See <a linktype="page" id="{page.pk}">that <b>one</b> there</a>.</p>')]
    )
    with changes():
        take_away(page)
    (found,) = answered(graphql, article)
    assert found["json"]["content"] == [paragraph(text("See that "), text("one", "strong"), text(" there."))]
    assert shown(found["json"]["content"]) == found["html"]


@pytest.mark.django_db
def test_a_preview_marks_such_a_link(admin_client, graphql, settings):
    settings.FRONTEND_URL, settings.ADMIN_ORIGINS = "https://reader.example", ["http://testserver"]
    page = factories.ToolPageFactory(live=False)
    html = f'<p><a linktype="page" id="{page.pk}">This</a></p>'
    article = factories.ArticlePageFactory(body=[raw("rich_text", content=html)])
    (found,) = answered(graphql, article, token=edited(admin_client, factories.ToolPageFactory()))
    assert found["json"]["content"] == [paragraph({"type": "deadLink", "content": [text("This")]})]


@pytest.mark.django_db
def test_a_fact_that_is_not_public_is_unknown_and_nothing_of_it_is_told(graphql):
    fact, never = licence("Secret", live=False), 999_999_999
    found = asked(graphql, *(f'<p>Is <a linktype="fact" id="{pk}">Secret</a>?</p>' for pk in (fact.pk, never)))
    assert "Secret" not in json.dumps(found)
    assert found[0] == found[1]
    assert found[0]["html"] == "<p>Is unknown?</p>"
    (_, node, _) = found[0]["json"]["content"][0]["content"]
    assert (node["id"], node["state"], node["display"]) == (None, "UNKNOWN", "unknown")


@pytest.mark.django_db
def test_what_an_editor_saw_of_a_fact_is_not_kept_however_it_is_written(graphql):
    fact = licence("MIT")
    words = ["Sec\nret", "Sec<br/>ret", "Sec <b>ret</b>", "Sec<p>ret</p>", 'Sec<a href="https://a.example/">ret</a>']
    for found in asked(graphql, *(f'<p><a linktype="fact" id="{fact.pk}">{each}</a></p>' for each in words)):
        assert "Sec" not in json.dumps(found)
        assert found["text"].startswith("MIT")


def test_the_tree_is_asked_for_in_every_question_of_the_leak_matrix_about_a_body():
    texts = [each.text for each in (*asking.about_one(), *asking.everything()) if "{ __typename html " in each.text]
    assert texts
    assert [each for each in texts if "{ __typename html text json }" not in each] == []


# What it costs --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cold")
@pytest.mark.django_db
def test_links_and_facts_cost_the_same_statements_however_many_there_are(graphql):
    fields = ASK.replace("html text json", "json")
    spent = []
    for count in (1, 4):
        tools = factories.ToolPageFactory.create_batch(count)
        facts = [licence(tool=tool, sources=[factories.SourceFactory()]) for tool in tools]
        links = [f'<a linktype="page" id="{each.pk}">x</a>' for each in tools]
        inline = [f'<a linktype="fact" id="{each.pk}">x</a>' for each in facts]
        article = factories.ArticlePageFactory(
            body=[raw("rich_text", content=f"<p>{each}</p>") for each in links + inline]
        )
        graphql(fields, {"slug": article.slug})
        spent.append(queries(graphql, fields, {"slug": article.slug}))
    # Generation, article, pages that are led to, tools that hold the facts, their attributes.
    assert spent == [5, 5]


@pytest.mark.django_db
def test_the_length_of_an_answer_counts_what_is_in_a_tree(client, settings):
    factories.ArticlePageFactory(slug="long", body=[raw("rich_text", content=f"<p>{'x' * 1000}</p>")])
    settings.MAX_ANSWER_LENGTH = 1000
    body = {"query": ASK.replace("html text json", "json"), "variables": {"slug": "long"}}
    response = client.post("/graphql", body, content_type="application/json")
    assert response.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert b"xxx" not in response.content


# Any input ------------------------------------------------------------------------------------------------------------

NAMES = [
    "p",
    "b",
    "i",
    "strong",
    "em",
    "s",
    "code",
    "sub",
    "sup",
    "ul",
    "ol",
    "li",
    "blockquote",
    "h2",
    "h3",
    "br",
    "hr",
]
WORDS = some.text(alphabet="aé<>&\"' \u00a0\n", min_size=1, max_size=5).map(escape)
ELEMENT = some.sampled_from(
    [
        *(f"<{close}{name}>" for name in [*NAMES, "a", "div"] for close in ("", "/")),
        *('<a linktype="page" id="12">', '<a href="https://a.example/?a&b=%22">', '<a href="javascript:alert(1)">'),
    ]
)
OTHER = some.sampled_from(
    [
        *('<a linktype="fact" id="3">', '<a linktype="page" id="x">', '<data value="fact:4">', "</data>", "<script>"),
        *(
            "</script>",
            "<table>",
            "<td>",
            "<!-- c -->",
            "<![CDATA[",
            "<",
            "</",
            '<p class="',
            "&#0;",
            "&nbsp;",
            "&amp;lt;",
        ),
    ]
)


@hypothesis(max_examples=300, deadline=None)
@given(some.lists(some.one_of(WORDS, ELEMENT, OTHER), max_size=25))
def test_whatever_was_written_is_stored_in_one_form_that_reads_back_as_it_is(tokens):
    found = stored("".join(tokens))
    assert written(parsed(found)) == found
    # The same without our cleaning before it.
    tree = parsed("".join(tokens))
    assert parsed(written(tree)) == tree


@hypothesis(max_examples=300, deadline=None)
@given(some.lists(some.one_of(WORDS, ELEMENT), max_size=25))
def test_the_words_are_those_that_were_written(tokens):
    words = "".join(unescape(each) for each in tokens if not each.startswith("<"))
    found = "".join(node_text(node) for node in parsed("".join(tokens)))
    assert "".join(found.split()) == "".join(words.split())


def node_text(node):
    return node.get("text", "") + "".join(node_text(each) for each in node.get("content", []))


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li>x" * 5_000,
        "<blockquote>" * 5_000 + "x",
        "<b>" * 5_000 + "x",
        '<a href="https://a.example/">' * 5_000 + "x",
        "<p>x" * 5_000,
        "<i><p>" * 2_000 + "x" + "</i>" * 2_000,
    ],
    ids=lambda html: html[:12],
)
def test_deep_nesting_ends_well(html):
    tree = parsed(stored(html))
    assert json.dumps(tree).count('"content"') <= 15_000
    assert depth(tree) <= MAX_DEPTH + 2
    assert "x" in node_text({"content": tree})


def depth(nodes):
    return 1 + max((depth(each.get("content", [])) for each in nodes), default=0)
