"""Whoever guesses passwords is stopped, whatever they say of themselves; everybody else signs in."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.models import User
from django.core import mail
from django.db.models import F

from cms.mail import wait_until_sent

pytestmark = pytest.mark.django_db
PASSWORD = "seven-brown-owls"
LIMIT = 10


@pytest.fixture(autouse=True)
def ada(settings):
    settings.PROXY_COUNT = 1
    return User.objects.create_superuser("ada", "ada@example.com", PASSWORD)


def sign_in(client, username="ada", password="wrong", network="203.0.113.7", **headers):
    """The status: 302 signed in, 200 refused, 429 locked."""
    headers.setdefault("x-forwarded-for", network)
    answer = client.post("/admin/login/", {"username": username, "password": password}, headers=headers)
    return answer.status_code


def fail(client, times, **how):
    return [sign_in(client, **how) for _ in range(times)]


def test_the_tenth_failure_locks_the_name_for_that_network_only(client):
    assert fail(client, LIMIT) == [200] * (LIMIT - 1) + [429]
    assert sign_in(client, password=PASSWORD) == 429
    assert sign_in(client, password=PASSWORD, network="203.0.113.8") == 302
    User.objects.create_superuser("bob", "bob@example.com", PASSWORD)
    assert sign_in(client, username="bob", password=PASSWORD) == 302


def test_who_is_locked_out_reads_why(client):
    fail(client, LIMIT)
    answer = client.post(
        "/admin/login/", {"username": "ada", "password": PASSWORD}, headers={"x-forwarded-for": "203.0.113.7"}
    )
    assert "Too many attempts to sign in" in answer.content.decode()
    assert "Wait a quarter of an hour" in answer.content.decode()
    assert "sessionid" not in client.cookies


def test_the_lock_ends_by_itself_and_trying_does_not_prolong_it(client):
    fail(client, LIMIT)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=10))
    assert sign_in(client, password=PASSWORD) == 429
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=6))
    assert sign_in(client, password=PASSWORD) == 302


@pytest.mark.parametrize("spelling", ["ADA", "Ada", " ada ", "ａｄａ", "ᴬda"])
def test_another_spelling_is_the_same_name(client, spelling):
    fail(client, LIMIT - 1, username=spelling)
    assert sign_in(client) == 429


def test_a_network_with_many_names_is_stopped(client):
    assert [sign_in(client, username=f"user{number}") for number in range(LIMIT * 5)] == [200] * (LIMIT * 5 - 1) + [429]
    assert sign_in(client, password=PASSWORD) == 429
    assert sign_in(client, password=PASSWORD, network="203.0.113.8") == 302


def test_a_success_between_does_not_forgive_failures(client):
    User.objects.create_superuser("eve", "eve@example.com", PASSWORD)
    fail(client, LIMIT - 1)
    assert sign_in(client, username="eve", password=PASSWORD) == 302
    client.logout()
    assert sign_in(client) == 429


def test_what_the_browser_says_of_its_address_does_not_count(client):
    found = [sign_in(client, **{"x-forwarded-for": f"198.51.100.{number}, 203.0.113.7"}) for number in range(LIMIT)]
    assert found[-1] == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"203.0.113.7"}


def test_without_a_proxy_the_header_does_not_count(client, settings):
    settings.PROXY_COUNT = 0
    found = [sign_in(client, network=f"198.51.100.{number}") for number in range(LIMIT)]
    assert found[-1] == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}


def test_behind_two_proxies_the_outer_one_is_believed(client, settings):
    settings.PROXY_COUNT = 2
    sign_in(client, network="198.51.100.9, 203.0.113.7, 10.0.0.2")
    sign_in(client, network="10.0.0.2")
    assert sorted(AccessAttempt.objects.values_list("ip_address", flat=True)) == ["127.0.0.1", "203.0.113.7"]


def test_a_customer_with_many_addresses_is_one_network(client):
    found = [sign_in(client, network=f"2001:db8:1:2::{number:x}") for number in range(LIMIT)]
    assert found[-1] == 429
    assert sign_in(client, password=PASSWORD, network="2001:db8:1:3::1") == 302


def test_an_ipv4_address_written_as_an_ipv6_one_is_the_same_network(client):
    fail(client, LIMIT - 1, network="::ffff:203.0.113.7")
    assert sign_in(client) == 429
    assert sign_in(client, password=PASSWORD, network="::ffff:203.0.113.8") == 302


def test_a_refusal_tells_nothing_of_the_account(client):
    User.objects.create_superuser("idle", "idle@example.com", PASSWORD, is_active=False)
    told = set()
    for name, password in (("ada", "wrong"), ("nobody", PASSWORD), ("idle", PASSWORD)):
        answer = client.post("/admin/login/", {"username": name, "password": password})
        told.add((answer.status_code, *answer.context["form"].non_field_errors()))
    assert told == {(200, "Your username and password didn't match. Please try again.")}


def test_what_is_no_address_is_as_good_as_none(client):
    sign_in(client, network="unknown")
    assert AccessAttempt.objects.get().ip_address == "127.0.0.1"


@pytest.mark.parametrize("agent", ["Mozilla/5.0", "curl/8"])
def test_another_browser_is_the_same_network(client, agent):
    fail(client, LIMIT - 1)
    assert sign_in(client, **{"user-agent": agent}) == 429


def test_no_password_is_kept(client):
    sign_in(client, password="almost-the-right-one")
    assert "almost" not in AccessAttempt.objects.get().post_data


def test_a_flood_of_forgotten_passwords_is_one_mail_to_each(client, django_capture_on_commit_callbacks):
    User.objects.create_superuser("bob", "bob@example.com", PASSWORD)
    answers = set()
    with django_capture_on_commit_callbacks(execute=True):
        for email in ["ada@example.com", "ADA@example.com", "bob@example.com", "nobody@example.com"] * 3:
            answer = client.post("/admin/password_reset/", {"email": email})
            answers.add((answer.status_code, answer["Location"]))
    wait_until_sent()
    assert answers == {(302, "/admin/password_reset/done/")}
    assert sorted(message.to for message in mail.outbox) == [["ada@example.com"], ["bob@example.com"]]


def test_a_cache_that_is_away_keeps_nobody_from_a_new_password(client, settings, django_capture_on_commit_callbacks):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://[::1]:1"}
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/admin/password_reset/", {"email": "ada@example.com"}).status_code == 302
    wait_until_sent()
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]


def test_passwords_are_hashed_by_argon2_and_older_hashes_become_it(settings):
    from cms.settings import base

    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    assert identify_hasher(make_password("x")).algorithm == "argon2"
    user = User(username="old", password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    user.save()
    assert user.check_password(PASSWORD)
    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm == "argon2"
