"""A preview is the published world with one draft in it: whatever is asked, the draft stands in the place of what is
published, and nowhere else.
"""

import pytest

from content.changes import changes
from tests import factories
from tests.admin import snippet_address, snippet_form
from tests.api.test_preview import edited, previewed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _admin(settings):
    settings.FRONTEND_URL = "https://reader.example"
    settings.ADMIN_ORIGINS = ["http://testserver"]
    factories.tree()


@pytest.fixture
def worlds(graphql):
    """Asks in the published world and in a preview."""
    return lambda ask, token, **variables: [graphql(ask, variables, token=each)["data"] for each in (None, token)]


def text(words):
    return [("rich_text", {"content": f"<p>{words}</p>"})]


def row(page, name, **values):
    """The first of the rows inside a page, or a new one where there is none."""
    first = getattr(page, name).first()
    fields = {"id": first.pk if first else "", "ORDER": "1", **values}
    forms = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1 if first else 0}
    return {f"{name}-{key}": value for key, value in forms.items()} | {
        f"{name}-0-{key}": value for key, value in fields.items()
    }


SEARCH = """
query ($query: String!) {
  search(query: $query) {
    totalCount
    match
    types { type count }
    topics { topic { name } count }
    nodes { page { title } highlights }
  }
  suggestions(query: $query) { title }
}
"""


def test_search_counts_facets_and_suggestions(admin_client, worlds):
    queues, fruit = factories.TopicFactory(name="Queues"), factories.TopicFactory(name="Fruit")
    article = factories.ArticlePageFactory(title="On pears", body=text("Juicy pears."), topics=[queues])
    changed = {
        "title": "On apples",
        "body": [("heading", {"text": "Crisp apples", "level": "2"})],
        **row(article, "article_topics", topic=fruit.pk),
    }
    token = edited(admin_client, article, **changed)

    def found(query):
        published, draft = worlds(SEARCH, token, query=query)
        return published, draft

    nothing = {"totalCount": 0, "match": "EVERY_WORD", "types": [], "topics": [], "nodes": []}
    published, draft = found("crisp apples")
    assert published == {"search": nothing, "suggestions": []}
    assert draft["search"] == {
        "totalCount": 1,
        "match": "EVERY_WORD",
        "types": [{"type": "Article", "count": 1}],
        "topics": [{"topic": {"name": "Fruit"}, "count": 1}],
        "nodes": [{"page": {"title": "On apples"}, "highlights": ["<mark>Crisp</mark> <mark>apples</mark>"]}],
    }
    published, draft = found("juicy")
    assert (published["search"]["totalCount"], draft["search"]) == (1, nothing)
    suggested = [[each["title"] for each in world["suggestions"]] for query in ("app", "pea") for world in found(query)]
    assert suggested == [[], ["On apples"], ["On pears"], []]


def test_lists_filters_and_orders(admin_client, worlds):
    ada, bea = factories.PersonFactory(name="Ada"), factories.PersonFactory(name="Bea")
    article = factories.ArticlePageFactory(title="Middle", authors=[ada])
    factories.ArticlePageFactory(title="Lower", authors=[bea])
    token = edited(admin_client, article, title="Absolutely", **row(article, "article_authors", person=bea.pk))
    ask = (
        "query ($author: ID) { articles(filter: {author: $author}, order: TITLE_ASC) "
        "{ totalCount nodes { title authors { name } } } }"
    )

    def listed(author):
        return [
            [(each["title"], each["authors"][0]["name"]) for each in world["articles"]["nodes"]]
            for world in worlds(ask, token, author=author and f"person:{author.pk}")
        ]

    assert listed(None) == [[("Lower", "Bea"), ("Middle", "Ada")], [("Absolutely", "Bea"), ("Lower", "Bea")]]
    assert listed(ada) == [[("Middle", "Ada")], []]
    assert listed(bea) == [[("Lower", "Bea")], [("Absolutely", "Bea"), ("Lower", "Bea")]]


def test_navigation_breadcrumbs_and_children(admin_client, worlds):
    tree = factories.tree()
    tree.tools.show_in_menus = True
    with changes():
        tree.tools.save_revision().publish()
    factories.ToolPageFactory(title="Hammer", slug="hammer")
    token = edited(admin_client, tree.tools, title="The workshop")
    ask = (
        '{ site { navigation { label path } } tool(slug: "hammer") { breadcrumbs { title } } '
        'page(path: "/") { children { title } } }'
    )
    published, draft = worlds(ask, token)
    assert published["site"]["navigation"] == [{"label": "Tools", "path": "/tools/"}]
    assert draft["site"]["navigation"] == [{"label": "The workshop", "path": "/tools/"}]
    assert [each["tool"]["breadcrumbs"][-1]["title"] for each in (published, draft)] == ["Tools", "The workshop"]
    titles = [{each["title"] for each in world["page"]["children"]} for world in (published, draft)]
    assert titles[0] - titles[1] == {"Tools"}
    assert titles[1] - titles[0] == {"The workshop"}


def test_related_articles_and_links(admin_client, worlds):
    shared = factories.TopicFactory(name="Queues")
    draft = factories.ArticlePageFactory(title="Alone")
    link = f'<a linktype="page" id="{draft.pk}">there</a>'
    factories.ArticlePageFactory(title="Linking", slug="linking", topics=[shared], body=text(f"Read {link}."))
    token = edited(admin_client, draft, title="Together", slug="moved", **row(draft, "article_topics", topic=shared.pk))
    ask = (
        '{ article(slug: "linking") { related { page { title path } } '
        'body { ... on RichTextBlock { content { html } } } } moved: page(path: "/articles/moved/") { title } }'
    )
    published, seen = worlds(ask, token)
    assert published["article"]["related"] == []
    assert seen["article"]["related"] == [{"page": {"title": "Together", "path": "/articles/moved/"}}]
    assert '"/articles/moved/"' in seen["article"]["body"][0]["content"]["html"]
    assert (published["moved"], seen["moved"]) == (None, {"title": "Together"})


def test_a_renamed_topic_in_facets_and_bylines(admin_client, worlds):
    topic = factories.TopicFactory(name="Queues")
    factories.ArticlePageFactory(title="One thing", topics=[topic])
    form = snippet_form(admin_client, topic, name="Waiting lines")
    token = previewed(admin_client, snippet_address(topic, "preview_on_edit"), form)
    ask = (
        '{ search(query: "thing") { topics { topic { name } count } } topics { totalCount nodes { name } } '
        "articles { nodes { topics { name } } } }"
    )
    for world, name in zip(worlds(ask, token), ("Queues", "Waiting lines"), strict=True):
        assert world["search"]["topics"] == [{"topic": {"name": name}, "count": 1}]
        assert world["topics"] == {"totalCount": 1, "nodes": [{"name": name}]}
        assert world["articles"]["nodes"] == [{"topics": [{"name": name}]}]
