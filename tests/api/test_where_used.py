"""Which published pages look different, as the editor is told before it happens."""

from itertools import chain

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction

from api.documents import registry
from api.documents.codecs import stored_fields
from api.where_used import ASKS, EMBEDS, SHOWS, uses_of
from content.blocks import BodyBlock
from content.changes import changes
from content.models.home import FeaturedPage
from content.models.tool import ToolAlternative
from tests import factories as make
from tests.admin import page_address, snippet_address

pytestmark = pytest.mark.django_db


def titles(instance, **kwargs):
    return [use.title for use in uses_of(instance, **kwargs).pages]


def card(tool):
    return BodyBlock().to_python([{"type": "tool_card", "value": {"tool": tool.pk, "note": ""}, "id": "1"}])


@pytest.fixture
def shelf():
    tool = make.ToolPageFactory(title="Django")
    other = make.ToolPageFactory(title="Flask")
    attribute = make.AttributeFactory(label="Licence")
    comparison = make.ComparisonPageFactory(title="Frameworks", tools=[tool, other], attributes=[attribute])
    return {"tool": tool, "other": other, "attribute": attribute, "comparison": comparison}


def test_a_tool_shows_in_its_comparisons_and_cards(shelf):
    make.ArticlePageFactory(title="About cards", body=card(shelf["tool"]))
    make.ArticlePageFactory(title="Unrelated")
    assert titles(shelf["tool"]) == ["About cards", "Frameworks"]


def test_every_way_that_has_words_is_one_that_exists():
    labels = {each.label for cls in registry.declared.values() for each in stored_fields(cls)} | {"RichText.html"}
    fields = {label.partition(".")[2] for label in labels}
    assert {label for label in (*SHOWS, *EMBEDS, *chain(*ASKS)) if label not in labels | fields} == set()


def test_a_page_in_the_menu_shows_on_every_page():
    tools = make.tree().tools
    with changes():
        tools.show_in_menus = True
        tools.save_revision().publish()
    assert uses_of(Page.objects.get(pk=tools.pk)).sites == ["Toolshelf"]


def test_drafts_and_private_pages_are_not_named(shelf):
    make.ArticlePageFactory(title="Draft", body=card(shelf["tool"]), live=False)
    taken_back = make.ArticlePageFactory(title="Taken back", body=card(shelf["tool"]))
    private = make.ArticlePageFactory(title="Private", body=card(shelf["tool"]))
    rewritten = make.ArticlePageFactory(title="Rewritten", body=card(shelf["tool"]))
    assert titles(shelf["tool"]) == ["Frameworks", "Private", "Rewritten", "Taken back"]
    with changes():
        taken_back.unpublish()
        PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
        rewritten.body = []
        rewritten.save_revision().publish()
    assert titles(shelf["tool"]) == ["Frameworks"]


def test_a_fact_shows_only_where_its_attribute_is_asked(shelf):
    fact = make.FactFactory(tool=shelf["tool"], attribute=shelf["attribute"])
    silent = make.FactFactory(tool=shelf["tool"], attribute=make.AttributeFactory(label="Age"))
    assert titles(fact) == ["Django", "Frameworks"]
    assert titles(silent) == ["Django"]


def test_a_fact_does_not_show_on_a_tool_that_has_one_of_its_own(shelf):
    fact = make.FactFactory(tool=shelf["tool"], attribute=shelf["attribute"])
    make.FactFactory(tool=shelf["other"], attribute=shelf["attribute"])
    with changes():
        shelf["other"].alternatives = [ToolAlternative(tool=shelf["tool"], why="For more.")]
        shelf["other"].save_revision().publish()
    assert titles(fact) == ["Django", "Frameworks"]


def test_a_logo_is_followed_to_where_the_tool_is_compared():
    logo = make.CustomImageFactory()
    tool = make.ToolPageFactory(title="Django", logo=logo)
    make.ComparisonPageFactory(title="Frameworks", tools=[tool, make.ToolPageFactory(title="Flask")])
    assert titles(logo) == ["Django", "Frameworks"]


def test_a_source_shows_on_the_tools_whose_facts_cite_it(shelf):
    source = make.SourceFactory()
    make.FactFactory(tool=shelf["tool"], attribute=shelf["attribute"], sources=[source])
    assert titles(source) == ["Django", "Frameworks"]


def test_a_section_names_only_what_is_outside_it(shelf):
    make.ArticlePageFactory(title="Outside", body=card(shelf["tool"]))
    section = make.tree().tools
    assert titles(Page.objects.get(pk=section.pk), with_descendants=True) == ["Frameworks", "Outside"]


def test_the_number_of_queries_does_not_grow(shelf, django_assert_max_num_queries):
    for _ in range(20):
        make.ArticlePageFactory(body=card(shelf["tool"]))
    with django_assert_max_num_queries(7):
        assert len(uses_of(shelf["tool"]).pages) == 21


@pytest.mark.parametrize("view", ["unpublish", "delete", "edit"])
def test_the_screen_of_a_page_tells_it(admin_client, shelf, view):
    html = admin_client.get(page_address(shelf["tool"], view)).content.decode()
    assert "toolshelf-where-used" in html
    assert "Frameworks" in html


def test_moving_tells_it(admin_client, shelf):
    home = make.tree().home
    with changes():
        target = home.add_child(instance=type(make.tree().tools)(title="Elsewhere", slug="elsewhere", live=False))
    address = reverse("wagtailadmin_pages:move_confirm", args=[shelf["tool"].pk, target.pk])
    html = admin_client.get(address).content.decode()
    assert "Frameworks" in html


def test_restricting_tells_it(admin_client, shelf):
    answer = admin_client.get(reverse("wagtailadmin_pages:set_privacy", args=[shelf["tool"].pk])).json()
    assert "Frameworks" in answer["html"]
    assert "restriction_type" in answer["html"]


@pytest.mark.parametrize("action", ["unpublish", "delete", "move", "publish"])
def test_bulk_actions_tell_it(admin_client, shelf, action):
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    html = admin_client.get(address, {"id": shelf["tool"].pk}).content.decode()
    assert "Frameworks" in html


@pytest.mark.parametrize("view", ["unpublish", "delete", "edit"])
def test_the_screen_of_a_snippet_tells_it(admin_client, view):
    topic = make.TopicFactory(name="Databases")
    make.ArticlePageFactory(title="About rows", topics=[topic])
    html = admin_client.get(snippet_address(topic, view)).content.decode()
    assert "About rows" in html


def test_the_screen_of_an_image_tells_it(admin_client):
    image = make.CustomImageFactory()
    make.ArticlePageFactory(title="With a picture", hero=image)
    html = admin_client.get(reverse("wagtailimages:delete", args=[image.pk])).content.decode()
    assert "With a picture" in html


def test_the_full_list_has_a_page_of_its_own(admin_client, shelf):
    html = admin_client.get(reverse("api_where_used", args=["page", shelf["tool"].pk])).content.decode()
    assert "Frameworks" in html
    assert "Compares it" in html


def test_an_unused_object_says_so(admin_client):
    topic = make.TopicFactory(name="Nothing")
    html = admin_client.get(reverse("api_where_used", args=["content.topic", topic.pk])).content.decode()
    assert "No published page shows “Nothing”" in html


def test_the_full_list_asks_for_the_right_to_see_pages(client, django_user_model, shelf):
    user = django_user_model.objects.create_user("guest", password="guest-password")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    answer = client.get(reverse("api_where_used", args=["page", shelf["tool"].pk]), follow=True)
    assert b"Frameworks" not in answer.content


@pytest.mark.parametrize("kind", ["auth.user", "nothing.there", "nonsense"])
def test_other_kinds_of_objects_are_not_found(admin_client, kind):
    assert admin_client.get(f"/admin/where-used/{kind}/1/").status_code == 404


def test_every_new_way_of_use_is_told_in_words():
    person, organization, use_case = make.PersonFactory(), make.OrganizationFactory(), make.UseCaseFactory()
    disclosure = make.DisclosureFactory()
    tool = make.ToolPageFactory(title="Tool", vendor=organization, use_cases=[use_case])
    make.ArticlePageFactory(title="Article", reviewer=person, use_cases=[use_case], disclosure=disclosure)
    home = make.tree().home
    with changes():
        home.featured = [FeaturedPage(page=tool)]
        home.save_revision().publish()

    def told(instance):
        return [(use.title, use.how) for use in uses_of(instance).pages]

    assert told(person) == [("Article", "is reviewed by them")]
    assert told(disclosure) == [("Article", "carries it")]
    assert told(use_case) == [("Article", "is for it"), ("Tool", "is for it")]
    assert told(organization) == [("Tool", "is made by them")]
    assert told(tool) == [("Toolshelf", "features it")]
