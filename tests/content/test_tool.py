"""Tools as editors write them in the admin."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from content.models.tool import ToolPage
from tests.factories import (
    AttributeFactory,
    CategoryFactory,
    FactFactory,
    OrganizationFactory,
    ToolPageFactory,
    UseCaseFactory,
    tree,
)

pytestmark = pytest.mark.django_db


def form(*, alternatives=(), categories=(), use_cases=(), publish=True, **fields):
    """What the editor's browser sends."""
    values = {"title": "Django", "slug": "django", "tagline": "A web framework.", "lifecycle": "active", **fields}
    data = nested_form_data(
        {
            **values,
            "body": streamfield([]),
            "alternatives": inline_formset(list(alternatives)),
            "tool_use_cases": inline_formset([{"use_case": use_case.pk} for use_case in use_cases]),
            "comments": inline_formset([]),
        }
    )
    data["categories"] = [category.pk for category in categories]
    return data | ({"action-publish": "on"} if publish else {})


@pytest.fixture
def add():
    return reverse("wagtailadmin_pages:add", args=["content", "toolpage", tree().tools.pk])


def test_it_is_created_and_published(admin_client, add):
    flask, category = ToolPageFactory(title="Flask"), CategoryFactory()
    alternative = {"tool": flask.pk, "relation": "competes", "why": "When you want to choose each part."}
    vendor, use_cases = OrganizationFactory(), UseCaseFactory.create_batch(2)
    data = form(
        website="https://www.djangoproject.com/",
        categories=[category],
        alternatives=[alternative],
        vendor=vendor.pk,
        use_cases=use_cases[::-1],
    )

    response = admin_client.post(add, data)

    assert response.status_code == 302
    tool = ToolPage.objects.get(slug="django")
    assert (tool.live, tool.website, [*tool.categories.all()]) == (True, "https://www.djangoproject.com/", [category])
    assert (tool.vendor, [row.use_case for row in tool.tool_use_cases.all()]) == (vendor, use_cases[::-1])
    assert [(row.tool, row.relation) for row in tool.alternatives.all()] == [(flask, "competes")]


def test_without_a_tagline_nothing_is_published(admin_client, add):
    response = admin_client.post(add, form(tagline=""))
    assert response.context["form"].errors == {"tagline": ["This field is required."]}
    assert not ToolPage.objects.exists()


@pytest.mark.parametrize("address", ["djangoproject", "javascript:alert(1)", "ftp//x"])
def test_a_wrong_address_is_refused_at_its_field(admin_client, add, address):
    response = admin_client.post(add, form(repository=address))
    assert response.context["form"].errors == {"repository": ["Enter a valid URL."]}
    assert not ToolPage.objects.exists()


def test_a_tool_is_no_alternative_to_itself(admin_client):
    tool = ToolPageFactory()
    row = {"tool": tool.pk, "relation": "competes", "why": "It is better."}
    response = admin_client.post(reverse("wagtailadmin_pages:edit", args=[tool.pk]), form(alternatives=[row]))
    assert response.context["form"].formsets["alternatives"].errors == [
        {"tool": ["A tool is no alternative to itself. Choose another one."]}
    ]
    assert not tool.alternatives.exists()


def test_an_alternative_and_a_use_case_are_listed_once(admin_client, add):
    row = {"tool": ToolPageFactory().pk, "relation": "competes", "why": "It is better."}
    use_case = UseCaseFactory()
    response = admin_client.post(add, form(alternatives=[row, row], use_cases=[use_case, use_case]))
    formsets = response.context["form"].formsets
    assert formsets["alternatives"].errors == [{}, {"tool": ["This tool is listed above already."]}]
    assert formsets["tool_use_cases"].errors == [{}, {"use_case": ["This use case is listed above already."]}]
    assert not ToolPage.objects.filter(slug="django").exists()


def test_an_alternative_needs_its_why_only_to_be_published(admin_client, add):
    row = {"tool": ToolPageFactory().pk, "relation": "replaces", "why": ""}
    response = admin_client.post(add, form(alternatives=[row]))
    assert response.context["form"].formsets["alternatives"].errors == [{"why": ["This field is required."]}]
    assert admin_client.post(add, form(alternatives=[row], publish=False)).status_code == 302


def test_its_screen_counts_its_facts_and_leads_to_their_grid(admin_client):
    fact = FactFactory(attribute=AttributeFactory(label="Licence", data_type="text"), value="BSD-3-Clause")
    FactFactory(tool=fact.tool, attribute__label="Typed", qualifier="stubs", live=False)
    page = admin_client.get(reverse("wagtailadmin_pages:edit", args=[fact.tool.pk])).content.decode()
    assert "2 facts recorded." in page
    assert f'href="{reverse("content_facts_grid", args=[fact.tool.pk])}"' in page


def test_listing_its_facts_costs_the_same_however_many_there_are(admin_client):
    tool = ToolPageFactory()
    address = reverse("wagtailadmin_pages:edit", args=[tool.pk])
    FactFactory(tool=tool)
    admin_client.get(address)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(address)
    FactFactory.create_batch(4, tool=tool, verified_on=date(2026, 1, 1))
    with CaptureQueriesContext(connection) as many:
        admin_client.get(address)
    assert len(many) == len(few), [query["sql"] for query in many]
