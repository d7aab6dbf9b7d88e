"""What every page type has in common in the admin, and the home page and standard pages."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from content.changes import changes
from content.models.home import HomePage
from content.models.standard_page import StandardPage
from tests import factories
from tests.admin import page_address, page_form

pytestmark = pytest.mark.django_db

HEADING = ("heading", {"text": "Why", "level": "2"})


def published(client, page, **changed):
    """The answer to publishing the page with some values changed."""
    return client.post(
        page_address(page), page_form(client, page, body=[HEADING], **changed) | {"action-publish": "on"}
    )


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/articles/elsewhere/", "Enter a valid URL."),
        ("ftp://example.org/article", "Enter the whole address of a page, with https:// at its beginning."),
        ("javascript:alert(1)", "Enter a valid URL."),
        (
            f"{settings.FRONTEND_URL}/articles/one",
            "This is the page's own address already. Leave it empty.",
        ),
    ],
)
def test_a_canonical_address_is_a_whole_one_elsewhere(admin_client, address, message):
    article = factories.ArticlePageFactory(slug="one")
    response = published(admin_client, article, canonical_address=address)
    assert response.context["form"].errors == {"canonical_address": [message]}
    article.refresh_from_db()
    assert article.canonical_address == ""


@pytest.mark.parametrize("address", ["https://example.org/first/", f"{settings.FRONTEND_URL}/articles/other/"])
def test_front_ends_tell_the_canonical_address(admin_client, graphql, address):
    article = factories.ArticlePageFactory(slug="one")
    ask = '{ article(slug: "one") { path seo { canonicalUrl } } }'
    own = f"{settings.FRONTEND_URL}/articles/one/"
    assert graphql(ask)["data"]["article"] == {"path": "/articles/one/", "seo": {"canonicalUrl": own}}
    assert published(admin_client, article, canonical_address=address).status_code == 302
    assert graphql(ask)["data"]["article"] == {"path": "/articles/one/", "seo": {"canonicalUrl": address}}


def test_the_home_page_features_pages_in_the_editors_order(admin_client, graphql):
    home = factories.tree().home
    pages = [factories.ToolPageFactory(title="B"), factories.StandardPageFactory(title="A")]
    hidden = factories.ArticlePageFactory(live=False)
    rows = [{"page": page.pk} for page in (pages[0], hidden, pages[1])]
    response = published(admin_client, home, **nested_form_data({"featured": inline_formset(rows)}))
    assert response.status_code == 302
    ask = '{ page(path: "/") { ... on Home { featured { __typename title } } } }'
    assert graphql(ask)["data"]["page"]["featured"] == [
        {"__typename": "Tool", "title": "B"},
        {"__typename": "StandardPage", "title": "A"},
    ]


def test_a_page_is_featured_once(admin_client):
    home, tool = factories.tree().home, factories.ToolPageFactory()
    rows = inline_formset([{"page": tool.pk}, {"page": tool.pk}])
    response = published(admin_client, home, **nested_form_data({"featured": rows}))
    assert response.context["form"].formsets["featured"].errors == [
        {},
        {"page": ["This page is featured above already."]},
    ]
    assert not HomePage.objects.get(pk=home.pk).featured.exists()


def test_standard_pages_stand_below_the_home_page_and_each_other(graphql):
    home = factories.tree().home
    about = factories.StandardPageFactory(title="About", slug="about", intro="Who we are.", parent=home)
    factories.StandardPageFactory(title="How we test", slug="tests", parent=about)
    ask = """{ resolve(path: "/about/tests/") { __typename ... on StandardPage { title intro breadcrumbs { title path }
      body { __typename } seo { description jsonLd } } } pages { nodes { path } } }"""
    found, site = graphql(ask)["data"], settings.FRONTEND_URL
    assert found["resolve"] == {
        "__typename": "StandardPage",
        "title": "How we test",
        "intro": "",
        "breadcrumbs": [{"title": "Toolshelf", "path": "/"}, {"title": "About", "path": "/about/"}],
        "body": [{"__typename": "HeadingBlock"}],
        "seo": {
            "description": "",
            "jsonLd": {
                "@context": "https://schema.org",
                "@graph": [
                    {"@type": "WebPage", "name": "How we test", "url": f"{site}/about/tests/"},
                    {
                        "@type": "BreadcrumbList",
                        "itemListElement": [
                            {"@type": "ListItem", "position": 1, "name": "Toolshelf", "item": f"{site}/"},
                            {"@type": "ListItem", "position": 2, "name": "About", "item": f"{site}/about/"},
                            {"@type": "ListItem", "position": 3, "name": "How we test", "item": f"{site}/about/tests/"},
                        ],
                    },
                ],
            },
        },
    }
    assert {"/about/", "/about/tests/"} <= {node["path"] for node in found["pages"]["nodes"]}
    assert StandardPage.allowed_parent_page_models() == [HomePage, StandardPage]
    assert StandardPage.allowed_subpage_models() == [StandardPage]


def asked(client, act):
    """How many queries it takes, the second time."""
    act(client)
    with CaptureQueriesContext(connection) as captured:
        act(client)
    return len(captured)


def filled(factory):
    """A page with one of everything that can be chosen on it."""
    tools, topic, use_case = (
        factories.ToolPageFactory.create_batch(2),
        factories.TopicFactory(),
        factories.UseCaseFactory(),
    )
    if factory is factories.ComparisonPageFactory:
        return factory(tools=tools, topics=[topic])
    if factory is factories.ToolPageFactory:
        return factory(use_cases=[use_case], vendor=factories.OrganizationFactory())
    choices = {"authors": [factories.PersonFactory()], "topics": [topic], "use_cases": [use_case], "tools": tools}
    return factory(**choices, sources=[factories.SourceFactory()], reviewer=factories.PersonFactory())


@pytest.mark.parametrize(
    "factory", [factories.ArticlePageFactory, factories.ToolPageFactory, factories.ComparisonPageFactory]
)
def test_editing_asks_the_same_however_much_there_is_to_choose_from(admin_client, factory):
    page = filled(factory)
    data = page_form(admin_client, page, body=[HEADING])

    def opened(client):
        assert client.get(page_address(page)).status_code == 200

    def saved(client):
        assert client.post(page_address(page), data).status_code == 302

    # Saved first: an editor's own revision is one more thing that the screen reads.
    few = asked(admin_client, saved), asked(admin_client, opened)
    with changes():
        index = factories.tree().tools
        for number in range(30):
            index.add_child(instance=factories.ToolPage(title=f"T{number}", tagline="One."))
            factories.Topic.objects.create(name=f"T{number}")
            factories.Person.objects.create(name=f"T{number}")
            factories.UseCase.objects.create(name=f"T{number}")
            factories.Organization.objects.create(name=f"T{number}")
    assert (asked(admin_client, saved), asked(admin_client, opened)) == few
