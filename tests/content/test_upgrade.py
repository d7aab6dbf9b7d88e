"""Databases of earlier releases keep what is in them."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from tests.factories import ComparisonPageFactory, ToolPageFactory


@pytest.fixture
def at(migrate_to):
    return partial(migrate_to, "content")


@pytest.mark.django_db(transaction=True)
def test_groups_that_were_texts_become_groups_in_their_order(at):
    tool, comparison = ToolPageFactory(), ComparisonPageFactory()
    past = at("0001_initial")
    Attribute, Fact = past.get_model("content", "Attribute"), past.get_model("content", "Fact")
    texts = [("a", "Release", 3), ("b", "Packaging", 1), ("c", " Release", 2), ("d", "", 0)]
    for key, group, order in texts:
        Attribute.objects.create(key=key, label=key, group=group, sort_order=order, data_type="date")
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    for key, value in (("a", tomorrow), ("b", "2020-01-01")):
        Fact.objects.create(tool_id=tool.pk, attribute=Attribute.objects.get(key=key), state="yes", value=value)
    past.get_model("content", "ComparisonAttribute").objects.create(
        page_id=comparison.pk, attribute=Attribute.objects.get(key="a")
    )

    now = at("0002_fact_ledger")

    groups = now.get_model("content", "AttributeGroup").objects.order_by("sort_order")
    assert [group.label for group in groups] == ["Packaging", "Release"]
    attributes = now.get_model("content", "Attribute").objects.order_by("key")
    assert [(each.key, each.group and each.group.label, each.may_be_future) for each in attributes] == [
        ("a", "Release", True),
        ("b", "Packaging", False),
        ("c", "Release", False),
        ("d", None, False),
    ]
    rows = now.get_model("content", "ComparisonAttribute").objects.values_list("attribute__key", "group")
    assert list(rows) == [("a", None)]
    assert now.get_model("content", "Fact").objects.count() == 2

    back = at("0001_initial").get_model("content", "Attribute")
    assert dict(back.objects.values_list("key", "group")) == {"a": "Release", "b": "Packaging", "c": "Release", "d": ""}
