"""Which facts somebody has to look up again: the rule in SQL says what the fact itself says."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from content.freshness import due_facts, with_freshness
from content.models.fact import Fact
from tests.factories import AttributeFactory, FactFactory, VerificationFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def due(**filters):
    return list(due_facts().filter(**filters))


@pytest.mark.parametrize(
    ("days_ago", "is_due"),
    [(29, False), (30, True), (31, True)],
    ids=["the day before", "the day itself", "the day after"],
)
def test_a_fact_is_due_from_the_exact_day(days_ago, is_due):
    fact = FactFactory(attribute__ttl_days=30, verified_on=TODAY - timedelta(days=days_ago))
    assert due() == ([fact] if is_due else [])


def test_the_rule_in_sql_is_that_of_the_fact():
    for days in (None, 0, 1, 30, 365, 3650):
        fact = FactFactory(attribute=AttributeFactory(ttl_days=days), verified_on=date(2024, 2, 29))
        VerificationFactory(fact=fact, verified_on=date(2023, 1, 31))
    FactFactory(attribute__ttl_days=30)
    told = {fact.pk: (fact.last_verified, fact.stale_since) for fact in with_freshness(Fact.objects.all())}
    assert told == {fact.pk: (fact.verified_on, fact.stale_on) for fact in Fact.objects.all()}
    assert date(2024, 3, 1) in {stale for _, stale in told.values()}


def test_a_corrected_answer_was_never_looked_up():
    fact = FactFactory(attribute__data_type="version", value="5.1", attribute__ttl_days=30, verified_on=TODAY)
    assert due() == []
    fact.value = "5.2"
    fact.save_revision().publish()
    assert due() == [fact]
    fact.value = "5.1"
    fact.save_revision().publish()
    assert due() == []


def test_a_draft_of_it_changes_nothing():
    fact = FactFactory(attribute__data_type="version", value="5.1", attribute__ttl_days=30, verified_on=TODAY)
    fact.value = "5.2"
    fact.save_revision()
    assert due() == []


def test_what_is_not_published_or_not_known_is_not_due():
    FactFactory(live=False, attribute__ttl_days=30)
    FactFactory(state="unknown", attribute__ttl_days=30)
    assert due() == []


def test_that_nobody_knows_grows_stale_like_any_answer():
    fact = FactFactory(state="unknown", attribute__ttl_days=30, verified_on=TODAY - timedelta(days=40))
    assert due() == [fact]


def test_an_answer_that_cannot_change_is_looked_up_once():
    fact = FactFactory(attribute__ttl_days=None)
    assert due() == [fact]
    VerificationFactory(fact=fact, verified_on=date(2001, 1, 1))
    assert due() == []


def test_the_longest_overdue_comes_first_and_what_was_never_looked_up_last():
    never = FactFactory(attribute__ttl_days=30)
    late = FactFactory(attribute__ttl_days=30, verified_on=TODAY - timedelta(days=40))
    later = FactFactory(attribute__ttl_days=30, verified_on=TODAY - timedelta(days=50))
    assert due() == [later, late, never]
