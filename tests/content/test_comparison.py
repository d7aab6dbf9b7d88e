"""Comparisons as editors write them in the admin."""

from datetime import timedelta
from itertools import zip_longest

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from content.models.comparison import ComparisonAttribute, ComparisonPage, ComparisonVerdict
from tests.factories import (
    AttributeFactory,
    AttributeGroupFactory,
    ComparisonPageFactory,
    ToolPageFactory,
    TopicFactory,
    UseCaseFactory,
    tree,
)

pytestmark = pytest.mark.django_db


def form(
    *, tools=(), notes=(), attributes=(), topics=(), verdicts=(), overrides=(), corrections=(), publish=True, **fields
):
    """What the editor's browser sends."""
    columns = [{"tool": tool.pk, "note": note} for tool, note in zip_longest(tools, notes, fillvalue="")]
    data = nested_form_data(
        {
            "title": "Django or Flask?",
            "slug": "django-or-flask",
            "intro": "For a first back end.",
            **fields,
            "body": streamfield([]),
            "comparison_tools": inline_formset(columns),
            "comparison_attributes": inline_formset(
                [row if isinstance(row, dict) else {"attribute": row.pk, "group": ""} for row in attributes]
            ),
            "verdicts": inline_formset(list(verdicts)),
            "overrides": inline_formset(list(overrides)),
            "comparison_topics": inline_formset([{"topic": topic.pk} for topic in topics]),
            "corrections": inline_formset(list(corrections)),
            "comments": inline_formset([]),
        }
    )
    return data | ({"action-publish": "on"} if publish else {})


@pytest.fixture
def add():
    return reverse("wagtailadmin_pages:add", args=["content", "comparisonpage", tree().comparisons.pk])


@pytest.fixture
def tools():
    return [ToolPageFactory(title="Django"), ToolPageFactory(title="Flask")]


def verdict(winner, runner_up=None, **fields):
    row = {"use_case": "A first back end", "winner": winner.pk, "runner_up": runner_up.pk if runner_up else ""}
    return {**row, "reason": "It decides for you.", **fields}


def errors_of(response, relation):
    assert response.status_code == 200
    assert not ComparisonPage.objects.exists()
    return response.context["form"].formsets[relation].errors


def test_it_is_created_and_published_in_the_editors_order(admin_client, add, tools):
    django, flask = tools
    typed, licence = AttributeFactory(), AttributeFactory()
    override = {"tool": flask.pk, "attribute": typed.pk, "text": "Since 2.0", "reason": "Older lines are still in use."}
    topics = TopicFactory.create_batch(2)
    data = form(
        tools=[flask, django],
        notes=["Without extensions"],
        attributes=[typed, licence],
        topics=topics[::-1],
        verdicts=[verdict(django, flask)],
        overrides=[override],
    )

    response = admin_client.post(add, data)

    assert response.status_code == 302
    comparison = ComparisonPage.objects.get()
    assert comparison.live
    assert [(row.tool, row.note) for row in comparison.comparison_tools.all()] == [
        (flask, "Without extensions"),
        (django, ""),
    ]
    assert [row.topic for row in comparison.comparison_topics.all()] == topics[::-1]
    assert [row.attribute for row in comparison.comparison_attributes.all()] == [typed, licence]
    assert [(row.winner, row.runner_up) for row in comparison.verdicts.all()] == [(django, flask)]
    assert [(row.tool, row.text) for row in comparison.overrides.all()] == [(flask, "Since 2.0")]


@pytest.mark.parametrize("count", [0, 1])
def test_it_needs_two_tools(admin_client, add, tools, count):
    response = admin_client.post(add, form(tools=tools[:count]))
    assert response.status_code == 200
    assert response.context["form"].formsets["comparison_tools"].non_form_errors() == [
        "Add a tool: there is nothing to compare with fewer than two."
    ]
    assert not ComparisonPage.objects.exists()


def test_a_tool_and_an_attribute_appear_once(admin_client, add, tools):
    attribute = AttributeFactory()
    response = admin_client.post(add, form(tools=[*tools, tools[0]], attributes=[attribute, attribute]))
    assert errors_of(response, "comparison_tools") == [{}, {}, {"tool": ["This tool has a column already."]}]
    assert errors_of(response, "comparison_attributes") == [{}, {"attribute": ["This attribute has a row already."]}]


def test_a_row_is_an_attribute_or_a_group(admin_client, add, tools):
    group = AttributeGroupFactory()
    attribute = AttributeFactory(group=group)
    rows = [
        {"attribute": attribute.pk, "group": group.pk},
        {"attribute": "", "group": group.pk},
        {"attribute": "", "group": group.pk},
    ]
    response = admin_client.post(add, form(tools=tools, attributes=rows))
    assert errors_of(response, "comparison_attributes") == [
        {"group": ["Choose an attribute or a group, not both."]},
        {},
        {"group": ["This group is listed above already."]},
    ]


def test_a_whole_group_is_chosen_and_its_attributes_may_be_overridden(admin_client, add, tools):
    group = AttributeGroupFactory()
    second, first = AttributeFactory(group=group, sort_order=2), AttributeFactory(group=group, sort_order=1)
    override = {"tool": tools[0].pk, "attribute": second.pk, "text": "Yes", "reason": "Because."}
    rows = [{"attribute": "", "group": group.pk}]
    response = admin_client.post(add, form(tools=tools, attributes=rows, overrides=[override]))
    assert response.status_code == 302
    comparison = ComparisonPage.objects.get()
    assert [row.group for row in comparison.comparison_attributes.all()] == [group]
    assert comparison.attributes_in_order() == [first, second]


@pytest.mark.parametrize("both", [True, False])
def test_the_database_takes_no_row_that_is_both_or_neither(both):
    comparison = ComparisonPageFactory()
    values = {"attribute": AttributeFactory(), "group": AttributeGroupFactory()} if both else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        ComparisonAttribute.objects.create(page=comparison, **values)


def test_a_verdict_takes_the_name_of_its_use_case(admin_client, add, tools):
    use_case = UseCaseFactory(name="A first back end")
    verdicts = [
        verdict(tools[0], about=use_case.pk, use_case=""),
        verdict(tools[0], about=use_case.pk, use_case="In our words"),
    ]
    assert admin_client.post(add, form(tools=tools, verdicts=verdicts)).status_code == 302
    rows = ComparisonPage.objects.get().verdicts.all()
    assert [(row.about, row.use_case) for row in rows] == [(use_case, "A first back end"), (use_case, "In our words")]


def test_a_verdict_says_for_what_and_once(admin_client, add, tools):
    verdicts = [verdict(tools[0], use_case=""), verdict(tools[0]), verdict(tools[1], use_case="a FIRST back end")]
    response = admin_client.post(add, form(tools=tools, verdicts=verdicts))
    assert errors_of(response, "verdicts") == [
        {"use_case": ["Say the situation in words, or choose a use case."]},
        {},
        {"use_case": ["There is a verdict for this use case above already."]},
    ]


def test_topics_and_dates_are_checked(admin_client, add, tools):
    topic, today = TopicFactory(), timezone.localdate()
    correction = {"on": (today + timedelta(days=1)).isoformat(), "text": "Said 3.9."}
    yesterday = (today - timedelta(days=1)).isoformat()
    response = admin_client.post(
        add, form(tools=tools, topics=[topic, topic], corrections=[correction], review_due_on=yesterday)
    )
    assert errors_of(response, "comparison_topics") == [{}, {"topic": ["This topic is listed above already."]}]
    assert errors_of(response, "corrections") == [{"on": ["A correction cannot be dated in the future."]}]
    assert response.context["form"].errors == {
        "review_due_on": ["This day has passed. Choose one to come, or leave the field empty."]
    }


def test_a_verdict_chooses_among_the_compared_tools(admin_client, add, tools):
    stranger = ToolPageFactory()
    response = admin_client.post(
        add, form(tools=tools, verdicts=[verdict(stranger), verdict(tools[0], stranger, use_case="Another")])
    )
    assert errors_of(response, "verdicts") == [
        {"winner": ["Choose one of the tools that are compared."]},
        {"runner_up": ["Choose one of the tools that are compared."]},
    ]


def test_the_winner_is_not_its_own_runner_up(admin_client, add, tools):
    response = admin_client.post(add, form(tools=tools, verdicts=[verdict(tools[0], tools[0])]))
    assert errors_of(response, "verdicts") == [{"runner_up": ["The winner cannot be its own runner-up."]}]


def test_an_override_needs_a_reason_and_a_cell(admin_client, add, tools):
    attribute, stranger = AttributeFactory(), AttributeFactory()
    overrides = [
        {"tool": tools[0].pk, "attribute": attribute.pk, "text": "Yes", "reason": ""},
        {"tool": ToolPageFactory().pk, "attribute": stranger.pk, "text": "Yes", "reason": "Because."},
    ]
    response = admin_client.post(add, form(tools=tools, attributes=[attribute], overrides=overrides))
    assert errors_of(response, "overrides") == [
        {"reason": ["This field is required."]},
        {
            "tool": ["Choose one of the tools that are compared."],
            "attribute": ["Choose one of the attributes that are compared."],
        },
    ]


def test_a_cell_is_overridden_once(admin_client, add, tools):
    attribute = AttributeFactory()
    row = {"tool": tools[0].pk, "attribute": attribute.pk, "text": "Yes", "reason": "Because."}
    response = admin_client.post(add, form(tools=tools, attributes=[attribute], overrides=[row, row]))
    assert errors_of(response, "overrides") == [{}, {"tool": ["This cell is overridden above already."]}]


def test_a_draft_may_be_unfinished(admin_client, add):
    data = form(tools=[], verdicts=[verdict(ToolPageFactory(), reason="")], intro="", publish=False)
    assert admin_client.post(add, data).status_code == 302
    assert ComparisonPage.objects.get().live is False


def test_two_tools_may_exchange_their_places(admin_client, tools):
    comparison = ComparisonPageFactory(tools=tools)
    first, second = comparison.comparison_tools.all()
    data = form(title=comparison.title, slug=comparison.slug) | nested_form_data(
        {
            "comparison_tools": inline_formset(
                [{"id": first.pk, "tool": tools[1].pk}, {"id": second.pk, "tool": tools[0].pk}], initial=2
            )
        }
    )
    response = admin_client.post(reverse("wagtailadmin_pages:edit", args=[comparison.pk]), data)
    assert response.status_code == 302
    assert [row.tool for row in comparison.comparison_tools.all()] == tools[::-1]


def test_a_verdict_outlives_its_winner(tools):
    comparison = ComparisonPageFactory(tools=tools)
    comparison.verdicts.create(use_case="A first back end", winner=tools[0], reason="It decides for you.")
    comparison.save()
    tools[0].delete()
    assert ComparisonVerdict.objects.get().winner is None


def test_a_new_comparison_is_saved_and_previewed_before_its_tools_are_chosen(admin_client, add):
    data = form(intro="", publish=False)
    data |= nested_form_data(
        {
            "comparison_tools": inline_formset([{"tool": ""}, {"tool": ""}]),
        }
    )
    preview = reverse("wagtailadmin_pages:preview_on_add", args=["content", "comparisonpage", tree().comparisons.pk])
    assert admin_client.post(preview, data).json() == {"is_valid": True, "is_available": True}
    assert admin_client.post(add, data).status_code == 302
    page = ComparisonPage.objects.get()
    assert (page.live, [row.tool for row in page.comparison_tools.all()]) == (False, [None, None])
    refused = admin_client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), {**data, "action-publish": "on", "intro": "For whom?"}
    )
    assert refused.status_code == 200
    assert not ComparisonPage.objects.get().live
