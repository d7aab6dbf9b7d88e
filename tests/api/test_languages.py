"""A second language and a second site: each answers for itself, and nothing appears in the wrong one."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import Locale, Site
from wagtail.test.utils.form_data import querydict_from_html

from api.documents.models import Document
from content.changes import changes
from content.models.article import ArticlePage
from content.models.category import Category
from content.models.comparison import ComparisonPage
from content.models.fact import Fact
from content.models.topic import Topic
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def german(settings):
    settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES = [("en", "English"), ("de", "German")]
    return Locale.objects.create(language_code="de")


def translated(page, locale, **values):
    """The published translation of a page, its parents' included."""
    page.refresh_from_db()
    with changes():
        copy = page.copy_for_translation(locale, copy_parents=True)
        copy = copy.specific
        for name, value in values.items():
            setattr(copy, name, value)
        for parent in copy.get_ancestors().filter(locale=locale, alias_of__isnull=False):
            parent.specific.save_revision()
        copy.save_revision().publish()
    return type(copy).objects.get(pk=copy.pk)


def what_pages_say():
    return set(Document.objects.filter(key__startswith="page:").values_list("content", flat=True))


def tree_in(locale):
    """The default tree's pages in another language, published."""
    tree = factories.tree()
    pages = [translated(page, locale) for page in (tree.home, tree.articles, tree.tools, tree.comparisons)]
    return pages


def test_another_language_stands_below_its_code(graphql, german):
    home, articles, *_ = tree_in(german)
    article = factories.ArticlePageFactory(slug="one", title="One")
    other = translated(article, german, title="Eins", slug="eins")
    assert home.full_url == "http://127.0.0.1:4321/de/"
    assert other.full_url == "http://127.0.0.1:4321/de/articles/eins/"
    ask = "query ($path: String!, $locale: String) { page(path: $path, locale: $locale) { title locale path breadcrumbs { path } } }"
    expected = {
        "title": "Eins",
        "locale": "de",
        "path": "/de/articles/eins/",
        "breadcrumbs": [{"path": "/de/"}, {"path": "/de/articles/"}],
    }
    assert graphql(ask, {"path": "/de/articles/eins/"})["data"]["page"] == expected
    assert graphql(ask, {"path": "/articles/eins/", "locale": "de"})["data"]["page"] == expected
    assert graphql(ask, {"path": "/articles/eins/"})["data"] == {"page": None}
    assert graphql(ask, {"path": "/articles/one/"})["data"]["page"]["title"] == "One"


def test_lists_are_in_one_language(graphql, german):
    tree_in(german)
    article = factories.ArticlePageFactory(slug="one", title="One")
    translated(article, german, title="Eins")
    ask = "query ($locale: String) { articles(locale: $locale) { totalCount nodes { title } } pages(locale: $locale) { nodes { locale } } }"
    for locale, title in ((None, "One"), ("en", "One"), ("de", "Eins")):
        data = graphql(ask, {"locale": locale})["data"]
        assert data["articles"] == {"totalCount": 1, "nodes": [{"title": title}]}
        assert {node["locale"] for node in data["pages"]["nodes"]} == {locale or "en"}


def test_translations_lead_to_each_other_across_sites(graphql, german):
    tree_in(german)
    article = factories.ArticlePageFactory(slug="one", title="One")
    other = translated(article, german, title="Eins", slug="eins")
    ask = "query ($id: ID!) { node(id: $id) { ... on Article { translations { locale path url title } } } }"

    def links(page):
        return graphql(ask, {"id": f"page:{page.pk}"})["data"]["node"]["translations"]

    english = {"locale": "en", "path": "/articles/one/", "url": "http://127.0.0.1:4321/articles/one/", "title": "One"}
    assert links(other) == [english]
    here = {
        "locale": "de",
        "path": "/de/articles/eins/",
        "url": "http://127.0.0.1:4321/de/articles/eins/",
        "title": "Eins",
    }
    assert links(article) == [here]

    # The German tree becomes a site of its own: its paths lose the mark, and the links lead there.
    home = factories.tree().home.get_translation(german)
    said = what_pages_say()
    with changes():
        Site.objects.create(hostname="de.example", port=443, root_page=home, site_name="Werkzeug")
    assert what_pages_say() == said, "no page was built"
    there = {"locale": "de", "path": "/articles/eins/", "url": "https://de.example/articles/eins/", "title": "Eins"}
    assert links(article) == [there]
    assert links(other) == [english]
    assert graphql('{ article(slug: "eins", site: "de.example") { title } }')["data"] == {"article": {"title": "Eins"}}
    locales = '{ a: site { locales } b: site(site: "de.example") { locales url } }'
    assert graphql(locales)["data"] == {"a": {"locales": ["en"]}, "b": {"locales": ["de"], "url": "https://de.example"}}


def test_topics_and_categories_are_those_of_the_language(graphql, german):
    factories.tree()
    factories.TopicFactory(name="Data")
    factories.TopicFactory(name="Daten", slug="data", locale=german)
    factories.CategoryFactory(name="Queue")
    factories.CategoryFactory(name="Warteschlange", slug="queue", locale=german)
    factories.PersonFactory(name="Ada", slug="ada")
    ask = """query ($locale: String) {
      topics(locale: $locale) { nodes { name locale } } topic(slug: "data", locale: $locale) { name }
      categories(locale: $locale) { nodes { name } } category(slug: "queue", locale: $locale) { name }
      people(locale: $locale) { nodes { name } } person(slug: "ada", locale: $locale) { name }
    }"""
    people = {"people": {"nodes": [{"name": "Ada"}]}, "person": {"name": "Ada"}}
    for locale, topic, category in (("en", "Data", "Queue"), ("de", "Daten", "Warteschlange")):
        assert graphql(ask, {"locale": locale})["data"] == {
            "topics": {"nodes": [{"name": topic, "locale": locale}]},
            "topic": {"name": topic},
            "categories": {"nodes": [{"name": category}]},
            "category": {"name": category},
            **people,
        }
    assert graphql(ask, {"locale": "xx"})["data"]["topics"] == {"nodes": []}
    assert graphql(
        '{ topics(site: "nobody.example") { nodes { name } } topic(slug: "data", site: "nobody.example") { name } }'
    )["data"] == {"topics": {"nodes": []}, "topic": None}


def test_the_site_of_a_language_takes_its_topics(graphql, german):
    tree_in(german)
    factories.TopicFactory(name="Data", slug="data")
    factories.TopicFactory(name="Daten", slug="data", locale=german)
    with changes():
        Site.objects.create(hostname="de.example", port=443, root_page=factories.tree().home.get_translation(german))
    ask = '{ topics(site: "de.example") { nodes { name } } topic(slug: "data", site: "de.example") { name } }'
    assert graphql(ask)["data"] == {"topics": {"nodes": [{"name": "Daten"}]}, "topic": {"name": "Daten"}}


def test_menus_and_announcements_are_in_the_language_asked_for(graphql, german):
    home, articles, *_ = tree_in(german)
    site = factories.tree().site
    factories.MenuFactory(site=site, pages=[factories.tree().articles])
    factories.AnnouncementFactory(text="Closed on Friday")
    factories.AnnouncementFactory(text="Freitag geschlossen", locale=german)
    ask = "query ($locale: String) { site(locale: $locale) { locale announcement navigation { path } } }"
    english = {"locale": "en", "announcement": "Closed on Friday", "navigation": [{"path": "/articles/"}]}
    assert graphql(ask)["data"]["site"] == english
    assert graphql(ask, {"locale": "fr"})["data"]["site"] == english, "one that the site is not published in"
    german_ = {"locale": "de", "announcement": "Freitag geschlossen", "navigation": []}
    assert graphql(ask, {"locale": "de"})["data"]["site"] == german_
    articles.show_in_menus = True
    with changes():
        articles.save_revision().publish()
    marked = {**german_, "navigation": [{"path": "/de/articles/"}]}
    assert graphql(ask, {"locale": "de"})["data"]["site"] == marked, "pages marked for menus, in their own language"
    factories.MenuFactory(site=site, locale=german, pages=[home])
    assert graphql(ask, {"locale": "de"})["data"]["site"]["navigation"] == [{"path": "/de/"}]


def test_a_fact_is_the_same_in_every_language(graphql, german):
    tree_in(german)
    tool = factories.ToolPageFactory(title="Django", slug="django")
    fact = factories.FactFactory(tool=tool, attribute=factories.AttributeFactory(key="typed"), state="no")
    translated(tool, german)
    ask = '{ tool(slug: "django", locale: "de") { facts { state } } tools(locale: "de", filter: {facts: [{attribute: "typed"}]}) { totalCount } }'
    assert graphql(ask)["data"] == {"tool": {"facts": [{"state": "NO"}]}, "tools": {"totalCount": 1}}
    fact.state = "yes"
    with changes():
        fact.save_revision().publish()
    assert graphql(ask)["data"]["tool"] == {"facts": [{"state": "YES"}]}


@pytest.mark.parametrize("changed", ["attribute", "group", "source"])
def test_what_a_fact_shows_is_up_to_date_in_every_language(graphql, german, changed):
    tree_in(german)
    tool = factories.ToolPageFactory(title="Django", slug="django")
    group = factories.AttributeGroupFactory()
    attribute = factories.AttributeFactory(key="typed", ttl_days=10, group=group)
    source = factories.SourceFactory()
    factories.FactFactory(tool=tool, attribute=attribute, state="yes", sources=[source])
    translated(tool, german)
    ask = '{ tool(slug: "django", locale: "LOCALE") { facts { staleOn sources { title } attribute { group } } } }'
    attribute.ttl_days = 20
    group.label = source.title = "Renamed"
    with changes():
        {"attribute": attribute, "group": group, "source": source}[changed].save()
    english, in_german = (graphql(ask.replace("LOCALE", locale))["data"]["tool"] for locale in ("en", "de"))
    assert in_german == english
    call_command("verify_documents", stdout=StringIO())


# Translating in the admin


def submit(client, kind, *args, locale):
    return client.post(reverse(f"simple_translation:submit_{kind}_translation", args=args), {"locales": [locale.pk]})


def test_an_editor_translates_an_article_with_its_topics(admin_client, graphql, german):
    tree_in(german)
    data, jobs = factories.TopicFactory(name="Data"), factories.TopicFactory(name="Jobs")
    with changes():
        daten = data.copy_for_translation(german)
        daten.name = "Daten"
        daten.save()
        daten.save_revision().publish()
    article = factories.ArticlePageFactory(slug="one", topics=[data, jobs])
    assert submit(admin_client, "page", article.pk, locale=german).status_code == 302
    copy = ArticlePage.objects.get(locale=german)
    assert (copy.live, [row.topic for row in copy.article_topics.all()]) == (False, [daten]), (
        "a topic without a translation is left off"
    )
    draft = copy.get_latest_revision_as_object()
    assert [row.topic.name for row in draft.article_topics.all()] == ["Daten"]
    assert graphql('{ articles(locale: "de") { totalCount } }')["data"]["articles"]["totalCount"] == 0


def test_a_translated_comparison_compares_the_translated_tools_where_there_are_any(admin_client, german):
    tree_in(german)
    one, two = factories.ToolPageFactory(), factories.ToolPageFactory()
    eins = translated(one, german)
    comparison = factories.ComparisonPageFactory(tools=[one, two])
    assert submit(admin_client, "page", comparison.pk, locale=german).status_code == 302
    copy = ComparisonPage.objects.get(locale=german)
    assert [row.tool for row in copy.comparison_tools.all()] == [eins, two]
    original = ComparisonPage.objects.get(pk=comparison.pk)
    assert [row.tool for row in original.comparison_tools.all()] == [one, two]


def test_a_translated_snippet_is_a_draft_until_it_is_published(admin_client, graphql, german):
    web = factories.CategoryFactory(name="Web")
    api = factories.CategoryFactory(name="API", parent=web)
    for category in (web, api):
        assert submit(admin_client, "snippet", "content", "category", category.pk, locale=german).status_code == 302
    copies = Category.objects.filter(locale=german)
    assert [(copy.slug, copy.live, copy.depth) for copy in copies] == [("web", False, 0), ("api", False, 1)]
    assert copies[1].parent == copies[0]
    assert not Document.objects.filter(type="Category", locale="de").exists()
    assert graphql('{ category(slug: "web") { name } }')["data"] == {"category": {"name": "Web"}}


def test_languages_are_added_and_lists_are_narrowed_to_one(admin_client, german):
    factories.TopicFactory(name="Data about data")
    factories.TopicFactory(name="Daten über Daten", locale=german)
    assert admin_client.get(reverse("wagtaillocales:index")).status_code == 200
    listing = reverse("wagtailsnippets_content_topic:list")
    chooser = Topic.snippet_viewset.chooser_viewset.get_url_name("choose_results")
    for address in (listing, reverse(chooser)):
        html = admin_client.get(address, {"locale": "de", "q": "da"}).content.decode()
        assert ("Data about data" in html, "Daten über Daten" in html) == (False, True)


def test_a_slug_is_unique_in_its_language(admin_client, german):
    factories.TopicFactory(name="Data", slug="data")
    add = reverse("wagtailsnippets_content_topic:add")
    form = {"name": "Daten", "slug": "data", "description": "", "action-publish": "on"}
    response = admin_client.post(add, form)
    message = "Another topic in this language has this slug. Choose another one."
    assert response.context["form"].errors == {"slug": [message]}
    assert admin_client.post(f"{add}?locale=de", form).status_code == 302
    assert Topic.objects.filter(slug="data").count() == 2


def test_another_code_of_a_language_reaches_everything_written_in_it(graphql, german):
    tree_in(german)
    factories.TopicFactory(name="Daten", locale=german)
    german.language_code = "de-at"
    said = what_pages_say()
    with changes():
        german.save()
    assert what_pages_say() == said, "no page was built"
    ask = '{ topics(locale: "de-at") { nodes { name } } page(path: "/de-at/") { locale } }'
    assert graphql(ask)["data"] == {"topics": {"nodes": [{"name": "Daten"}]}, "page": {"locale": "de-at"}}


FACTS = "query ($id: ID!) { node(id: $id) { ... on Tool { facts { display attribute { label } } } } }"


def row_of(client, tool, key):
    """What the form of one row of the tool's grid would send."""
    html = client.get(reverse("content_facts_grid", args=[tool.pk])).content.decode()
    form = querydict_from_html(html, form_id=key)
    return {name: values if name == "sources" else values[0] for name, values in form.lists()}, html


def save_row(client, tool, data):
    address = reverse("content_facts_row", args=[tool.pk])
    return client.post(address, {**data, "action": "publish"}, headers={"X-Requested-With": "XMLHttpRequest"})


def test_the_grid_of_each_language_shows_the_facts_that_the_api_shows(graphql, german, admin_client):
    tree_in(german)
    tool = factories.ToolPageFactory(title="Django")
    licence = factories.AttributeFactory(label="Licence", data_type="text")
    fact = factories.FactFactory(tool=tool, attribute=licence, value="BSD")
    source = factories.SourceFactory()
    other = translated(tool, german, title="Django auf Deutsch")

    data, html = row_of(admin_client, other, f"fact-{fact.pk}")
    assert "Kept with “Django” (English)" in html
    saved = save_row(admin_client, other, data | {"value": "MIT", "sources": [source.pk]})
    assert saved.status_code == 200
    assert "Kept with “Django” (English)" in saved.content.decode()
    assert f'action="{reverse("content_facts_row", args=[other.pk])}"' in saved.content.decode()
    assert "Kept with" not in row_of(admin_client, tool, f"fact-{fact.pk}")[1]
    expected = {"facts": [{"display": "MIT", "attribute": {"label": "Licence"}}]}
    for page in (tool, other):
        assert graphql(FACTS, {"id": f"page:{page.pk}"})["data"]["node"] == expected
    assert [each.value for each in Fact.objects.all()] == ["MIT"]


def test_a_fact_recorded_from_a_translation_is_kept_with_the_original(graphql, german, admin_client):
    tree_in(german)
    tool = factories.ToolPageFactory(title="Django")
    licence = factories.AttributeFactory(label="Licence", data_type="text", source_required=False)
    other = translated(tool, german)
    data, html = row_of(admin_client, other, f"attribute-{licence.pk}")
    assert "Kept with “Django” (English)" in html
    assert save_row(admin_client, other, data | {"state": "yes", "value": "BSD"}).status_code == 200
    assert Fact.objects.get().tool == tool
    for page in (tool, other):
        facts = graphql(FACTS, {"id": f"page:{page.pk}"})["data"]["node"]["facts"]
        assert facts == [{"display": "BSD", "attribute": {"label": "Licence"}}]


def test_the_second_language_gets_no_second_answer(german, admin_client):
    tree_in(german)
    tool = factories.ToolPageFactory()
    other = translated(tool, german)
    licence = factories.AttributeFactory(data_type="text", source_required=False)
    factories.FactFactory(tool=other, attribute=licence, value="BSD")
    typed = {"attribute": licence.pk, "another": licence.pk, "state": "yes", "value": "MIT", "token": ""}
    refused = save_row(admin_client, tool, typed)
    assert refused.status_code == 422
    assert "This tool has such a fact in another language already. Edit that one." in refused.content.decode()
    assert [each.value for each in Fact.objects.all()] == ["BSD"]
    assert save_row(admin_client, tool, typed | {"qualifier": "Enterprise"}).status_code == 200
    with pytest.raises(ValidationError, match="in another language already") as refusal:
        Fact(tool=tool, attribute=licence, state="yes", value="MIT").full_clean()
    assert list(refusal.value.message_dict) == ["qualifier"], "the form of a fact and the upload show it there"
    Fact.objects.get(tool=other).full_clean()


def test_a_line_of_an_upload_is_about_the_tool_in_every_language(german, admin_client):
    tree_in(german)
    tool = factories.ToolPageFactory(title="Django", slug="django")
    other = translated(tool, german)
    licence = factories.AttributeFactory(key="licence", data_type="text", source_required=False)
    kept = factories.FactFactory(tool=other, attribute=licence, value="MIT")
    lines = b"tool,attribute,state,value,qualifier\ndjango,licence,yes,BSD,\n/tools/django/,licence,yes,GPL,Core\n"
    address = reverse("content_facts_upload")
    shown = admin_client.post(address, {"file": SimpleUploadedFile("facts.csv", lines), "publish": "yes"})
    assert [(each.kind, each.errors) for each in shown.context["plan"].outcomes] == [("changed", []), ("new", [])]
    assert admin_client.post(address, {"confirmed": shown.context["confirmed"]}).status_code == 302
    facts = Fact.objects.order_by("pk").values_list("tool", "value", "qualifier")
    assert list(facts) == [(other.pk, "BSD", ""), (tool.pk, "GPL", "Core")]
    assert kept.pk == Fact.objects.get(value="BSD").pk


def test_facts_of_all_languages_stand_in_the_order_of_their_attributes(graphql, german):
    tree_in(german)
    tool = factories.ToolPageFactory()
    other = translated(tool, german)
    first, second = (factories.AttributeFactory(label=label, sort_order=order) for order, label in enumerate("ab"))
    factories.FactFactory(tool=tool, attribute=second)
    factories.FactFactory(tool=other, attribute=first)
    facts = graphql(FACTS, {"id": f"page:{tool.pk}"})["data"]["node"]["facts"]
    assert [fact["attribute"]["label"] for fact in facts] == ["a", "b"]


def test_the_grid_names_the_pages_of_every_language_that_a_fact_changes(german, admin_client):
    tree_in(german)
    licence = factories.AttributeFactory(data_type="text")
    tools = factories.ToolPageFactory(), factories.ToolPageFactory()
    factories.ComparisonPageFactory(title="Frameworks", tools=tools, attributes=[licence])
    other = translated(tools[0], german)
    factories.ComparisonPageFactory(
        title="Rahmenwerke",
        parent=factories.tree().comparisons.get_translation(german),
        tools=[other, translated(tools[1], german)],
        attributes=[licence],
    )
    for tool in (tools[0], other):
        assert 'data-uses="Frameworks, Rahmenwerke"' in row_of(admin_client, tool, f"attribute-{licence.pk}")[1]
