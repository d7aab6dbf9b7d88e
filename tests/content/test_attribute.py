"""Attributes and their groups: what they may be, and what a change of one does to its facts."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from content.changes import changes
from content.models.attribute import Attribute
from content.models.fact import Fact
from tests.admin import snippet_address, snippet_form
from tests.factories import AttributeFactory, AttributeGroupFactory, FactFactory, SourceFactory

pytestmark = pytest.mark.django_db


def change(client, attribute, **changed):
    return client.post(snippet_address(attribute), snippet_form(client, attribute, **changed))


def listed(response):
    """Tools and reasons of the screen that asks before a change."""
    assert response.status_code == 200
    return [(loss.fact.tool.title, loss.why) for loss in response.context["losses"]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"data_type": "text", "better": "higher"},
            {"better": ["Only numbers, money, dates and versions can be better or worse. Choose “Neither”."]},
        ),
        ({"data_type": "choice", "choices": "MIT\nmit"}, {"choices": ["Enter every value once."]}),
        ({"data_type": "text", "may_be_future": True}, {"may_be_future": ["Only dates can lie in the future."]}),
        ({"ttl_days": 40_000}, {"ttl_days": ["Ensure this value is less than or equal to 36500."]}),
    ],
)
def test_it_says_what_does_not_fit_its_type(fields, message):
    with pytest.raises(ValidationError) as refusal:
        AttributeFactory.build(**fields).full_clean()
    assert refusal.value.message_dict == message


@pytest.mark.parametrize("data_type", ["number", "money", "date", "version"])
def test_ordered_values_may_be_better(data_type):
    AttributeFactory.build(data_type=data_type, better="lower").full_clean()


def test_they_stand_by_group_then_by_their_own_order_and_last_without_group():
    late, early = AttributeGroupFactory(sort_order=2), AttributeGroupFactory(sort_order=1)
    without = AttributeFactory(sort_order=-9)
    b, a = AttributeFactory(group=late, sort_order=1), AttributeFactory(group=late, sort_order=0)
    c = AttributeFactory(group=early, sort_order=5)
    in_order = list(Attribute.objects.all())
    assert in_order == [c, a, b, without]
    assert sorted(in_order, key=lambda attribute: attribute.place) == in_order


def test_a_group_with_attributes_cannot_be_deleted(admin_client):
    group = AttributeFactory(group=AttributeGroupFactory()).group
    address = snippet_address(group, "delete")
    admin_client.post(address)
    assert type(group).objects.filter(pk=group.pk).exists()


def test_a_change_lists_the_facts_it_would_make_invalid_and_saves_nothing_yet(admin_client):
    attribute = AttributeFactory(data_type="text", source_required=False)
    FactFactory(tool__title="Celery", attribute=attribute, value="Twelve")
    FactFactory(tool__title="RQ", attribute=attribute, value="12")

    response = change(admin_client, attribute, data_type="number")

    assert listed(response) == [("Celery", "Enter a number with a point before its decimals: 12 or 3.5.")]
    assert "This change concerns 1 fact" in response.content.decode()
    attribute.refresh_from_db()
    assert attribute.data_type == "text"


def test_going_back_keeps_what_was_typed(admin_client):
    attribute = AttributeFactory(data_type="text", label="Licence", source_required=False)
    FactFactory(attribute=attribute, value="Twelve")
    form = snippet_form(admin_client, attribute, data_type="number", label="Licences")
    response = admin_client.post(snippet_address(attribute), {**form, "losses": "back"})
    assert response.status_code == 200
    shown = response.context["form"]
    assert (shown["data_type"].value(), shown["label"].value()) == ("number", "Licences")
    attribute.refresh_from_db()
    assert (attribute.data_type, attribute.label) == ("text", "Licence")


def test_an_accepted_change_keeps_the_facts_published_and_marks_them(admin_client):
    attribute = AttributeFactory(data_type="text", source_required=False)
    fact = FactFactory(tool__title="Celery", attribute=attribute, value="Twelve")
    fine = FactFactory(tool__title="RQ", attribute=attribute, value="12")
    form = snippet_form(admin_client, attribute, data_type="number")

    response = admin_client.post(snippet_address(attribute), {**form, "losses": "accepted"})

    assert response.status_code == 302
    for each in (fact, fine):
        each.refresh_from_db()
    assert (fact.live, fact.value) == (True, "Twelve")
    assert (bool(fact.problem), bool(fine.problem)) == (True, False)
    index = reverse("wagtailsnippets_content_fact:list")
    found = admin_client.get(index, {"has_problem": "true"}).context["object_list"]
    assert list(found) == [fact]

    fact.value = "12"
    with changes():
        fact.save_revision().publish()
    assert Fact.objects.get(pk=fact.pk).problem == ""


@pytest.mark.parametrize(
    ("before", "value", "changed", "why"),
    [
        (
            {"data_type": "choice", "choices": "MIT\nBSD\nGPL"},
            "GPL",
            {"choices": "MIT\nBSD"},
            "Choose one of: MIT, BSD.",
        ),
        ({"data_type": "choice", "choices": "MIT\nBSD"}, "MIT", {"choices": "mit\nBSD"}, "Is written “mit” now."),
        ({"data_type": "number", "unit": "MB"}, "5", {"unit": "GB"}, "Will read “5 GB”."),
        (
            {"data_type": "number"},
            "5",
            {"data_type": "money"},
            "Enter the currency by its three letters and an amount: EUR 12.50 or USD 0.",
        ),
        ({"data_type": "text"}, "MIT", {"source_required": "on"}, "Add a source, or choose the state “Unknown”."),
        (
            {"data_type": "text"},
            "MIT",
            {"data_type": "boolean"},
            "Leave this empty: a yes-or-no attribute is answered by the state alone.",
        ),
        (
            {"data_type": "text"},
            "Celery",
            {"data_type": "tool"},
            "“Celery” has no page here. Choose a tool that has one, or choose another state.",
        ),
    ],
)
def test_every_decisive_change_is_asked_about(admin_client, before, value, changed, why):
    attribute = AttributeFactory(source_required=False, **before)
    FactFactory(tool__title="Celery", attribute=attribute, value=value)
    assert listed(change(admin_client, attribute, **changed)) == [("Celery", why)]


def test_a_shorter_life_lists_what_becomes_stale_today(admin_client):
    today = timezone.localdate()
    attribute = AttributeFactory(data_type="boolean", ttl_days=30, source_required=False)
    for days, name in ((9, "Fresh"), (10, "Ends today"), (40, "Stale already")):
        FactFactory(tool__title=name, attribute=attribute, verified_on=today - timezone.timedelta(days=days))
    found = listed(change(admin_client, attribute, ttl_days="10"))
    assert [tool for tool, _ in found] == ["Ends today"]


def test_a_change_that_harms_no_fact_is_saved_at_once(admin_client):
    attribute = AttributeFactory(data_type="version", source_required=False)
    FactFactory(attribute=attribute, value="5.2")
    assert change(admin_client, attribute, data_type="text", label="Newest").status_code == 302
    attribute.refresh_from_db()
    assert (attribute.data_type, attribute.label) == ("text", "Newest")


def test_asking_costs_the_same_however_many_facts_there_are(admin_client):
    attribute = AttributeFactory(data_type="text", source_required=False)

    def asked():
        form = snippet_form(admin_client, attribute, data_type="number")
        with CaptureQueriesContext(connection) as queries:
            count = len(listed(admin_client.post(snippet_address(attribute), form)))
        return count, len(queries)

    FactFactory(attribute=attribute, value="One", sources=[SourceFactory()])
    asked()
    one, few = asked()
    for _ in range(4):
        FactFactory(attribute=attribute, value="More", sources=[SourceFactory()])
    five, many = asked()
    assert (one, five, many) == (1, 5, few)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"data_type": "text"}, '<input type="text" name="value" value="x"'),
        ({"data_type": "choice", "choices": "MIT\nBSD"}, '<option value="BSD">BSD</option>'),
        ({"data_type": "number", "unit": "MB"}, "<span>MB</span>"),
        ({"data_type": "money"}, '<option value="EUR">EUR</option>'),
        ({"data_type": "date"}, "2026-01-31"),
        ({"data_type": "version"}, 'placeholder="5.2"'),
        ({"data_type": "url"}, 'type="url"'),
        ({"data_type": "boolean"}, 'type="text" name="value" value="x"'),
        ({"data_type": "tool"}, "Choose a page (Tool)"),
    ],
)
def test_the_field_of_a_value_follows_the_attribute(admin_client, fields, expected):
    attribute = AttributeFactory(**fields)
    response = admin_client.get(reverse("fact_value_field"), {"attribute": attribute.pk, "value": "x"})
    assert (response.status_code, expected in response.content.decode()) == (200, True), response.content.decode()


def test_the_field_of_a_value_is_for_editors_only(client, admin_client):
    assert client.get(reverse("fact_value_field"), {"attribute": "1"}).status_code == 302
    assert admin_client.get(reverse("fact_value_field"), {"attribute": "1 OR 1"}).status_code == 404
    page = admin_client.get(reverse("fact_value_field"), {"value": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
