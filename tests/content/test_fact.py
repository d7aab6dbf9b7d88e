"""Facts: what may be entered, what is shown, when they were verified and when they go stale."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from content.changes import changes, content_changed
from content.models.fact import Fact, FactState, Verification
from tests.factories import AttributeFactory, FactFactory, SourceFactory, ToolPageFactory, VerificationFactory

pytestmark = pytest.mark.django_db

ADD = reverse("wagtailsnippets_content_fact:add")


def edit_address(fact):
    return reverse("wagtailsnippets_content_fact:edit", args=[fact.pk])


def form(*, sources=(), publish=True, **fields):
    """What the editor's browser sends."""
    values = {"state": "yes", "value": "", "qualifier": "", "note": "", **fields}
    rows = [source if isinstance(source, dict) else {"source": source.pk} for source in sources]
    initial = sum("id" in row for row in rows)
    data = nested_form_data({**values, "fact_sources": inline_formset(rows, initial=initial)})
    return data | ({"action-publish": "on"} if publish else {})


def errors(response):
    assert response.status_code == 200
    return response.context["form"].errors


def test_it_is_created_and_published_with_its_source(admin_client):
    tool, source = ToolPageFactory(), SourceFactory()
    attribute = AttributeFactory(data_type="version", label="Minimum Python")
    data = form(tool=tool.pk, attribute=attribute.pk, value=" v3.10 ", sources=[source])

    response = admin_client.post(ADD, data)

    assert response.status_code == 302
    fact = tool.facts.get()
    assert (fact.live, fact.value, fact.display, fact.sources) == (True, "3.10", "3.10", [source])


def test_a_draft_of_it_changes_nothing_published(admin_client):
    source = SourceFactory()
    fact = FactFactory(attribute__data_type="text", value="MIT", sources=[source])
    row = {"id": fact.fact_sources.get().pk, "source": source.pk}
    data = form(tool=fact.tool.pk, attribute=fact.attribute.pk, value="Apache-2.0", sources=[row], publish=False)

    response = admin_client.post(edit_address(fact), data)

    assert response.status_code == 302
    fact.refresh_from_db()
    assert (fact.value, fact.has_unpublished_changes) == ("MIT", True)
    assert fact.get_latest_revision_as_object().value == "Apache-2.0"


def test_an_older_draft_of_the_tool_does_not_bring_the_old_value_back():
    fact = FactFactory(attribute__data_type="text", value="MIT")
    draft = fact.tool.save_revision()
    fact.value = "Apache-2.0"
    fact.save_revision().publish()
    draft.publish()
    assert fact.tool.facts.get().value == "Apache-2.0"


def test_without_a_required_source_nothing_is_published_and_nothing_lost(admin_client):
    tool = ToolPageFactory()
    attribute = AttributeFactory(data_type="text", source_required=True)

    response = admin_client.post(ADD, form(tool=tool.pk, attribute=attribute.pk, value="MIT"))

    assert response.status_code == 200
    formset = response.context["form"].formsets["fact_sources"]
    assert formset.non_form_errors() == ["Add a source, or choose the state “Unknown”."]
    assert "Add a source, or choose the state “Unknown”." in response.content.decode()
    assert response.context["form"]["value"].value() == "MIT"
    assert not Fact.objects.exists()


@pytest.mark.parametrize("case", [{"publish": False}, {"state": "unknown"}])
def test_a_draft_or_an_unknown_answer_needs_no_source(admin_client, case):
    tool, attribute = ToolPageFactory(), AttributeFactory(source_required=True)
    assert admin_client.post(ADD, form(tool=tool.pk, attribute=attribute.pk, **case)).status_code == 302
    assert tool.facts.count() == 1


def test_an_attribute_may_do_without_sources(admin_client):
    tool, attribute = ToolPageFactory(), AttributeFactory(source_required=False)
    assert admin_client.post(ADD, form(tool=tool.pk, attribute=attribute.pk)).status_code == 302
    assert tool.facts.get().live


def test_a_tool_is_chosen_and_since_and_until_are_kept(admin_client):
    tool, celery = ToolPageFactory(), ToolPageFactory(title="Celery")
    attribute = AttributeFactory(data_type="tool", source_required=False)
    data = form(tool=tool.pk, attribute=attribute.pk, value=celery.pk, since="v2.0", until=" 3.1 ")
    assert admin_client.post(ADD, data).status_code == 302
    fact = tool.facts.get()
    assert (fact.value_tool, fact.value, fact.since, fact.until) == (celery, "Celery", "2.0", "3.1")
    shown = admin_client.get(edit_address(fact)).context["form"]
    assert shown["value"].value() == celery.pk


def test_a_value_that_is_allowed_no_more_is_not_lost_by_looking_at_it(admin_client):
    fact = FactFactory(attribute__data_type="choice", attribute__choices="MIT\nBSD", value="MIT")
    with changes():
        fact.attribute.choices = "BSD\nGPL"
        fact.attribute.save()
    page = admin_client.get(edit_address(fact)).content.decode()
    assert '<option value="MIT" selected>MIT (not allowed any more)</option>' in page


def test_a_source_is_listed_once(admin_client):
    tool, attribute, source = ToolPageFactory(), AttributeFactory(), SourceFactory()
    response = admin_client.post(ADD, form(tool=tool.pk, attribute=attribute.pk, sources=[source, source]))
    assert response.context["form"].formsets["fact_sources"].errors == [
        {},
        {"source": ["This source is listed above already."]},
    ]
    assert not Fact.objects.exists()


def test_a_tool_has_one_fact_of_an_attribute_and_qualifier(admin_client):
    fact = FactFactory(attribute__source_required=False, qualifier="Enterprise edition")
    again = form(tool=fact.tool.pk, attribute=fact.attribute.pk, qualifier=" Enterprise  edition ")
    found = errors(admin_client.post(ADD, again))
    assert found == {
        "__all__": [
            "This tool has a fact of this attribute already. Edit that one, or give this one another qualifier."
        ]
    }
    other = form(tool=fact.tool.pk, attribute=fact.attribute.pk, qualifier="Community edition")
    assert admin_client.post(ADD, other).status_code == 302


@pytest.mark.parametrize(
    ("data_type", "entered", "kept"),
    [
        ("number", "12", "12"),
        ("number", " 3.50 ", "3.5"),
        ("number", "1000", "1000"),
        ("number", "-0.0", "0"),
        ("number", "1e3", "1000"),
        ("text", " BSD  3-Clause ", "BSD 3-Clause"),
        ("choice", "mit", "MIT"),
        ("date", "2005-07-21", "2005-07-21"),
        ("version", "5.2", "5.2"),
        ("version", "v24.0.0-rc.1", "24.0.0-rc.1"),
        ("version", "2.0.0rc1", "2.0.0rc1"),
        ("url", "https://www.djangoproject.com/", "https://www.djangoproject.com/"),
    ],
)
def test_a_value_is_kept_in_one_spelling(data_type, entered, kept):
    attribute = AttributeFactory(data_type=data_type, choices="MIT\nBSD" if data_type == "choice" else "")
    fact = FactFactory.build(tool=ToolPageFactory(), attribute=attribute, value=entered)
    fact.full_clean()
    assert fact.value == kept


@pytest.mark.parametrize(
    ("data_type", "entered", "message"),
    [
        ("boolean", "yes", "Leave this empty: a yes-or-no attribute is answered by the state alone."),
        ("choice", "GPL", "Choose one of: MIT, BSD."),
        ("number", "twelve", "Enter a number with a point before its decimals: 12 or 3.5."),
        ("number", "1,5", "Enter a number with a point before its decimals: 12 or 3.5."),
        ("number", "NaN", "Enter a number with a point before its decimals: 12 or 3.5."),
        ("number", "1e999999", "Enter a number with a point before its decimals: 12 or 3.5."),
        ("date", "21.07.2005", "Enter a date as year-month-day: 2026-01-31."),
        ("date", "2005-7-1", "Enter a date as year-month-day: 2026-01-31."),
        ("date", "2005-02-30", "Enter a date as year-month-day: 2026-01-31."),
        ("version", "five", "Enter a version number alone: 5.2, 3.11 or 2.0.0rc1."),
        ("version", ">= 3.10", "Enter a version number alone: 5.2, 3.11 or 2.0.0rc1."),
        ("url", "djangoproject.com", "Enter a full web address that begins with https:// or http://."),
        ("url", "javascript:alert(1)", "Enter a full web address that begins with https:// or http://."),
        ("text", "", "Enter the value, or choose another state."),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(admin_client, data_type, entered, message):
    attribute = AttributeFactory(data_type=data_type, choices="MIT\nBSD" if data_type == "choice" else "")
    data = form(tool=ToolPageFactory().pk, attribute=attribute.pk, value=entered, sources=[SourceFactory()])
    assert errors(admin_client.post(ADD, data)) == {"value": [message]}
    assert not Fact.objects.exists()


@pytest.mark.parametrize("state", ["no", "unknown", "not_applicable"])
def test_a_state_without_value_refuses_one(state):
    fact = FactFactory.build(
        tool=ToolPageFactory(), attribute=AttributeFactory(data_type="text"), state=state, value="MIT"
    )
    with pytest.raises(ValidationError) as refusal:
        fact.full_clean()
    label = FactState(state).label
    assert refusal.value.message_dict == {
        "value": [f"Leave this empty for the state “{label}”, or choose “Yes” or “Partial”."]
    }


@pytest.mark.parametrize(
    ("state", "data_type", "value", "unit", "shown"),
    [
        ("yes", "boolean", "", "", "Yes"),
        ("partial", "boolean", "", "", "Partial"),
        ("no", "boolean", "", "", "No"),
        ("unknown", "boolean", "", "", "Unknown"),
        ("not_applicable", "boolean", "", "", "Not applicable"),
        ("yes", "number", "12", "MB", "12 MB"),
        ("yes", "number", "12", "", "12"),
        ("partial", "text", "Only on Linux", "", "Only on Linux"),
        ("partial", "text", "", "", "Partial"),
        ("unknown", "number", "", "MB", "Unknown"),
        ("no", "number", "", "MB", "None"),
        ("yes", "date", "2005-07-21", "", "2005-07-21"),
    ],
)
def test_display(state, data_type, value, unit, shown):
    attribute = AttributeFactory.build(data_type=data_type, unit=unit)
    assert Fact(attribute=attribute, state=state, value=value).display == shown


def test_the_digest_follows_the_answer_only():
    fact = Fact(state="yes", value="5.2", qualifier="LTS", note="")
    same = Fact(state="yes", value="5.2", qualifier="LTS", note="Until 2028.")
    others = [
        Fact(state="partial", value="5.2", qualifier="LTS"),
        Fact(state="yes", value="6.0", qualifier="LTS"),
        Fact(state="yes", value="5.2"),
        Fact(state="yes", value="5.2LTS"),
        Fact(state="yes", value="5.2", qualifier="LTS", since="3"),
        Fact(state="yes", value="5.2", qualifier="LTS", until="3"),
        Fact(state="yes", value="5.2", qualifier="LTS", value_tool_id=7),
    ]
    assert fact.value_digest == same.value_digest
    assert len({fact.value_digest, *(other.value_digest for other in others)}) == 8


def test_the_digest_of_a_tool_follows_the_tool_not_its_name():
    before = Fact(state="yes", value="Celery", value_tool_id=7)
    assert before.value_digest == Fact(state="yes", value="Celery 6", value_tool_id=7).value_digest
    assert before.value_digest != Fact(state="yes", value="Celery", value_tool_id=8).value_digest


def test_it_is_verified_on_the_newest_day():
    fact = FactFactory(verified_on=date(2026, 3, 1))
    VerificationFactory(fact=fact, verified_on=date(2026, 5, 1))
    VerificationFactory(fact=fact, verified_on=date(2026, 4, 1))
    assert fact.verified_on == date(2026, 5, 1)


def test_a_changed_value_is_unverified_until_it_comes_back():
    fact = FactFactory(attribute__data_type="version", value="5.1", verified_on=date(2026, 3, 1))
    fact.value = "5.2"
    fact.save_revision().publish()
    assert Fact.objects.get(pk=fact.pk).verified_on is None
    fact.value = "5.1"
    fact.save_revision().publish()
    assert Fact.objects.get(pk=fact.pk).verified_on == date(2026, 3, 1)


def test_a_draft_takes_no_verification_from_what_is_published():
    fact = FactFactory(attribute__data_type="version", value="5.1", verified_on=date(2026, 3, 1))
    fact.value = "5.2"
    fact.save_revision()
    assert fact.get_latest_revision_as_object().verified_on is None
    assert Fact.objects.get(pk=fact.pk).verified_on == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("days", "verified_on", "stale_on"),
    [
        (30, date(2026, 1, 1), date(2026, 1, 31)),
        (365, date(2024, 2, 29), date(2025, 2, 28)),
        (0, date(2026, 1, 1), date(2026, 1, 1)),
        (None, date(2026, 1, 1), None),
        (30, None, None),
    ],
)
def test_it_is_stale_from_the_exact_day(days, verified_on, stale_on):
    assert FactFactory(attribute__ttl_days=days, verified_on=verified_on).stale_on == stale_on


@pytest.mark.parametrize(
    ("now", "is_stale"),
    [
        (datetime(2026, 1, 30, 23, 59, 59), False),
        (datetime(2026, 1, 31, 0, 0), True),
        (datetime(2026, 2, 1, 0, 0), True),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_it_is_stale_from_midnight_of_the_publications_own_zone(monkeypatch, zone, now, is_stale):
    fact = FactFactory(attribute__ttl_days=30, verified_on=date(2026, 1, 1))
    moment = now.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    with timezone.override(zone):
        assert fact.is_stale is is_stale


def test_without_verification_or_life_it_is_never_stale():
    assert not FactFactory(attribute__ttl_days=0).is_stale
    assert not FactFactory(verified_on=date(2000, 1, 1)).is_stale


def test_a_verification_may_be_of_today_in_the_publications_own_zone(monkeypatch):
    fact = FactFactory()
    moment = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    with timezone.override("Pacific/Auckland"):
        assert VerificationFactory(fact=fact, verified_on=date(2026, 1, 2)).verified_on == date(2026, 1, 2)
    with timezone.override("America/Los_Angeles"), pytest.raises(ValidationError, match="still to come"):
        VerificationFactory(fact=fact, verified_on=date(2026, 1, 2))


def test_an_unsaved_fact_is_unverified():
    assert FactFactory.build(attribute=AttributeFactory.build(ttl_days=3), tool=None).verified_on is None


def test_a_verification_of_today_is_taken_and_of_tomorrow_refused():
    fact = FactFactory()
    today = timezone.localdate()
    assert VerificationFactory(fact=fact).verified_on == today
    with pytest.raises(ValidationError, match="still to come"):
        VerificationFactory(fact=fact, verified_on=today + timedelta(days=1))
    assert fact.verifications.count() == 1


def test_verifications_are_only_added():
    verification = VerificationFactory()
    verification.verified_on = date(2020, 1, 1)
    with pytest.raises(TypeError, match="never changed"):
        verification.save()
    with pytest.raises(TypeError, match="never deleted"):
        verification.delete()
    assert Verification.objects.get().verified_on == timezone.localdate()


def test_a_fact_takes_its_verifications_along_when_it_is_deleted():
    VerificationFactory().fact.delete()
    assert not Verification.objects.exists()


def test_a_new_one_begins_with_the_tool_the_editor_came_from(admin_client):
    tool = ToolPageFactory()
    assert admin_client.get(ADD, {"tool": tool.pk}).context["form"]["tool"].value() == tool.pk


@pytest.mark.parametrize("tool", ["", "abc", "²", "-1", "0", "9" * 30])
def test_a_new_one_ignores_a_tool_that_does_not_exist(admin_client, tool):
    response = admin_client.get(ADD, {"tool": tool})
    assert response.status_code == 200
    assert response.context["form"]["tool"].value() is None


def test_its_screen_tells_which_verifications_hold(admin_client):
    fact = FactFactory(attribute__data_type="version", value="5.1", verified_on=date(2026, 3, 1))
    fact.value = "5.2"
    fact.save_revision().publish()
    VerificationFactory(fact=fact, verified_on=date(2026, 4, 1))
    page = " ".join(admin_client.get(edit_address(fact)).content.decode().split())
    assert (
        page.index("2026-04-01") < page.index("This value") < page.index("2026-03-01") < page.index("An earlier value")
    )


def test_everything_is_read_from_one_batch(django_assert_num_queries):
    for _ in range(3):
        FactFactory(attribute__ttl_days=30, sources=[SourceFactory(), SourceFactory()], verified_on=date(2026, 1, 1))
    facts = Fact.objects.select_related("attribute", "tool").prefetch_related("fact_sources__source", "verifications")
    with django_assert_num_queries(4):
        read = [(str(fact), fact.display, len(fact.sources), fact.verified_on, fact.stale_on) for fact in facts]
    assert [row[1:] for row in read] == [("Yes", 2, date(2026, 1, 1), date(2026, 1, 31))] * 3


@pytest.fixture
def touched():
    """The keys of each `changes()`, as listeners hear them."""
    heard = []

    def listen(keys, **_):
        heard.append(keys)

    content_changed.connect(listen)
    yield heard
    content_changed.disconnect(listen)


def test_it_touches_its_tool_and_the_one_it_leaves(touched):
    fact, other = FactFactory(), ToolPageFactory()
    before = f"page:{fact.tool_id}"
    fact.tool = other
    touched.clear()
    with changes():
        fact.save_revision().publish()
    assert touched == [{before, f"page:{other.pk}", f"fact:{fact.pk}"}]


def test_verifying_touches_the_tool(touched):
    fact = FactFactory()
    touched.clear()
    with changes():
        VerificationFactory(fact=fact)
    assert touched == [{f"page:{fact.tool_id}", f"fact:{fact.pk}"}]


def test_a_source_and_an_attribute_touch_the_tools_that_use_them(touched):
    source = SourceFactory()
    fact, other = FactFactory(sources=[source]), FactFactory()
    touched.clear()
    with changes():
        source.save()
    with changes():
        other.attribute.save()
    assert touched == [{f"page:{fact.tool_id}"}, {f"page:{other.tool_id}", f"attribute:{other.attribute_id}"}]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"data_type": "choice", "choices": "MIT"}, {"choices": ["Enter at least two values, one per line."]}),
        (
            {"data_type": "text", "choices": "MIT\nBSD"},
            {"choices": ["Leave this empty, or choose “One of a list” as type of value."]},
        ),
        ({"data_type": "text", "unit": "MB"}, {"unit": ["Only numbers and money have a unit."]}),
    ],
)
def test_an_attribute_says_what_does_not_fit_its_type(fields, message):
    with pytest.raises(ValidationError) as refusal:
        AttributeFactory.build(**fields).full_clean()
    assert refusal.value.message_dict == message
