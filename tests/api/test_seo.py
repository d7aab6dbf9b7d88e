"""What search engines and social networks are told of a page."""

import json

import pytest
from wagtail.models import Locale

from content.changes import changes
from content.models.site_settings import PublicationSettings
from tests import factories
from tests.api.sql import queries
from tests.api.test_languages import translated, tree_in
from tests.api.test_sql_counts import content
from tests.schema_org import misfits

pytestmark = pytest.mark.django_db

SEO = "seo { canonicalUrl alternates { hreflang url } openGraph { property content } jsonLd }"
ARTICLE = f'{{ article(slug: "one") {{ {SEO} }} }}'


@pytest.fixture
def german(settings):
    settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES = [("en", "English"), ("de", "German")]
    return Locale.objects.create(language_code="de")


def seo(graphql, query=ARTICLE):
    (found,) = graphql(query)["data"].values()
    return found["seo"]


def properties(found):
    return [(each["property"], each["content"]) for each in found["openGraph"]]


def test_an_article_is_shared_with_everything_that_the_protocol_knows(graphql, settings):
    picture = factories.CustomImageFactory(alt="A shelf")
    ada, joan = factories.PersonFactory(name="Ada", slug="ada"), factories.PersonFactory(name="Joan", slug="joan")
    article = factories.ArticlePageFactory(
        title="One",
        slug="one",
        dek="In short.",
        hero=picture,
        authors=[ada, joan],
        topics=[factories.TopicFactory(name="Data"), factories.TopicFactory(name="Web")],
    )
    article.refresh_from_db()
    site = settings.FRONTEND_URL
    assert properties(seo(graphql)) == [
        ("og:title", "One"),
        ("og:description", "In short."),
        ("og:url", f"{site}/articles/one/"),
        ("og:site_name", graphql("{ site { name } }")["data"]["site"]["name"]),
        ("og:type", "article"),
        ("article:published_time", article.first_published_at.isoformat()),
        ("article:modified_time", article.last_published_at.isoformat()),
        ("article:author", f"{site}/people/ada/"),
        ("article:author", f"{site}/people/joan/"),
        ("article:tag", "Data"),
        ("article:tag", "Web"),
        ("og:image", f"{settings.CMS_URL}{picture.file.url}"),
        ("og:image:width", str(picture.width)),
        ("og:image:height", str(picture.height)),
        ("og:image:alt", "A shelf"),
    ]


def test_the_picture_of_the_site_is_shared_where_a_page_has_none(graphql):
    tree = factories.tree()
    picture = factories.CustomImageFactory()
    with changes():
        PublicationSettings.objects.create(site=tree.site, social_image=picture)
    factories.StandardPageFactory(slug="about", parent=tree.home)
    found = dict(properties(seo(graphql, f'{{ page(path: "/about/") {{ {SEO} }} }}')))
    assert found["og:image"].endswith(picture.file.url)
    assert found["og:type"] == "website"
    factories.PersonFactory(slug="ada")
    assert ("og:type", "profile") in properties(seo(graphql, f'{{ person(slug: "ada") {{ {SEO} }} }}'))


def test_every_language_is_an_alternate_of_every_other_and_the_sites_own_is_the_default(graphql, german, settings):
    tree_in(german)
    article = factories.ArticlePageFactory(slug="one", title="One")
    site = settings.FRONTEND_URL
    assert seo(graphql)["alternates"] == []
    other = translated(article, german, title="Eins", slug="eins")
    alternates = [
        {"hreflang": "de", "url": f"{site}/de/articles/eins/"},
        {"hreflang": "en", "url": f"{site}/articles/one/"},
        {"hreflang": "x-default", "url": f"{site}/articles/one/"},
    ]
    assert seo(graphql)["alternates"] == alternates
    assert seo(graphql, f'{{ article(slug: "eins", locale: "de") {{ {SEO} }} }}')["alternates"] == alternates

    # Search engines follow alternates to pages that they may show only.
    with changes():
        other.noindex = True
        other.save_revision().publish()
    assert seo(graphql)["alternates"] == []
    with changes():
        other.noindex, other.canonical_address = False, "https://else.example/"
        other.save_revision().publish()
    assert seo(graphql)["alternates"] == []


def test_structured_data_says_what_a_page_is_and_how_one_comes_there(graphql, settings):
    tree = factories.tree()
    with changes():
        PublicationSettings.objects.create(site=tree.site, publisher="Acme")
    factories.ArticlePageFactory(title="One", slug="one")
    site = settings.FRONTEND_URL
    article, way = seo(graphql)["jsonLd"]["@graph"]
    assert article["publisher"] == {"@type": "Organization", "name": "Acme", "url": f"{site}/"}
    assert way["@type"] == "BreadcrumbList"
    assert [(each["position"], each["item"]) for each in way["itemListElement"]] == [
        (1, f"{site}/"),
        (2, f"{site}/articles/"),
        (3, f"{site}/articles/one/"),
    ]
    (home,) = seo(graphql, f'{{ page(path: "/") {{ {SEO} }} }}')["jsonLd"]["@graph"]
    assert (home["@type"], home["url"], home["publisher"]["name"]) == ("WebSite", f"{site}/", "Acme")


def test_it_takes_the_same_queries_for_many_pages(graphql):
    ask = f"{{ articles {{ nodes {{ {SEO} }} }} }}"
    factories.ArticlePageFactory(hero=factories.CustomImageFactory(), authors=[factories.PersonFactory()])
    one = queries(graphql, ask)
    for _ in range(3):
        factories.ArticlePageFactory(hero=factories.CustomImageFactory(), authors=[factories.PersonFactory()])
    assert queries(graphql, ask) == one


def test_structured_data_of_everything_fits_the_vocabulary_of_schema_org(graphql, tmp_path):
    variables, _ = content(2)
    tree = factories.tree()
    with changes():
        PublicationSettings.objects.create(
            site=tree.site, publisher="Acme", social_image=factories.CustomImageFactory()
        )
    asked = "id __typename ... on Page { seo { jsonLd } }"
    found = graphql(f"{{ pages(first: 100) {{ nodes {{ {asked} }} }} }}")["data"]["pages"]["nodes"]
    for kind in ("topics", "people"):
        found += graphql(f"{{ {kind} {{ nodes {{ __typename seo {{ jsonLd }} }} }} }}")["data"][kind]["nodes"]
    both = ", ".join(f'"{slug}"' for slug in [variables["tool"], factories.ToolPageFactory().slug])
    found.append(graphql(f"{{ compare(tools: [{both}]) {{ __typename seo {{ jsonLd }} }} }}")["data"]["compare"])
    assert {"Home", "Article", "Tool", "Comparison", "Topic", "Person", "ArticleIndex"} <= {
        each["__typename"] for each in found
    }
    graphs = [each["seo"]["jsonLd"] for each in found]
    kinds = {thing["@type"] for graph in graphs for thing in graph["@graph"]}
    assert {"Article", "SoftwareApplication", "ItemList", "BreadcrumbList", "Person", "WebSite"} <= kinds
    assert '"@type": "Organization"' in json.dumps(graphs)
    wrong = {"@context": "https://schema.org", "@graph": [{"@type": "Article", "headlines": "No such property."}]}
    complaints = misfits([*graphs, wrong], tmp_path)
    assert len(complaints) == 1, complaints
    assert "headlines" in complaints[0]
