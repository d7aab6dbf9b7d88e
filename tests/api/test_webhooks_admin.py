"""Administrators connect receivers, see what was told, and send it again."""

import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils import WagtailTestUtils

from api.copies import Copy, is_copy
from api.webhooks.delivering import CHANGED, TEST, deliver, new_secret
from api.webhooks.models import DELIVERED, GIVEN_UP, WAITING, Delivery, Secret, Webhook
from content.roles import group_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("enqueued")]

URL = "https://search.example.com/hook"
DENIED = 302


def client_of(*codenames):
    User.objects.filter(username="operator").delete()
    user = User.objects.create_user("operator", password="sufficiently long")
    user.groups.add(group_of("publisher"))
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def webhook(**values):
    return Webhook.objects.create(**{"description": "Search", "url": URL, **values})


def delivery(found, **values):
    return Delivery.objects.create(**{"webhook": found, "event": CHANGED, "body": '{"data":{}}', **values})


def words(response):
    html = response if isinstance(response, str) else response.content.decode()
    return " ".join(WagtailTestUtils.get_soup(html).select_one("main").get_text(" ").split())


def table(client, address, **query):
    html = client.get(address, query).content.decode()
    rows = WagtailTestUtils.get_soup(html).select("table.listing tbody tr")
    return [[" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("td")] for row in rows]


def test_a_webhook_is_made_connected_and_tested(admin_client, enqueued):
    form = {"description": "Search", "url": URL, "types": ["Tool"], "is_enabled": "on"}
    response = admin_client.post(reverse("webhooks:add"), form)
    found = Webhook.objects.get()
    connect = reverse("api_webhook_connect", args=[found.pk])
    assert (response.status_code, response["Location"]) == (302, connect)
    assert (found.url, found.types, found.is_enabled) == (URL, ["Tool"], True)
    page = words(admin_client.get(connect))
    assert "Nothing is sent until there is a secret." in page
    assert "Send a test" not in page
    assert "Make a secret first" in words(admin_client.post(reverse("api_webhook_test", args=[found.pk]), follow=True))
    assert not Delivery.objects.exists()
    made = admin_client.post(connect)
    assert "no-store" in made["Cache-Control"]
    assert Secret.objects.get().value in made.content.decode()
    response = admin_client.post(reverse("api_webhook_test", args=[found.pk]), follow=True)
    (message,) = Delivery.objects.all()
    assert (message.event, message.state) == (TEST, WAITING)
    assert enqueued(deliver) == [[str(message.pk)]]
    assert response.redirect_chain == [(reverse("api_delivery", args=[message.pk]), 302)]
    assert "The test is on its way." in words(response)


def test_a_secret_is_shown_once(admin_client):
    found = webhook()
    connect = reverse("api_webhook_connect", args=[found.pk])
    first = re.search(r"whsec_[\w+/=]+", admin_client.post(connect).content.decode())[0]
    made = admin_client.post(connect).content.decode()
    second = Secret.objects.get(ends_at=None).value
    assert second in made
    assert first not in made
    assert "both sign for a day" in words(made)
    delivery(found)
    pages = [
        connect,
        reverse("webhooks:index"),
        reverse("webhooks:edit", args=[found.pk]),
        reverse("webhooks:history", args=[found.pk]),
        reverse("api_deliveries"),
        f"{reverse('api_deliveries')}?export=csv",
        reverse("api_delivery", args=[Delivery.objects.get().pk]),
    ]
    for page in pages:
        response = admin_client.get(page)
        html = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code == 200
        assert b"whsec_" not in html, page
    assert "signs, too, until" in words(admin_client.get(connect))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://10.0.0.1/", "This address cannot be told: it is not in the public web."),
        ("http://localhost/hook", "This address cannot be told: it is not in the public web."),
        ("https://Search.Internal./", "This address cannot be told: it is not in the public web."),
        ("https://[::1]/", "This address cannot be told: it is not in the public web."),
        ("https://example.com:444/", "only http and https on their usual ports are asked"),
        ("ftp://example.com/", "Enter a valid URL."),
        ("", "This field is required."),
    ],
)
def test_an_address_that_is_never_told_is_refused(admin_client, url, problem):
    response = admin_client.post(reverse("webhooks:add"), {"description": "Search", "url": url, "is_enabled": "on"})
    assert problem in words(response)
    assert not Webhook.objects.exists()


def test_the_list_says_how_each_stands(admin_client):
    assert "There are no webhooks to display." in words(admin_client.get(reverse("webhooks:index")))
    told = webhook(description="a told")
    new_secret(told)
    delivery(told, state=DELIVERED, attempted_at=timezone.now())
    failing = webhook(description="b failing")
    new_secret(failing)
    delivery(failing, problem="The receiver answers 500", attempted_at=timezone.now())
    webhook(description="c new")
    gone = webhook(description="d gone")
    Webhook.objects.filter(pk=gone.pk).update(is_enabled=False, switched_off_because="The receiver answers 410")
    webhook(description="e off", is_enabled=False)
    rows = table(admin_client, reverse("webhooks:index"))
    states = {row[0][0]: (row[-3], row[-2] != "", row[-1]) for row in rows}
    assert states == {
        "a": ("On", True, ""),
        "b": ("On", False, "The receiver answers 500"),
        "c": ("Not connected yet", False, ""),
        "d": ("Off. The receiver answers 410", False, ""),
        "e": ("Off", False, ""),
    }


def test_the_log_says_of_each_message_what_became_of_it(admin_client):
    address = reverse("api_deliveries")
    assert "No webhook has been told anything yet." in words(admin_client.get(address))
    found, other = webhook(), webhook(description="Static site")
    delivery(found, generation=1, state=DELIVERED, attempts=1, status=204, ms=12)
    delivery(found, generation=2, attempts=2, ms=10_000, problem="It did not answer in time")
    delivery(other, generation=3, state=GIVEN_UP, attempts=16, status=500, ms=7, problem="The receiver answers 500")
    delivery(other, generation=4)
    delivery(other, event=TEST, state=DELIVERED, attempts=1, status=200, ms=5)
    rows = {row[2]: row[:6] + row[7:] for row in table(admin_client, address)}
    assert rows == {
        "1": ["Search", "Change", "1", "Delivered", "1", "204 in 12 ms", "Send again"],
        "2": ["Search", "Change", "2", "Waiting for another attempt", "2", "It did not answer in time in 10000 ms", ""],
        "3": ["Static site", "Change", "3", "Given up", "16", "500 in 7 ms", "Send again"],
        "4": ["Static site", "Change", "4", "Waiting", "0", "", ""],
        "": ["Static site", "Test", "", "Delivered", "1", "200 in 5 ms", "Send again"],
    }
    assert {row[2] for row in table(admin_client, address, webhook=found.pk)} == {"1", "2"}
    assert {row[2] for row in table(admin_client, address, state=GIVEN_UP)} == {"3"}
    assert {row[2] for row in table(admin_client, address, event=TEST)} == {""}
    page = words(admin_client.get(reverse("api_delivery", args=[Delivery.objects.get(generation=3).pk])))
    for part in ("Given up", "16", "The receiver answers 500.", '"data": {}', "Send again"):
        assert part in page


def test_a_message_is_sent_again_with_its_id(admin_client, enqueued):
    message = delivery(webhook(), state=GIVEN_UP, attempts=16, problem="The receiver answers 500")
    response = admin_client.post(reverse("api_delivery_again", args=[message.pk]), follow=True)
    assert "The message is sent once more, with its id." in words(response)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.problem) == (WAITING, 0, "")
    assert enqueued(deliver) == [[str(message.pk)]]
    Webhook.objects.update(is_enabled=False)
    Delivery.objects.update(state=GIVEN_UP)
    response = admin_client.post(reverse("api_delivery_again", args=[message.pk]), follow=True)
    assert "is switched off: switch it on first." in words(response)
    assert len(enqueued(deliver)) == 1


def test_a_copy_sends_no_test_and_nothing_again(admin_client, enqueued):
    found = webhook()
    new_secret(found)
    message = delivery(found, state=GIVEN_UP)
    Copy.objects.create(pk=1, taken_at=timezone.now())
    is_copy.cache_clear()
    for address in (
        reverse("api_webhook_test", args=[found.pk]),
        reverse("api_delivery_again", args=[message.pk]),
    ):
        assert "This is a copy of another site, which sends nothing." in words(admin_client.post(address, follow=True))
    assert enqueued(deliver) == []
    assert Delivery.objects.count() == 1


def test_who_may_see_and_who_may_send():
    found = webhook()
    new_secret(found)
    message = delivery(found, state=GIVEN_UP)
    log, one = reverse("api_deliveries"), reverse("api_delivery", args=[message.pk])
    sending = [
        reverse("api_webhook_connect", args=[found.pk]),
        reverse("api_webhook_test", args=[found.pk]),
        reverse("api_delivery_again", args=[message.pk]),
    ]
    nobody = client_of()
    assert [nobody.get(each).status_code for each in (log, one, reverse("webhooks:index"))] == [DENIED] * 3
    assert log not in nobody.get(reverse("wagtailadmin_home")).content.decode()
    assert [nobody.post(each).status_code for each in sending] == [DENIED] * 3
    seeing = client_of("view_webhook")
    assert [cells[-1] for cells in table(seeing, log)] == [""]
    assert "Send again" not in words(seeing.get(one))
    for address in sending:
        assert seeing.post(address)["Location"] == reverse("wagtailadmin_home")
    assert Secret.objects.count() == Delivery.objects.count() == 1
    message.refresh_from_db()
    assert message.state == GIVEN_UP
    changing = client_of("change_webhook")
    assert [changing.get(each).status_code for each in sending[1:]] == [405, 405]
    for address in sending:
        assert changing.post(address).status_code in (200, 302)
    assert (Secret.objects.count(), Delivery.objects.count()) == (2, 2)


def test_lists_ask_the_same_however_much_there_is(admin_client):
    addresses = [reverse("webhooks:index"), reverse("api_deliveries")]

    def fill(count):
        for number in range(count):
            found = webhook(description=f"Webhook {number}")
            new_secret(found)
            delivery(found, state=GIVEN_UP)

    def queries():
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert table(admin_client, address)
            found.append(len(captured))
        return found

    fill(1)
    queries()
    few = queries()
    fill(12)
    assert queries() == few


def test_the_log_of_one_webhook_is_a_click_away(admin_client):
    found = webhook()
    html = admin_client.get(reverse("webhooks:edit", args=[found.pk])).content.decode()
    assert f"{reverse('api_deliveries')}?{urlencode({'webhook': found.pk})}" in html
    assert reverse("api_webhook_connect", args=[found.pk]) in html
