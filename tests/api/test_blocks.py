"""Blocks in public: what they refer to is what is published when they are read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Collection, CollectionViewRestriction, Locale

from api.documents.keys import all_keys
from api.documents.models import Document
from api.documents.publishing import drifting
from api.where_used import uses_of
from content.blocks import BodyBlock
from content.changes import changes
from content.reading import reading_minutes
from tests import factories
from tests.api.test_schema import every_block_query

pytestmark = pytest.mark.django_db


def body_of(graphql, body, fields, **values):
    article = factories.ArticlePageFactory(body=body, **values)
    return ask(graphql, article, fields)


def ask(graphql, article, fields):
    query = f"query ($slug: String!) {{ article(slug: $slug) {{ body {{ {fields} }} }} }}"
    answer = graphql(query, {"slug": article.slug})
    assert "errors" not in answer
    return answer["data"]["article"]["body"]


def raw(name, **values):
    """A block's value as it is stored, the fields that are left out with their defaults."""
    return (name, BodyBlock().child_blocks[name].to_python(values))


def test_anchors_are_unique_on_their_page_and_a_given_one_stays(graphql):
    texts = [("Installing", ""), ("Installing", ""), ("First steps", "installing"), ("?", ""), ("?", "")]
    body = [raw("heading", text=text, level="2", anchor=anchor) for text, anchor in texts]
    found = [each["anchor"] for each in body_of(graphql, body, "... on HeadingBlock { anchor }")]
    assert found == ["installing-2", "installing-3", "installing", "section", "section-2"]


@pytest.mark.parametrize(
    ("own", "decorative", "alt"),
    [("", False, "A terminal, all tests green"), ("Another text", False, "Another text"), ("", True, "")],
)
def test_a_picture_answers_with_the_one_text_that_holds(graphql, own, decorative, alt):
    picture = {"image": factories.CustomImageFactory().pk, "alt": own, "decorative": decorative}
    body = [raw("image", **picture), raw("gallery", images=[picture, picture])]
    image, gallery = body_of(graphql, body, "... on ImageBlock { alt } ... on GalleryBlock { images { alt } }")
    assert image == {"alt": alt}
    assert gallery == {"images": [{"alt": alt}] * 2}


def test_a_gallery_leaves_out_what_is_not_public(graphql):
    public, private = factories.CustomImageFactory(), factories.CustomImageFactory()
    with changes():
        private.collection = Collection.get_first_root_node().add_child(name="Private")
        private.save()
        CollectionViewRestriction.objects.create(collection=private.collection, restriction_type="login")
    body = [raw("gallery", images=[{"image": public.pk}, {"image": private.pk, "alt": "Secret"}])]
    (gallery,) = body_of(graphql, body, "... on GalleryBlock { images { alt image { id } } }")
    assert gallery == {"images": [{"alt": public.alt, "image": {"id": f"image:{public.pk}"}}]}


def test_highlighted_lines_are_those_that_the_listing_has(graphql):
    body = [raw("code", language="python", code="a\nb\nc\n", highlighted_lines="2-9,1,nonsense")]
    assert body_of(graphql, body, "... on CodeBlock { highlightedLines }") == [{"highlightedLines": [1, 2, 3]}]


FACTS = "... on FactBlock { note tool { name } fact { display attribute { label } } } "
FACTS += "... on RichTextBlock { content { html text } }"


def with_facts(fact, **values):
    words = f'<p>It is <b><a linktype="fact" id="{fact.pk}">what an editor saw</a></b>, they say.</p>'
    body = [raw("fact", fact=fact.pk, note="Why"), raw("rich_text", content=words)]
    return factories.ArticlePageFactory(body=body, **values)


def licence(value="MIT", **values):
    attribute = factories.AttributeFactory(label="Licence", data_type="text", source_required=False)
    return factories.FactFactory(attribute=attribute, value=value, **values)


def publish(fact, **values):
    with changes():
        for name, value in values.items():
            setattr(fact, name, value)
        fact.save_revision().publish()


def test_a_fact_edited_once_changes_every_article_that_shows_it(graphql):
    fact = licence(tool=factories.ToolPageFactory(title="Django"))
    article = with_facts(fact)
    for value in ("MIT", "BSD <3>"):
        publish(fact, value=value)
        block, text = ask(graphql, article, FACTS)
        shown = value.replace("<", "&lt;").replace(">", "&gt;")
        assert block["fact"] == {"display": value, "attribute": {"label": "Licence"}}
        assert block["tool"] == {"name": "Django"}
        html = f'<p>It is <b><data value="fact:{fact.pk}">{shown}</data></b>, they say.</p>'
        assert text["content"] == {"html": html, "text": f"It is {value}, they say."}


def test_a_draft_of_a_fact_shows_nowhere(graphql):
    fact = licence()
    article = with_facts(fact)
    fact.value = "Secret"
    fact.save_revision()
    block, text = ask(graphql, article, FACTS)
    assert block["fact"]["display"] == "MIT"
    assert text["content"]["text"] == "It is MIT, they say."


NOTHING = [
    {"note": "Why", "tool": None, "fact": None},
    {"content": {"html": "<p>It is <b>unknown</b>, they say.</p>", "text": "It is unknown, they say."}},
]


def never_published(fact):
    pass


def unpublished(fact):
    fact.tool.unpublish()


def deleted(fact):
    fact.delete()


@pytest.mark.parametrize("take_away", [never_published, unpublished, deleted])
def test_a_fact_that_is_not_public_tells_nothing_not_even_what_an_editor_saw(graphql, take_away):
    fact = licence("Secret", live=take_away is not never_published)
    article = with_facts(fact)
    with changes():
        take_away(fact)
    assert ask(graphql, article, FACTS) == NOTHING
    assert drifting(list(all_keys())) == []


def test_a_fact_that_moves_to_another_tool_shows_with_that_tool(graphql):
    fact, other = licence(), factories.ToolPageFactory(title="Flask")
    article = with_facts(fact)
    publish(fact, tool=other)
    block, _ = ask(graphql, article, FACTS)
    assert block["tool"] == {"name": "Flask"}
    assert drifting(list(all_keys())) == []


def test_where_a_fact_shows_is_told(graphql):
    fact = licence(tool=factories.ToolPageFactory(title="Django"))
    comparison = factories.ComparisonPageFactory(title="Two", tools=[fact.tool], attributes=[fact.attribute])
    block, text = [raw("fact", fact=fact.pk)], [raw("rich_text", content=f'<a linktype="fact" id="{fact.pk}">x</a>')]
    for title, body in [("Block", block), ("Inline", text), ("Matrix", [raw("comparison", comparison=comparison.pk)])]:
        factories.ArticlePageFactory(title=title, body=body)
    assert [use.title for use in uses_of(fact).pages] == ["Block", "Django", "Inline", "Matrix", "Two"]
    assert [use.title for use in uses_of(fact.tool).pages] == ["Block", "Inline", "Matrix", "Two"]


def test_a_list_by_filter_follows_what_is_published(graphql):
    category = factories.CategoryFactory()
    first = factories.ToolPageFactory(title="Flask", categories=[category])
    factories.ToolPageFactory(title="Celery", categories=[category], lifecycle="maintenance")
    factories.ToolPageFactory(title="Draft", categories=[category], live=False)
    chosen = factories.ToolPageFactory(title="Bottle")
    elsewhere = factories.tree("other.example").tools
    factories.ToolPageFactory(title="Elsewhere", categories=[category], parent=elsewhere)
    body = [
        raw("tool_list", category=category.pk),
        raw("tool_list", category=category.pk, lifecycle="active"),
        raw("tool_list", lifecycle="maintenance"),
        raw("tool_list", tools=[first.pk, chosen.pk]),
        raw("tool_list"),
    ]
    article = factories.ArticlePageFactory(title="Lists", body=body)

    def names():
        return [
            [tool["name"] for tool in each["tools"]]
            for each in ask(graphql, article, "... on ToolListBlock { tools { name } }")
        ]

    assert names() == [["Celery", "Flask"], ["Flask"], ["Celery"], ["Flask", "Bottle"], []]
    assert "Lists" in [use.title for use in uses_of(first).pages]
    with changes():
        first.unpublish()
    assert names() == [["Celery"], [], ["Celery"], ["Bottle"], []]


def test_links_lead_to_public_pages_or_web_addresses_only(graphql):
    public, draft = factories.ToolPageFactory(slug="flask"), factories.ToolPageFactory(live=False)
    links = [{"page": public.pk}, {"page": draft.pk}, {"url": "https://a.example/"}, {"url": "javascript:alert(1)"}]
    body = [
        raw("resources", resources=[{"title": "T", "kind": "book", **link} for link in links]),
        raw("steps", steps=[{"title": "T", **link} for link in links]),
        raw("related", pages=[{"page": page.pk, "why": "Because"} for page in (public, draft)]),
        *[raw("call_to_action", text="T", label="L", **link) for link in links],
        raw("quote", text="T", source_url="javascript:alert(1)"),
        raw("embed", title="T", address="https://evil.example/watch", transcript_url="data:text/html,x"),
    ]
    fields = """... on ResourcesBlock { resources { href } } ... on StepsBlock { steps { href } }
      ... on RelatedBlock { pages { why page { path } } } ... on CallToActionBlock { href }
      ... on QuoteBlock { sourceUrl } ... on EmbedBlock { address provider transcriptUrl }"""
    shown = ["/tools/flask/", None, "https://a.example/", None]
    assert body_of(graphql, body, fields) == [
        {"resources": [{"href": href} for href in shown if href]},
        {"steps": [{"href": href} for href in shown]},
        {"pages": [{"why": "Because", "page": {"path": "/tools/flask/"}}]},
        *[{"href": href} for href in shown],
        {"sourceUrl": None},
        {"address": "", "provider": "", "transcriptUrl": None},
    ]


def test_formatted_text_that_was_not_written_is_null(graphql):
    body = [
        raw("verdict", statement="T"),
        raw("steps", steps=[{"title": "T"}]),
        raw("embed", title="T", address="https://vimeo.com/1", transcript_url="https://a.example/"),
    ]
    fields = """... on VerdictBlock { reasoning { html } } ... on StepsBlock { steps { content { html } } }
      ... on EmbedBlock { transcript { html } }"""
    assert body_of(graphql, body, fields) == [
        {"reasoning": None},
        {"steps": [{"content": None}]},
        {"transcript": None},
    ]


def test_reading_time_counts_what_readers_read(graphql):
    long = " ".join(["word"] * 238)
    picture = {"image": factories.CustomImageFactory().pk, "alt": "word " * 40}
    unread = [
        raw("image", **picture),
        raw("embed", title="One", address="https://vimeo.com/1", transcript=f"<p>{long}</p>"),
        raw("resources", resources=[{"title": "Two", "url": "https://a.example/"}]),
    ]
    read = [raw("steps", steps=[{"title": "Three", "content": f"<p>{long}</p>"}]), raw("checklist", points=[long])]
    for body, minutes in [(unread, 1), (read, 3)]:
        article = factories.ArticlePageFactory(body=body)
        answer = graphql("query ($s: String!) { article(slug: $s) { readingMinutes } }", {"s": article.slug})
        assert answer["data"] == {"article": {"readingMinutes": minutes}}


@pytest.mark.parametrize(
    ("language", "text", "minutes"),
    [
        ("en", "word " * 238, 1),
        ("en", "word " * 239, 2),
        ("de", "Wort " * 186, 1),
        ("de", "Wort " * 187, 2),
        ("pt-BR", "palavra " * 189, 2),
        ("xx", "word " * 238, 1),
        ("zh-Hans", "字" * 266, 1),
        ("zh-Hans", "字" * 267, 2),
        ("ja", "かな漢字" * 93, 1),
        ("ja", "かな漢字" * 94, 2),
        ("ja", "漢字と words " * 100, 2),
        ("ko", "낱말 " * 239, 2),
    ],
)
def test_reading_time_follows_the_language(language, text, minutes):
    assert reading_minutes(stream([raw("lead", text=text)]), language) == minutes


def test_reading_time_counts_the_names_in_a_listing():
    assert reading_minutes(stream([raw("code", code="a.b(c);" * 80)]), "en") == 2


def test_an_article_is_read_in_its_own_language(graphql):
    german, _ = Locale.objects.get_or_create(language_code="de")
    front = factories.tree().home.copy_for_translation(german)
    front.save_revision().publish()
    article = factories.ArticlePageFactory(parent=front, locale=german, body=[raw("lead", text="Wort " * 187)])
    query = "query ($id: ID!) { node(id: $id) { ... on Article { readingMinutes } } }"
    assert graphql(query, {"id": f"page:{article.pk}"})["data"] == {"node": {"readingMinutes": 2}}


def stream(body):
    return BodyBlock().to_python([{"type": name, "value": dict(value)} for name, value in body])


def test_a_row_built_before_a_field_was_declared_answers_with_nothing_there(graphql):
    image = factories.CustomImageFactory()
    article = factories.ArticlePageFactory(body=[raw("image", image=image.pk), raw("code", code="x"), raw("verdict")])
    content = Document.objects.get(key=f"page:{article.pk}", valid_to=None).content
    for block in content.body["_body"]:
        for name in block.keys() - {"~", "id", "_image"}:
            del block[name]
    content.save()
    fields = """... on ImageBlock { alt caption } ... on CodeBlock { highlightedLines language }
      ... on VerdictBlock { statement tool { name } reasoning { html } }"""
    assert ask(graphql, article, fields) == [
        {"alt": image.alt, "caption": None},
        {"highlightedLines": [], "language": ""},
        {"statement": "", "tool": None, "reasoning": None},
    ]


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("count", [1, 4])
def test_every_block_together_costs_the_same_however_many_there_are(graphql, settings, count):
    settings.MAX_QUERY_COST = 10**6
    body = factories.every_block() * count
    for _ in range(count):
        tool = factories.ToolPageFactory(categories=[factories.CategoryFactory()])
        facts = [licence(tool=tool) for _ in range(count)]
        body += [raw("fact", fact=fact.pk) for fact in facts]
        body += [raw("rich_text", content=f'<p><a linktype="fact" id="{fact.pk}">x</a></p>') for fact in facts]
        body += [raw("tool_list", category=tool.categories.first().pk), raw("tool_list", lifecycle="active")]
    article = factories.ArticlePageFactory(body=body)
    graphql(every_block_query(), {"slug": article.slug})
    with CaptureQueriesContext(connection) as captured:
        assert "errors" not in graphql(every_block_query(), {"slug": article.slug})
    # Generation, article, what it refers to, facts by the tools that hold them, tools by shelf; and what those refer to.
    # Pages stand in three of these, and what is below them is looked up for each.
    assert len(captured) == 10 + 3
