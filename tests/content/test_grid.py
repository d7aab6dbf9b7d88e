"""The grid of a tool's facts: what it shows, and rows that are saved one by one."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.test.utils.form_data import querydict_from_html

from content.models.fact import Fact
from content.values import DataType
from tests import factories as make
from tests.admin import page_address

pytestmark = pytest.mark.django_db

FETCHED = {"X-Requested-With": "XMLHttpRequest"}


def address(tool):
    return reverse("content_facts_grid", args=[tool.pk])


def row_address(tool):
    return reverse("content_facts_row", args=[tool.pk])


def opened(client, tool, key):
    """What the form of one row would send."""
    html = client.get(address(tool)).content.decode()
    form = querydict_from_html(html, form_id=key)
    return {name: values if name == "sources" else values[0] for name, values in form.lists()}


def save(client, tool, data, *, action="publish"):
    return client.post(row_address(tool), {**data, "action": action}, headers=FETCHED)


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def licence():
    return make.AttributeFactory(label="Licence", data_type="text", group=make.AttributeGroupFactory(label="Legal"))


@pytest.fixture
def tool():
    return make.ToolPageFactory(title="Django")


def editor(*permissions):
    user = User.objects.create_user("sam", password="sam")
    group = Group.objects.create(name="Sams")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *permissions]))
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


def test_every_attribute_has_a_row_under_its_group(admin_client, tool, licence):
    make.AttributeFactory(label="Async", description="Whether it awaits.")
    make.FactFactory(tool=tool, attribute=licence, value="BSD", sources=[make.SourceFactory(title="The licence file")])
    page = text(admin_client.get(address(tool)))
    assert page.index("Legal") < page.index("The licence file") < page.index("Other") < page.index("Whether it awaits.")
    assert "1 of 2 attributes answered" in page


def test_unknown_is_not_the_same_as_nobody_recorded_it(admin_client, tool):
    unknown, empty = make.AttributeFactory(), make.AttributeFactory()
    fact = make.FactFactory(tool=tool, attribute=unknown, state="unknown")
    assert opened(admin_client, tool, f"fact-{fact.pk}")["state"] == "unknown"
    assert opened(admin_client, tool, f"attribute-{empty.pk}")["state"] == ""
    response = save(admin_client, tool, opened(admin_client, tool, f"attribute-{empty.pk}"))
    assert (response.status_code, tool.facts.count()) == (422, 1)
    assert "“Unknown” says that you looked and found nothing." in text(response)


def test_an_empty_row_becomes_a_published_fact(admin_client, tool, licence):
    first, second = make.SourceFactory(), make.SourceFactory()
    data = opened(admin_client, tool, f"attribute-{licence.pk}")
    typed = {"state": "yes", "value": " BSD ", "sources": [second.pk, first.pk]}
    response = save(admin_client, tool, data | typed)
    fact = tool.facts.get()
    assert response.status_code == 200
    assert (fact.live, fact.value, fact.sources) == (True, "BSD", [second, first])
    assert f'id="fact-{fact.pk}"' in response.content.decode()


def test_a_draft_changes_nothing_published_and_is_what_the_grid_shows(admin_client, tool, licence):
    source = make.SourceFactory(title="The licence file")
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD")
    data = opened(admin_client, tool, f"fact-{fact.pk}")
    response = save(admin_client, tool, data | {"value": "MIT", "sources": [source.pk]}, action="draft")
    assert response.status_code == 200
    assert Fact.objects.get(pk=fact.pk).value == "BSD"
    assert "Readers still see: BSD" in text(response)
    again = opened(admin_client, tool, f"fact-{fact.pk}")
    assert (again["value"], again["sources"]) == ("MIT", [str(source.pk)])
    assert save(admin_client, tool, again).status_code == 200
    now = Fact.objects.get(pk=fact.pk)
    assert (now.value, now.sources, now.has_unpublished_changes) == ("MIT", [source], False)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"state": "no", "value": "BSD"}, "Leave this empty for the state “No”"),
        ({"since": "five"}, "Enter a version number alone"),
        ({"since": "3", "until": "2"}, "This version is older"),
        ({"value": ""}, "Enter the value, or choose another state."),
        ({"sources": []}, "Add a source, or choose the state “Unknown”."),
        ({"sources": ["99999"]}, "99999 is not one of the available choices."),
        ({"sources": ["²"]}, "is not a valid value."),
    ],
)
def test_an_error_stands_at_its_field_and_what_was_typed_is_kept(admin_client, tool, licence, typed, message):
    source = make.SourceFactory(title="The licence file")
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD", sources=[source])
    data = opened(admin_client, tool, f"fact-{fact.pk}") | {"note": "Typed before"} | typed
    response = save(admin_client, tool, data)
    assert response.status_code == 422
    assert message in text(response)
    assert "Typed before" in text(response)
    assert ("The licence file" in text(response)) is ("sources" not in typed)
    assert (Fact.objects.get().note, fact.revisions.count()) == ("", 1)


def test_another_answer_needs_a_qualifier(admin_client, tool, licence):
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD")
    source = make.SourceFactory()
    html = admin_client.get(row_address(tool), {"attribute": licence.pk, "another": 1}).content.decode()
    data = {name: values[0] for name, values in querydict_from_html(html, form_id=f"another-{licence.pk}").lists()}
    typed = {"state": "yes", "value": "Commercial", "sources": [source.pk]}
    refused = save(admin_client, tool, data | typed)
    assert refused.status_code == 422
    assert "This tool has a fact of this attribute already." in text(refused)
    assert save(admin_client, tool, data | typed | {"qualifier": "Enterprise"}).status_code == 200
    assert list(tool.facts.order_by("pk").values_list("pk", "qualifier"))[0] == (fact.pk, "")
    assert tool.facts.filter(qualifier="Enterprise").count() == 1


def test_what_somebody_else_changed_meanwhile_is_shown_and_not_overwritten(admin_client, tool, licence):
    source = make.SourceFactory()
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD", sources=[source])
    data = opened(admin_client, tool, f"fact-{fact.pk}") | {"value": "GPL"}
    fact.value = "MIT"
    fact.save_revision().publish()
    response = save(admin_client, tool, data)
    assert response.status_code == 409
    assert "Somebody changed this meanwhile. It says now: MIT" in text(response)
    assert Fact.objects.get().value == "MIT"
    form = querydict_from_html(response.content.decode(), form_id=f"fact-{fact.pk}")
    assert (form["value"], form["sources"]) == ("GPL", str(source.pk))
    assert save(admin_client, tool, {name: form[name] for name in form}).status_code == 200
    assert Fact.objects.get().value == "GPL"


def test_a_draft_of_somebody_else_is_a_conflict_too(admin_client, tool, licence):
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD")
    data = opened(admin_client, tool, f"fact-{fact.pk}")
    fact.note = "Since 2005."
    fact.save_revision()
    assert save(admin_client, tool, data).status_code == 409


def test_a_locked_fact_is_read_only_and_says_why(admin_client, admin_user, tool, licence):
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD")
    data = opened(admin_client, tool, f"fact-{fact.pk}")
    Fact.objects.update(locked=True, locked_by=User.objects.create_user("kim"))
    html = admin_client.get(address(tool)).content.decode()
    assert '<fieldset class="facts-cells" disabled>' in html
    assert "is locked" in html
    response = save(admin_client, tool, data | {"value": "MIT"})
    assert response.status_code == 423
    assert (Fact.objects.get().value, fact.revisions.count()) == ("BSD", 1)


def test_without_the_right_to_publish_a_draft_is_saved(tool, licence):
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD", sources=[make.SourceFactory()])
    client = editor("change_fact")
    html = client.get(address(tool)).content.decode()
    assert "Publish row" not in html
    data = opened(client, tool, f"fact-{fact.pk}") | {"value": "MIT"}
    assert save(client, tool, data).status_code == 403
    assert save(client, tool, data, action="draft").status_code == 200
    assert Fact.objects.get().value == "BSD"
    new = opened(client, make.ToolPageFactory(), f"attribute-{licence.pk}") | {"state": "unknown"}
    assert save(client, tool, new, action="draft").status_code == 403


def test_it_is_for_those_who_may_change_facts(tool, licence):
    client = editor("change_person")
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD")
    assert client.get(address(tool)).status_code == 302
    assert save(client, tool, {"fact": fact.pk, "state": "no"}).status_code == 403
    assert Client().post(row_address(tool), {"fact": fact.pk}).status_code == 302
    assert Fact.objects.get().state == "yes"


@pytest.mark.parametrize("asked", [{}, {"fact": "99999"}, {"attribute": "x"}, {"fact": "9" * 30}])
def test_a_row_that_does_not_exist(admin_client, tool, asked):
    assert admin_client.get(row_address(tool), asked).status_code == 404


def test_a_row_belongs_to_its_tool(admin_client, tool, licence):
    other = make.FactFactory(attribute=licence, value="BSD")
    assert save(admin_client, tool, {"fact": other.pk, "state": "no"}).status_code == 404


def test_without_javascript_a_row_posts_and_the_grid_comes_back(admin_client, tool, licence):
    fact = make.FactFactory(tool=tool, attribute=licence, value="BSD", sources=[make.SourceFactory()])
    data = opened(admin_client, tool, f"fact-{fact.pk}") | {"action": "publish"}
    refused = admin_client.post(row_address(tool), data | {"value": ""})
    assert refused.status_code == 422
    assert "Enter the value, or choose another state." in text(refused)
    assert "attributes answered" in text(refused).replace("attribute answered", "attributes answered")
    saved = admin_client.post(row_address(tool), data | {"value": "MIT"})
    assert (saved.status_code, saved["Location"]) == (302, f"{address(tool)}#fact-{fact.pk}")
    assert Fact.objects.get().value == "MIT"


@pytest.mark.parametrize("data_type", DataType.values)
def test_each_type_has_its_field_and_comes_back_as_it_was(admin_client, tool, data_type):
    values = {
        "choice": "MIT",
        "number": "12",
        "money": "EUR 12.50",
        "text": "Words",
        "date": "2020-02-29",
        "version": "5.2",
        "url": "https://example.org/",
        "tool": "Celery",
    }
    attribute = make.AttributeFactory(data_type=data_type, choices="MIT\nBSD" if data_type == "choice" else "")
    celery = make.ToolPageFactory(title="Celery") if data_type == "tool" else None
    value = values.get(data_type, "")
    made = {"tool": tool, "attribute": attribute, "value": value, "value_tool": celery}
    fact = make.FactFactory(**made, sources=[make.SourceFactory()])
    response = save(admin_client, tool, opened(admin_client, tool, f"fact-{fact.pk}"))
    assert response.status_code == 200, text(response)
    now = Fact.objects.get()
    assert (now.value, now.value_tool) == (value, celery)


def fill(tool, count):
    for number in range(count):
        kind = ("text", "tool", "money", "date")[number % 4]
        value = {"text": "BSD", "tool": "Other", "money": "EUR 1.00", "date": "2020-01-01"}[kind]
        fact = make.FactFactory(
            tool=tool,
            attribute=make.AttributeFactory(data_type=kind),
            value=value,
            value_tool=make.ToolPageFactory(title="Other") if kind == "tool" else None,
            sources=[make.SourceFactory(), make.SourceFactory()],
            verified_on=date(2026, 1, 1),
        )
        if number % 2:
            fact.note = "A draft."
            fact.save_revision()


def test_the_grid_and_a_row_ask_the_same_however_many_facts_there_are(admin_client):
    asked = []
    # What is asked once in a process is asked for the first.
    for count in (1, 5, 30):
        tool = make.ToolPageFactory()
        fill(tool, count)
        fact = tool.facts.order_by("pk").first()
        with CaptureQueriesContext(connection) as grid:
            data = opened(admin_client, tool, f"fact-{fact.pk}")
        with CaptureQueriesContext(connection) as row:
            assert save(admin_client, tool, data | {"value": f"Text {tool.pk}"}).status_code == 200
        asked.append((len(grid), len(row)))
    assert asked[1] == asked[2]
    assert asked[1] == asked[2]
    assert asked[2][0] == 18


def test_the_tool_and_the_listings_lead_to_it(admin_client, tool, licence):
    make.FactFactory(tool=tool, attribute=licence, value="BSD")
    link = f'href="{address(tool)}'
    assert link in admin_client.get(page_address(tool)).content.decode()
    parent = tool.get_parent()
    assert link in admin_client.get(reverse("wagtailadmin_explore", args=[parent.pk])).content.decode()
    assert link in admin_client.get(reverse("wagtailsnippets_content_fact:list")).content.decode()
