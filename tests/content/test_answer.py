"""A fact from one typed row: the one place that grids and files go through."""

from datetime import timedelta

import pytest
from django.utils import timezone

from content.forms.answer import AnswerForm
from content.models.fact import Fact
from tests.factories import AttributeFactory, FactFactory, SourceFactory, ToolPageFactory

pytestmark = pytest.mark.django_db

TYPES = ["boolean", "choice", "number", "money", "text", "date", "version", "url", "tool"]
STATES = ["yes", "partial", "no", "unknown", "not_applicable"]
GOOD = {
    "boolean": "",
    "choice": "bsd",
    "number": "12.0",
    "money": "eur 12.5",
    "text": " By  hand ",
    "date": "2020-02-29",
    "version": "v5.2",
    "url": "https://example.org/",
    "tool": "celery",
}
KEPT = GOOD | {
    "choice": "BSD",
    "number": "12",
    "money": "EUR 12.50",
    "text": "By hand",
    "version": "5.2",
    "tool": "Celery",
}


def answered(data_type, *, tool=None, is_draft=False, attribute=None, **typed):
    fields = {"choices": "MIT\nBSD"} if data_type == "choice" else {}
    attribute = attribute or AttributeFactory(data_type=data_type, source_required=False, **fields)
    fact = Fact(tool=tool or ToolPageFactory(), attribute=attribute)
    return AnswerForm(typed, instance=fact, is_draft=is_draft)


@pytest.fixture
def celery():
    return ToolPageFactory(title="Celery", slug="celery")


@pytest.mark.parametrize("data_type", TYPES)
@pytest.mark.parametrize("state", STATES)
def test_each_type_takes_its_value_in_the_states_that_have_one(celery, data_type, state):
    has_value = state in ("yes", "partial")
    form = answered(data_type, state=state, value=GOOD[data_type] if has_value else "")
    assert form.is_valid(), form.errors
    fact = Fact.objects.get(pk=form.publish().pk)
    assert (fact.live, fact.state, fact.value) == (True, state, KEPT[data_type] if has_value else "")
    assert fact.value_tool == (celery if data_type == "tool" and has_value else None)
    assert fact.problem == ""


@pytest.mark.parametrize("data_type", [each for each in TYPES if each != "boolean"])
@pytest.mark.parametrize("state", ["no", "unknown", "not_applicable"])
def test_no_type_takes_a_value_in_the_other_states(celery, data_type, state):
    form = answered(data_type, state=state, value=GOOD[data_type])
    label = dict(Fact._meta.get_field("state").choices)[state]
    assert form.errors == {"value": [f"Leave this empty for the state “{label}”, or choose “Yes” or “Partial”."]}


MONEY = "Enter the currency by its three letters and an amount: EUR 12.50 or USD 0."


@pytest.mark.parametrize(
    ("data_type", "value", "message"),
    [
        ("money", "12.50", MONEY),
        ("money", "EUR", MONEY),
        ("money", "EUR -1", MONEY),
        ("money", "EUR 1,50", MONEY),
        ("money", "ABC 5", MONEY),
        ("money", "EUR 1e3", MONEY),
        ("money", "EUR NaN", MONEY),
        ("tool", "nothing-of-the-kind", "There is no tool called “nothing-of-the-kind”."),
        ("tool", "9" * 40, f"There is no tool called “{'9' * 40}”."),
        ("tool", "", "Enter the value, or choose another state."),
        ("choice", "GPL", "Choose one of: MIT, BSD."),
        ("text", "x" * 256, "Ensure this value has at most 255 characters (it has 256)."),
        ("date", "31.01.2020", "Enter a date as year-month-day: 2026-01-31."),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(data_type, value, message):
    assert answered(data_type, state="yes", value=value).errors == {"value": [message]}


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("EUR 12.5", "EUR 12.50", "€12.50"),
        ("usd 0", "USD 0.00", "$0.00"),
        ("JPY 1200", "JPY 1200", "¥1,200"),
        ("KWD 1.5", "KWD 1.500", "KWD 1.500"),
        ("USD 0.000400", "USD 0.0004", "$0.0004"),
        ("CHF 1234567.891", "CHF 1234567.891", "CHF 1,234,567.891"),
        ("EUR 0.1", "EUR 0.10", "€0.10"),
    ],
)
def test_money_is_exact_and_readable(typed, kept, shown):
    fact = answered("money", state="yes", value=typed).publish()
    assert (fact.value, fact.display) == (kept, shown)


def test_money_comes_from_its_two_fields():
    form = answered("money", state="yes", value_currency="EUR", value="9.9")
    assert form.publish().value == "EUR 9.90"


def test_a_tool_may_be_named_by_number_slug_or_name_but_only_clearly(celery):
    for name in (str(celery.pk), "celery", "CELERY"):
        assert answered("tool", state="yes", value=name).publish().value_tool == celery
    ToolPageFactory(title="Celery", slug="celery-2")
    assert answered("tool", state="yes", value="Celery").publish().value_tool == celery
    ToolPageFactory(title="Twin", slug="twin-1")
    ToolPageFactory(title="Twin", slug="twin-2")
    assert answered("tool", state="yes", value="Twin").errors == {"value": ["There are several tools called “Twin”."]}


def test_a_tool_is_no_answer_about_itself(celery):
    form = answered("tool", tool=celery, state="yes", value="celery")
    assert form.errors == {"value": ["A tool is no answer about itself. Choose another one."]}


@pytest.mark.parametrize("ahead", [0, 1])
def test_a_day_to_come_is_refused_unless_the_attribute_expects_it(ahead):
    day = (timezone.localdate() + timedelta(days=ahead)).isoformat()
    errors = {"value": ["This day is still to come. Enter a day up to today."]} if ahead else {}
    assert answered("date", state="yes", value=day).errors == errors
    expecting = AttributeFactory(data_type="date", may_be_future=True, source_required=False)
    assert answered("date", attribute=expecting, state="yes", value=day).errors == {}


@pytest.mark.parametrize(
    ("since", "until", "errors"),
    [
        ("2.9", "2.10", {}),
        ("2.10rc1", "2.10", {}),
        ("v2.0", "2", {}),
        ("3.0", "3.0.post1", {}),
        ("2.10", "2.9", {"until": ["This version is older than the one since which it holds."]}),
        ("2.10", "2.10rc1", {"until": ["This version is older than the one since which it holds."]}),
        ("soon", "", {"since": ["Enter a version number alone: 5.2, 3.11 or 2.0.0rc1."]}),
        ("", "never", {"until": ["Enter a version number alone: 5.2, 3.11 or 2.0.0rc1."]}),
    ],
)
def test_since_comes_before_until(since, until, errors):
    assert answered("boolean", state="yes", since=since, until=until).errors == errors


def test_a_required_source_is_missed_at_its_field_but_not_in_a_draft():
    attribute = AttributeFactory(source_required=True)
    assert answered("", attribute=attribute, state="yes").errors == {
        "sources": ["Add a source, or choose the state “Unknown”."]
    }
    assert answered("", attribute=attribute, state="unknown").errors == {}
    assert answered("", attribute=attribute, state="yes", is_draft=True).errors == {}


def test_sources_keep_the_order_in_which_they_were_sent():
    first, second = SourceFactory(title="Z"), SourceFactory(title="A")
    form = answered("boolean", state="yes", sources=[str(first.pk), str(second.pk)])
    assert Fact.objects.get(pk=form.publish().pk).sources == [first, second]


def test_another_fact_of_the_same_question_is_refused():
    fact = FactFactory(qualifier="cloud")
    form = answered("", tool=fact.tool, attribute=fact.attribute, state="yes", qualifier=" cloud ", is_draft=True)
    assert form.errors == {
        "__all__": [
            "This tool has a fact of this attribute already. Edit that one, or give this one another qualifier."
        ]
    }


def test_a_correction_publishes_the_fact_and_nothing_else_of_the_tool():
    fact = FactFactory(attribute__data_type="text", attribute__source_required=False, value="MIT")
    page = fact.tool
    page.title = "Only a draft"
    page.save_revision()
    other = FactFactory(tool=page, attribute__data_type="text", value="Old")
    other.value = "Draft"
    other.save_revision()

    AnswerForm({"state": "yes", "value": "BSD"}, instance=Fact.objects.get(pk=fact.pk)).publish()

    page.refresh_from_db()
    other.refresh_from_db()
    assert (Fact.objects.get(pk=fact.pk).value, page.title != "Only a draft", other.value) == ("BSD", True, "Old")
