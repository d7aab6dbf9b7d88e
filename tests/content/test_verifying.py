"""The report of stale facts and the queue in which they are looked up."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from content.models.fact import Verification
from tests.factories import AttributeGroupFactory, FactFactory, SourceFactory, ToolPageFactory

pytestmark = pytest.mark.django_db

REPORT = reverse("content_stale_facts")
NEXT = reverse("content_verify_next")
TODAY = timezone.localdate()


def stale(days=10, **values):
    """A fact that is stale since so many days."""
    values = {"attribute__ttl_days": 30, "verified_on": TODAY - timedelta(days=30 + days), **values}
    return FactFactory(**values)


def screen(fact):
    return reverse("content_verify_fact", args=[fact.pk])


def text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def editor(django_user_model, client):
    """Signed in, with the right to write facts and not to publish them."""
    user = django_user_model.objects.create_user("writer", password="x")
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "add_fact", "change_fact"]))
    client.force_login(user)
    return user


def test_the_report_tells_what_is_stale_since_when(admin_client):
    fact = stale(days=10, attribute__label="Licence", tool__title="Django")
    FactFactory(attribute__ttl_days=30, verified_on=TODAY, tool__title="Flask")
    response = admin_client.get(REPORT)
    rows = list(response.context["object_list"])
    assert [(row.pk, row.stale_since) for row in rows] == [(fact.pk, TODAY - timedelta(days=10))]
    assert screen(fact) in text(response)


def test_the_report_says_that_all_is_well(admin_client):
    assert "Every published fact has been looked up in time." in text(admin_client.get(REPORT))


@pytest.mark.parametrize("name", ["why", "attribute", "attribute__group", "tool", "stale_before"])
def test_the_report_is_filtered(admin_client, name):
    fact = stale(days=20, attribute__group=AttributeGroupFactory())
    other = FactFactory(attribute__ttl_days=30)
    value = {
        "why": "stale",
        "attribute": fact.attribute_id,
        "attribute__group": fact.attribute.group_id,
        "tool": fact.tool_id,
        "stale_before": str(TODAY),
    }[name]
    assert set(admin_client.get(REPORT).context["object_list"]) == {fact, other}
    assert list(admin_client.get(REPORT, {name: value}).context["object_list"]) == [fact]


def test_the_report_is_exported_with_its_filter(admin_client):
    source = SourceFactory(url="https://example.org/proof")
    fact = stale(tool__title="Django", sources=[source])
    stale(tool__title="Flask")
    response = admin_client.get(REPORT, {"export": "csv", "tool": fact.tool_id})
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Tool,")
    assert lines[1].startswith("Django,")
    assert lines[1].endswith("https://example.org/proof")


def test_the_report_asks_the_same_however_much_is_stale(admin_client):
    stale(sources=[SourceFactory()])
    admin_client.get(REPORT)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(REPORT)
    for _ in range(4):
        stale(sources=[SourceFactory(), SourceFactory()])
    with CaptureQueriesContext(connection) as many:
        admin_client.get(REPORT)
    assert len(many) == len(few), [query["sql"] for query in many]


def test_a_fact_is_confirmed_by_one_press_and_the_next_one_follows(admin_client, admin_user):
    source = SourceFactory()
    first, second = stale(days=20, sources=[source]), stale(days=10)
    assert admin_client.get(NEXT).headers["Location"].startswith(screen(first))

    page = admin_client.get(screen(first))
    assert f'href="{source.url}"' in text(page)
    response = admin_client.post(screen(first), {"digest": first.value_digest, "source": source.pk})

    verification = first.verifications.get(verified_on=TODAY)
    assert (verification.user, verification.source) == (admin_user, source)
    assert response.headers["Location"].startswith(NEXT)
    assert admin_client.get(response.headers["Location"]).headers["Location"].startswith(screen(second))


def test_the_public_answer_follows_at_once(admin_client, graphql):
    tool = ToolPageFactory(slug="django")
    fact = stale(tool=tool)
    admin_client.post(screen(fact), {"digest": fact.value_digest})
    answer = graphql('{ tool(slug: "django") { facts { verifiedOn } } }')
    assert answer["data"] == {"tool": {"facts": [{"verifiedOn": str(TODAY)}]}}


def test_an_answer_that_changed_meanwhile_is_not_confirmed(admin_client):
    fact = stale(attribute__data_type="version", value="5.1")
    digest = fact.value_digest
    fact.value = "5.2"
    fact.save_revision().publish()
    response = admin_client.post(screen(fact), {"digest": digest})
    assert response.status_code == 200
    assert "Somebody has changed this fact meanwhile." in text(response)
    assert not Verification.objects.filter(verified_on=TODAY).exists()


def test_a_source_of_another_fact_proves_nothing(admin_client):
    fact, other = stale(), SourceFactory()
    admin_client.post(screen(fact), {"digest": fact.value_digest, "source": other.pk})
    assert fact.verifications.get(verified_on=TODAY).source is None


def test_the_queue_keeps_to_the_reports_filters_and_skips(admin_client):
    tool = ToolPageFactory()
    first, second = stale(days=30, tool=tool), stale(days=20, tool=tool)
    stale(days=40)
    query = {"tool": tool.pk}
    assert admin_client.get(NEXT, query).headers["Location"].startswith(screen(first))
    query["skip"] = str(first.pk)
    assert admin_client.get(NEXT, query).headers["Location"].startswith(screen(second))
    query["skip"] = [str(first.pk), str(second.pk)]
    done = admin_client.get(NEXT, query, follow=True)
    assert done.redirect_chain == [(f"{REPORT}?tool={tool.pk}", 302)]
    assert "That was the last." in text(done)


@pytest.mark.parametrize("skip", ["abc", "²", "-1", "9" * 30, ""])
def test_a_skip_that_is_no_number_is_passed_over(admin_client, skip):
    fact = stale()
    assert admin_client.get(NEXT, {"skip": skip}).headers["Location"].startswith(screen(fact))


def test_a_locked_tool_keeps_nobody_from_verifying(admin_client, django_user_model):
    fact = stale()
    fact.tool.locked, fact.tool.locked_by = True, django_user_model.objects.create_user("ana")
    fact.tool.save(update_fields=["locked", "locked_by"])
    assert "The tool&#x27;s page is locked by ana, its facts are not." in text(admin_client.get(screen(fact)))
    admin_client.post(screen(fact), {"digest": fact.value_digest})
    assert fact.verifications.filter(verified_on=TODAY).count() == 1


def correct(client, fact, **typed):
    values = {"state": fact.state, "value": fact.value, "sources": [source.pk for source in fact.sources]}
    return client.post(screen(fact), {"digest": fact.value_digest, "correct": "1", **values, **typed})


def test_a_correction_goes_live_looked_up_today_and_the_next_one_follows(admin_client, admin_user):
    source = SourceFactory()
    fact = stale(attribute__data_type="version", value="5.1", sources=[source])
    response = correct(admin_client, fact, value=" v5.2 ", source=source.pk)
    assert response.headers["Location"].startswith(NEXT)
    fact.refresh_from_db()
    assert (fact.value, fact.live, fact.has_unpublished_changes, fact.verified_on) == ("5.2", True, False, TODAY)
    assert (fact.sources, fact.verifications.first().user) == ([source], admin_user)
    assert admin_client.get(response.headers["Location"]).headers["Location"].startswith(REPORT)


def test_a_wrong_correction_is_told_at_its_field_and_changes_nothing(admin_client):
    fact = stale(attribute__data_type="version", value="5.1", sources=[SourceFactory()])
    response = correct(admin_client, fact, value="five", note="Kept.")
    assert response.context["form"].errors == {"value": ["Enter a version number alone: 5.2, 3.11 or 2.0.0rc1."]}
    assert "Kept." in text(response)
    fact.refresh_from_db()
    assert (fact.value, fact.verifications.count()) == ("5.1", 1)


def test_a_correction_over_a_newer_answer_is_refused(admin_client):
    fact = stale(attribute__data_type="version", value="5.1", sources=[SourceFactory()])
    digest = fact.value_digest
    fact.value = "5.2"
    fact.save_revision().publish()
    correct(admin_client, fact, value="5.3", digest=digest)
    fact.refresh_from_db()
    assert fact.value == "5.2"


def test_a_draft_is_not_passed_over_by_a_correction(admin_client):
    fact = stale(attribute__data_type="version", value="5.1", sources=[SourceFactory()])
    fact.value = "5.2"
    fact.save_revision()
    fact = type(fact).objects.get(pk=fact.pk)
    page = correct(admin_client, fact, value="5.3")
    assert "Open its draft" in text(page)
    fact.refresh_from_db()
    assert (fact.value, fact.get_latest_revision_as_object().value) == ("5.1", "5.2")


def test_a_locked_fact_is_confirmed_and_not_corrected(admin_client):
    fact = stale()
    fact.locked = True
    fact.save(update_fields=["locked"])
    page = text(admin_client.get(screen(fact)))
    assert "This fact is locked: it can be confirmed, not corrected." in page
    assert "It says something else now" not in page
    correct(admin_client, fact, state="no", value="")
    fact.refresh_from_db()
    assert fact.state == "yes"


def test_a_draft_is_told_and_the_published_answer_confirmed(admin_client):
    fact = stale(attribute__data_type="version", value="5.1")
    fact.value = "5.2"
    fact.save_revision()
    page = admin_client.get(screen(fact))
    assert "It has a draft that is not published" in text(page)
    admin_client.post(screen(fact), {"digest": page.context["fact"].value_digest})
    fact.refresh_from_db()
    assert (fact.value, fact.verified_on) == ("5.1", TODAY)


def test_an_older_draft_of_the_tool_does_not_undo_it(admin_client):
    fact = stale()
    draft = fact.tool.save_revision()
    admin_client.post(screen(fact), {"digest": fact.value_digest})
    draft.publish()
    assert fact.tool.facts.get().verified_on == TODAY


def test_a_fact_that_is_not_published_is_not_there(admin_client):
    assert admin_client.get(screen(FactFactory(live=False))).status_code == 404


def test_who_may_not_publish_facts_sees_the_report_and_verifies_nothing(client, editor):
    fact = stale()
    report = client.get(REPORT)
    assert report.status_code == 200
    assert "Verify one by one" not in text(report)
    for response in (
        client.get(NEXT),
        client.get(screen(fact)),
        client.post(screen(fact), {"digest": fact.value_digest}),
    ):
        assert response.headers["Location"] == reverse("wagtailadmin_home")
    assert fact.verifications.count() == 1


def test_the_report_is_in_the_menu(admin_client):
    assert "Stale facts" in admin_client.get(reverse("wagtailadmin_home")).content.decode()


def test_a_filter_for_what_does_not_exist_shows_everything(admin_client):
    fact = stale()
    response = admin_client.get(REPORT, {"attribute__group": "99999"})
    assert list(response.context["object_list"]) == [fact]
