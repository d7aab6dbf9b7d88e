"""The matrix of a comparison: computed from the facts, whatever they are."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from content.changes import changes
from content.models.attribute import Attribute, AttributeGroup
from content.models.comparison import ComparisonAttribute, ComparisonOverride, ComparisonPage
from content.models.fact import Fact
from content.models.tool import ToolPage
from tests import factories as make

pytestmark = pytest.mark.django_db

MATRIX = """query ($slug: String!) { comparison(slug: $slug) { tools { id } attributes { key } matrix { attribute { key group }
  cells { tool { id } fact { id state display qualifier sinceVersion staleOn } override { text reason } } } } }"""


def keys(graphql, comparison):
    return [
        row["attribute"]["key"] for row in graphql(MATRIX, {"slug": comparison.slug})["data"]["comparison"]["matrix"]
    ]


# Each test of the property is one of these worlds: attributes in groups, facts of three tools, and what is compared.
VALUES = {
    "boolean": ["", ""],
    "number": ["7", "12.5"],
    "text": ["MIT", "Nothing at all"],
    "money": ["EUR 9.50", "CHF 0.00"],
}
attributes = some.lists(
    some.fixed_dictionaries(
        {
            "group": some.sampled_from([None, 0, 1]),
            "order": some.integers(0, 2),
            "type": some.sampled_from(list(VALUES)),
            "ttl": some.sampled_from([None, 0, 30]),
        }
    ),
    min_size=1,
    max_size=5,
)
facts = some.lists(
    some.fixed_dictionaries(
        {
            "tool": some.integers(0, 2),
            "attribute": some.integers(0, 4),
            "qualifier": some.sampled_from(["", "cloud", "enterprise"]),
            "state": some.sampled_from(["yes", "partial", "no", "unknown", "not_applicable"]),
            "value": some.integers(0, 1),
            "since": some.sampled_from(["", "2.1"]),
            "live": some.booleans(),
            "age": some.sampled_from([None, 10, 40]),
        }
    ),
    max_size=12,
    unique_by=lambda fact: (fact["tool"], fact["attribute"], fact["qualifier"]),
)
rows = some.lists(some.tuples(some.sampled_from(["attribute", "group"]), some.integers(0, 4)), max_size=5)
overrides = some.lists(some.tuples(some.integers(0, 2), some.integers(0, 4)), max_size=3, unique=True)


@pytest.fixture
def stage():
    tools = [make.ToolPageFactory() for _ in range(3)]
    return tools, make.ComparisonPageFactory(tools=tools)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(attributes=attributes, facts=facts, rows=rows, overrides=overrides, hidden=some.sampled_from([None, 0, 2]))
def test_it_is_what_can_be_reckoned_from_the_facts(graphql, stage, attributes, facts, rows, overrides, hidden):
    tools, comparison = stage
    with changes():
        write(tools, comparison, attributes, facts, rows, overrides, hidden)

    answer = graphql(MATRIX, {"slug": comparison.slug})["data"]["comparison"]

    assert answer["tools"] == [{"id": f"page:{tool.pk}"} for place, tool in enumerate(tools) if place != hidden]
    assert answer["matrix"] == reckoned(tools, hidden)
    assert [each["key"] for each in answer["attributes"]] == [row["attribute"]["key"] for row in answer["matrix"]]


def write(tools, comparison, attributes, facts, rows, overrides, hidden):
    Fact.objects.all().delete()
    ComparisonOverride.objects.all().delete()
    ComparisonAttribute.objects.all().delete()
    Attribute.objects.all().delete()
    AttributeGroup.objects.all().delete()
    groups = [AttributeGroup.objects.create(label=label, sort_order=order) for label, order in (("Zoo", 1), ("Art", 2))]
    asked = [
        Attribute.objects.create(
            key=f"a{number}",
            label=f"A{number}",
            group=None if each["group"] is None else groups[each["group"]],
            sort_order=each["order"],
            data_type=each["type"],
            unit="each" if each["type"] in ("number", "money") else "",
            ttl_days=each["ttl"],
        )
        for number, each in enumerate(attributes)
    ]
    for each in facts:
        if each["attribute"] >= len(asked):
            continue
        attribute = asked[each["attribute"]]
        has_value = each["state"] in ("yes", "partial")
        fact = Fact(
            tool=tools[each["tool"]],
            attribute=attribute,
            qualifier=each["qualifier"],
            state=each["state"],
            value=VALUES[attribute.data_type][each["value"]] if has_value else "",
            since=each["since"],
            live=each["live"],
        )
        fact.full_clean()
        fact.save()
        if each["age"] is not None:
            fact.verifications.create(verified_on=date(2026, 5, 1) - timedelta(days=each["age"]))
    for tool, is_hidden in ((tool, place == hidden) for place, tool in enumerate(tools)):
        if ToolPage.objects.get(pk=tool.pk).live == is_hidden:
            current = ToolPage.objects.get(pk=tool.pk)
            current.unpublish() if is_hidden else current.save_revision().publish()
    page = ComparisonPage.objects.get(pk=comparison.pk)
    chosen = {"attribute": asked, "group": groups}
    page.comparison_attributes = [
        ComparisonAttribute(**{kind: chosen[kind][number]}, sort_order=order)
        for order, (kind, number) in enumerate(rows)
        if number < len(chosen[kind])
    ]
    page.overrides = [
        ComparisonOverride(tool=tools[tool], attribute=asked[number], text="But", reason="Because.")
        for tool, number in overrides
        if number < len(asked)
    ]
    page.save_revision().publish()


def reckoned(tools, hidden):
    """The matrix by loops over plain rows, without any of the code that serves it."""
    groups = {each["id"]: each for each in AttributeGroup.objects.order_by().values()}
    attributes = {each["id"]: each for each in Attribute.objects.order_by().values()}
    wanted = []
    for row in sorted(ComparisonAttribute.objects.order_by().values(), key=lambda row: row["sort_order"]):
        members = [each for each in attributes.values() if each["group_id"] and each["group_id"] == row["group_id"]]
        members.sort(key=lambda each: (each["sort_order"], each["label"]))
        for each in members or ([attributes[row["attribute_id"]]] if row["attribute_id"] else []):
            if each not in wanted:
                wanted.append(each)
    result = []
    for attribute in wanted:
        cells = []
        for place, tool in enumerate(tools):
            if place != hidden:
                cells.append(
                    {
                        "tool": {"id": f"page:{tool.pk}"},
                        "fact": told(tool, attribute),
                        "override": override(tool, attribute),
                    }
                )
        group = groups[attribute["group_id"]]["label"] if attribute["group_id"] else None
        result.append({"attribute": {"key": attribute["key"], "group": group}, "cells": cells})
    return result


def told(tool, attribute):
    found = [
        row
        for row in Fact.objects.order_by().values()
        if row["live"] and row["tool_id"] == tool.pk and row["attribute_id"] == attribute["id"]
    ]
    if not found:
        return {
            "id": None,
            "state": "UNKNOWN",
            "display": "Unknown",
            "qualifier": None,
            "sinceVersion": None,
            "staleOn": None,
        }
    row = min(found, key=lambda row: row["qualifier"])
    words = {"yes": "Yes", "partial": "Partial", "no": "No", "unknown": "Unknown", "not_applicable": "Not applicable"}
    shown = words[row["state"]]
    if row["state"] == "no" and attribute["data_type"] != "boolean":
        shown = "None"
    if row["value"]:
        plain = {"EUR 9.50": "€9.50", "CHF 0.00": "CHF 0.00"}.get(row["value"], row["value"])
        shown = f"{plain} each" if attribute["unit"] else plain
    looked_up = [each.verified_on for each in Fact.objects.get(pk=row["id"]).verifications.all()]
    stale = (
        max(looked_up) + timedelta(days=attribute["ttl_days"])
        if looked_up and attribute["ttl_days"] is not None
        else None
    )
    return {
        "id": f"fact:{row['id']}",
        "state": row["state"].upper(),
        "display": shown,
        "qualifier": row["qualifier"] or None,
        "sinceVersion": row["since"] or None,
        "staleOn": stale and stale.isoformat(),
    }


def override(tool, attribute):
    found = ComparisonOverride.objects.filter(tool=tool.pk, attribute=attribute["id"]).values("text", "reason")
    return found.first()


def test_a_new_attribute_of_a_group_enters_the_comparisons_that_show_it(graphql):
    group, other = make.AttributeGroupFactory(), make.AttributeGroupFactory()
    first = make.AttributeFactory(group=group, sort_order=1)
    comparison = make.ComparisonPageFactory(groups=[group])
    assert keys(graphql, comparison) == [first.key]

    second = make.AttributeFactory(group=group, sort_order=0)
    assert keys(graphql, comparison) == [second.key, first.key]

    with changes():
        second.group = other
        second.save()
    assert keys(graphql, comparison) == [first.key]

    with changes():
        second.delete()
        first.delete()
    assert keys(graphql, comparison) == []


def test_an_attribute_of_a_group_that_is_chosen_by_itself_too_has_one_row(graphql):
    group = make.AttributeGroupFactory()
    first, second = (make.AttributeFactory(group=group, sort_order=order) for order in range(2))
    comparison = make.ComparisonPageFactory(attributes=[second], groups=[group])
    assert keys(graphql, comparison) == [second.key, first.key]


def test_a_renamed_group_is_renamed_at_its_attributes_and_an_order_is_followed(graphql):
    one, two = (make.AttributeGroupFactory(sort_order=order) for order in range(2))
    tool = make.ToolPageFactory()
    for group in (one, two):
        make.FactFactory(tool=tool, attribute=make.AttributeFactory(group=group))
    make.FactFactory(tool=tool, attribute=make.AttributeFactory(sort_order=-5))
    query = "query ($slug: String!) { tool(slug: $slug) { facts { attribute { group } } } }"

    with changes():
        one.label, one.sort_order = "Last of all", 9
        one.save()

    facts = graphql(query, {"slug": tool.slug})["data"]["tool"]["facts"]
    assert [fact["attribute"]["group"] for fact in facts] == [two.label, "Last of all", None]


def test_an_override_of_a_hidden_tool_is_not_served(graphql):
    attribute = make.AttributeFactory()
    shown, hidden = make.ToolPageFactory(), make.ToolPageFactory()
    comparison = make.ComparisonPageFactory(tools=[shown, hidden], attributes=[attribute])
    comparison.overrides.add(ComparisonOverride(tool=hidden, attribute=attribute, text="Secret", reason="Hidden."))
    with changes():
        comparison.save_revision().publish()
        hidden.unpublish()
    answer = graphql(MATRIX, {"slug": comparison.slug})["data"]["comparison"]
    assert [[cell["tool"]["id"] for cell in row["cells"]] for row in answer["matrix"]] == [[f"page:{shown.pk}"]]
    assert "Secret" not in str(answer)
