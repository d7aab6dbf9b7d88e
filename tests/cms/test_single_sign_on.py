"""Whoever the provider says is somebody here is signed in; nobody else is, whatever they bring."""

import http.client
import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as running
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.utils import timezone
from wagtail.test.utils import WagtailTestUtils

from cms import single_sign_on
from cms.models import Identity
from cms.sessions import prune
from tests.oidc import (
    CLIENT,
    OTHER_KEY,
    SECRET,
    running_provider,
    signed,
    signed_with_what_everybody_knows,
    unsigned,
)

pytestmark = pytest.mark.django_db
PASSWORD = "seven-brown-owls"
ADA = {
    "sub": "24400320",
    "email": "ada@example.com",
    "email_verified": True,
    "preferred_username": "ada",
    "given_name": "Ada",
    "family_name": "Lovelace",
}
BACKENDS = [*running.AUTHENTICATION_BACKENDS, "cms.single_sign_on.Backend"]


@pytest.fixture
def provider(settings):
    with running_provider() as provider:
        provider.user = ADA
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = provider.issuer, CLIENT, SECRET
        settings.AUTHENTICATION_BACKENDS = BACKENDS
        yield provider


@pytest.fixture
def ada():
    return User.objects.create_superuser("ada", "ada@example.com", PASSWORD)


def words(response):
    return " ".join(WagtailTestUtils.get_soup(response.content.decode()).select_one("main").get_text(" ").split())


def follow(address):
    """Where a server sends a browser on."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 302
    return answer.headers["Location"]


def come_back(client, asked=""):
    """The address at which the provider sends the browser back."""
    begun = client.get("/admin/login/oidc/", {"next": asked} if asked else {})
    assert begun.status_code == 302
    back = follow(begun["Location"])
    assert back.startswith("http://testserver/admin/login/oidc/done/?")
    return back.removeprefix("http://testserver")


def sign_in(client, asked=""):
    return client.get(come_back(client, asked))


def who(client):
    """The name of who is signed in; None if nobody is."""
    return User.objects.filter(pk=client.session.get("_auth_user_id")).values_list("username", flat=True).first()


def told(client, response):
    """What the page says to which somebody is sent who is not signed in."""
    assert (response.status_code, response["Location"]) == (302, "/admin/login/")
    assert who(client) is None
    return words(client.get("/admin/login/"))


def test_the_page_has_a_button_that_leads_to_the_provider_and_back(client, provider, ada, settings):
    settings.OIDC_NAME = "Example ID"
    page = client.get("/admin/login/?next=/admin/reports/")
    assert "Sign in with Example ID" in words(page)
    assert 'href="/admin/login/oidc/?next=%2Fadmin%2Freports%2F"' in page.content.decode()
    assert sign_in(client, "/admin/reports/")["Location"] == "/admin/reports/"
    assert who(client) == "ada"
    assert client.get("/admin/").status_code == 200
    assert timedelta(hours=11) < client.session.get_expiry_date() - timezone.now() <= timedelta(hours=12)


def test_who_goes_is_told_as_little_as_need_be(client, provider, ada):
    begun = client.get("/admin/login/oidc/")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun["Location"]).query).items()}
    assert asked.keys() == {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }
    assert asked["scope"] == "openid profile email"
    assert client.session.get_expiry_date() - timezone.now() <= timedelta(hours=1)
    assert begun["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.mark.parametrize("asked", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_nobody_is_led_astray(client, provider, ada, asked):
    assert sign_in(client, asked)["Location"] == "/admin/"


def test_somebody_is_known_by_the_subject_whatever_else_changes(client, provider, ada):
    sign_in(client)
    client.logout()
    provider.user = {**ADA, "email": "countess@example.com", "preferred_username": "countess"}
    sign_in(client)
    assert who(client) == "ada"
    assert list(Identity.objects.values_list("user__username", "issuer", "subject")) == [
        ("ada", provider.issuer, "24400320")
    ]


def test_the_same_subject_of_another_provider_is_somebody_else(client, provider, ada):
    boss = User.objects.create_superuser("boss", "boss@example.com", PASSWORD)
    Identity.objects.create(user=boss, issuer="https://id.before.example", subject=ADA["sub"])
    sign_in(client)
    assert who(client) == "ada"


def test_the_address_of_somebody_else_leads_to_no_other_account_once_known(client, provider, ada):
    sign_in(client)
    client.logout()
    User.objects.create_superuser("boss", "boss@example.com", PASSWORD)
    provider.user = {**ADA, "email": "boss@example.com"}
    sign_in(client)
    assert who(client) == "ada"


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_nobody_has_confirmed_is_nobodys(client, provider, ada, settings, verified):
    provider.user = {**ADA, "email_verified": verified}
    assert "There is no account for you here." in told(client, sign_in(client))
    assert not Identity.objects.exists()
    settings.OIDC_TRUST_EMAIL = True
    sign_in(client)
    assert who(client) == "ada"


def test_an_address_of_two_is_nobodys(client, provider, ada):
    User.objects.create_superuser("eve", "ADA@example.com", PASSWORD)
    assert "Several accounts have your mail address." in told(client, sign_in(client))
    assert not Identity.objects.exists()


def test_an_address_that_was_somebody_elses_is_nobodys(client, provider, ada):
    sign_in(client)
    client.logout()
    provider.user = {**ADA, "sub": "5"}
    assert "The account with your mail address is somebody else's." in told(client, sign_in(client))
    assert Identity.objects.count() == 1
    User.objects.update(email="ada.before@example.com")
    User.objects.create_superuser("ada.now", "ada@example.com", PASSWORD)
    sign_in(client)
    assert who(client) == "ada.now"


@pytest.mark.parametrize("address", ["", None, "ada", ["ada@example.com"]])
def test_no_address_finds_nobody_without_one(client, provider, address):
    User.objects.create_superuser("nobody", "", PASSWORD)
    provider.user = {**ADA, "email": address}
    assert "There is no account for you here." in told(client, sign_in(client))


def test_who_has_no_account_and_no_role_gets_none(client, provider):
    assert "There is no account for you here." in told(client, sign_in(client))
    assert (User.objects.count(), Identity.objects.count()) == (0, 0)


def test_who_is_switched_off_stays_out(client, provider, ada):
    sign_in(client)
    client.logout()
    User.objects.update(is_active=False)
    assert "Your account is switched off." in told(client, sign_in(client))


def test_who_has_an_account_without_a_role_is_told_so(client, provider):
    User.objects.create_user("ada", "ada@example.com")
    assert "Your account has no role yet." in told(client, sign_in(client))
    assert Identity.objects.count() == 1, "an administrator gives one to this account"


@pytest.fixture
def ruled(settings):
    settings.OIDC_GROUPS = [
        ("cms writers", "Writers"),
        ("cn=publishers,ou=cms", "Publishers"),
        ("cms-admins", single_sign_on.SUPERUSER),
    ]


def roles(user):
    return sorted(user.groups.values_list("name", flat=True))


def test_who_has_a_group_of_ours_gets_an_account(client, provider, ruled):
    provider.user = {**ADA, "groups": ["cms writers", "everybody"]}
    assert sign_in(client)["Location"] == "/admin/"
    user = User.objects.get()
    assert (user.username, user.email, user.first_name, user.last_name) == (
        *("ada", "ada@example.com"),
        *("Ada", "Lovelace"),
    )
    assert (roles(user), user.is_superuser, user.has_usable_password()) == (["Writers"], False, False)


def test_a_name_that_is_taken_gets_a_number(client, provider, ruled):
    provider.user = {**ADA, "groups": "cms writers", "email": "other@example.com", "preferred_username": "ADA"}
    for name in ("Ada", "ada-2", "adam"):
        User.objects.create_user(name, f"{name}@example.com")
    sign_in(client)
    assert who(client) == "ADA-3"


@pytest.mark.parametrize(
    ("named", "username"),
    [
        ("Ada Lovelace", "Ada-Lovelace"),
        ("EXAMPLE\\ada", "EXAMPLE-ada"),
        ("ada\x00", "ada"),
        ("Ádá", "Ádá"),
        (" ", "24400320"),
    ],
)
def test_a_name_is_one_that_can_be_edited_here(client, provider, ruled, named, username):
    provider.user = {**ADA, "groups": ["cms writers"], "preferred_username": named, "email_verified": False}
    provider.user |= {"given_name": "Ada\x00", "family_name": ["Lovelace"]}
    sign_in(client)
    user = User.objects.get()
    assert (user.username, user.first_name, user.last_name) == (username, "Ada", "")
    user.full_clean(exclude=["password"])


@pytest.mark.parametrize("groups", [5, True, {"cms writers": 1}, [["cms writers"]], [None]])
def test_groups_in_no_form_that_is_known_are_none(client, provider, ruled, groups):
    provider.user = {**ADA, "groups": groups}
    assert "There is no account for you here." in told(client, sign_in(client))


def test_an_address_that_is_too_long_is_left_out(client, provider, ruled):
    domain = ".".join(["a" * 60] * 5)
    provider.user = {**ADA, "groups": ["cms writers"], "email": f"ada@{domain}.com"}
    sign_in(client)
    assert User.objects.get().email == ""


def test_a_fault_of_ours_is_not_told_as_one_of_the_provider(client, provider, ada, monkeypatch):
    monkeypatch.setattr(single_sign_on, "_give_groups", lambda user, claims: int("seven"))
    client.raise_request_exception = False
    assert sign_in(client).status_code == 500
    assert who(client) is None


def test_an_account_of_somebody_nameless_is_named_by_the_subject(client, provider, ruled):
    provider.user = {"sub": "24400320", "groups": ["cms writers"], "email": "ada@example.com"}
    sign_in(client)
    user = User.objects.get()
    assert (user.username, user.email) == ("24400320", ""), "nobody has confirmed the address"


def test_roles_follow_the_provider_and_others_stay(client, provider, ruled, ada):
    ada.groups.set([Group.objects.get(name="Writers"), Group.objects.get(name="Editors")])
    provider.user = {**ADA, "groups": ["cn=publishers,ou=cms"]}
    sign_in(client)
    ada.refresh_from_db()
    assert (roles(ada), ada.is_superuser) == (["Editors", "Publishers"], False)
    provider.user = {**ADA, "groups": ["cms-admins"]}
    sign_in(client)
    ada.refresh_from_db()
    assert (roles(ada), ada.is_superuser) == (["Editors"], True)
    provider.user = ADA
    sign_in(client)
    ada.refresh_from_db()
    assert (roles(ada), ada.is_superuser) == (["Editors"], False), "what is not told is not had"


def test_without_rules_nobody_becomes_or_stops_being_a_superuser(client, provider, ada):
    provider.user = {**ADA, "groups": []}
    sign_in(client)
    ada.refresh_from_db()
    assert ada.is_superuser


def test_a_role_that_is_not_there_is_told_to_who_runs_the_site(client, provider, ruled, ada, settings, caplog):
    settings.OIDC_GROUPS = [*settings.OIDC_GROUPS, ("cms-admins", single_sign_on.SUPERUSER), ("cms", "Wirters")]
    provider.user = {**ADA, "groups": ["cms", "cms-admins"]}
    sign_in(client)
    assert [line for line in caplog.messages if line] == [
        f"User {ada.pk} signs in by {provider.issuer} from now on",
        "OIDC_GROUPS names a role that is not there: Wirters",
    ]


LIES = {
    "of another provider": {"token": {"iss": "https://evil.example"}},
    "for another site": {"token": {"aud": "another"}},
    "for another site, asked by us": {"token": {"aud": "another", "azp": CLIENT}},
    "for us and asked by another": {"token": {"aud": [CLIENT, "another"], "azp": "another"}},
    "of another sign-in": {"token": {"nonce": "another"}},
    "of no sign-in": {"token": {"nonce": None}},
    "of yesterday": {"token": {"exp": 1}},
    "for ever": {"token": {"exp": None}},
    "of nobody": {"token": {"sub": None}},
    "of nobody, in words": {"token": {"sub": ""}, "told": {"sub": ""}},
    "of a number": {"token": {"sub": 24400320}, "told": {"sub": 24400320}},
    "of too long a subject": {"token": {"sub": "1" * 256}, "told": {"sub": "1" * 256}},
    "of a subject that no database takes": {"token": {"sub": "1\x00"}, "told": {"sub": "1\x00"}},
    "of somebody else, beside it": {"told": {"sub": "1"}},
    "unsigned": {"sign": unsigned, "algorithms": ["RS256", "none"]},
    "signed by another": {"sign": lambda claims: signed(claims, OTHER_KEY)},
    "signed with the public key": {
        "sign": signed_with_what_everybody_knows,
        "algorithms": ["RS256", "HS256"],
    },
    "garbled": {"sign": lambda claims: "a.b.c"},
    "not there": {"sign": None},
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is(client, provider, ada, lie, caplog):
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    with caplog.at_level(logging.INFO):
        assert "Its answer cannot be trusted." in told(client, sign_in(client))
    assert not Identity.objects.exists()
    assert len([line for line in caplog.messages if line.startswith("Signing in by")]) == 1


def test_an_address_is_good_once_and_in_one_browser(client, provider, ada):
    back = come_back(client)
    other = type(client)()
    assert "It was cancelled, or took too long." in told(other, other.get(back))
    client.get(back)
    assert who(client) == "ada"
    client.logout()
    assert "It was cancelled, or took too long." in told(client, client.get(back))


@pytest.mark.parametrize("query", ["", "?code=1", "?state=1", "?code=1&state=1", "?code=%00&state=%ff&code=2"])
def test_an_address_that_somebody_made_up_leads_nowhere(client, provider, ada, query):
    assert "It was cancelled" in told(client, client.get(f"/admin/login/oidc/done/{query}"))
    assert set(provider.asked) <= {"/.well-known/openid-configuration"}


def test_who_cancels_is_told_so(client, provider, ada):
    state = parse_qs(urlsplit(come_back(client)).query)["state"][0]
    answer = client.get(f"/admin/login/oidc/done/?error=access_denied&error_description=%3Cscript%3E&state={state}")
    page = told(client, answer)
    assert "It was cancelled" in page
    assert "script" not in page


def test_a_provider_that_is_away_stops_nobody_else(client, provider, ada, settings):
    back = come_back(client)
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert "It cannot be reached." in told(client, client.get("/admin/login/oidc/"))
    settings.OIDC_ISSUER = provider.issuer
    provider.exchange = lambda form, credentials: 1 / 0
    assert "It cannot be reached." in told(client, client.get(back))
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert who(client) == "ada"


def test_a_wrong_secret_is_told_to_who_runs_the_site(client, provider, ada, settings, caplog):
    settings.OIDC_CLIENT_SECRET = "mistyped"
    page = told(client, sign_in(client))
    assert "You are not signed in by single sign-on. It is not set up for this site." in page
    assert f"Signing in by {provider.issuer} failed: OAuthError 'invalid_client'" in caplog.messages


def test_nothing_secret_is_in_the_log(client, provider, ada, caplog):
    with caplog.at_level(logging.DEBUG):
        back = come_back(client)
        client.get(back)
    secret = [SECRET, "ada@example.com", "may-read-the-user", *parse_qs(urlsplit(back).query)["code"]]
    assert [each for each in secret for line in caplog.messages if each in line] == []


def test_there_is_none_unless_it_is_set_up(client, ada):
    assert "Sign in with" not in words(client.get("/admin/login/"))
    for path in ("/admin/login/oidc/", "/admin/login/oidc/done/"):
        assert client.get(path).status_code == 404


def test_nothing_is_begun_by_a_form_of_somebody_else(client, provider, ada):
    for path in ("/admin/login/oidc/", "/admin/login/oidc/done/"):
        assert client.post(path).status_code == 405


def test_passwords_can_be_refused(client, provider, ada, settings):
    settings.OIDC_ONLY = True
    settings.AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "cms.single_sign_on.Backend"]
    page = client.get("/admin/login/").content.decode()
    assert "password" not in page.lower()
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert who(client) is None
    sign_in(client)
    assert client.get("/admin/").status_code == 200


def test_ended_sessions_are_forgotten(client, provider, ada):
    sign_in(client)
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
    prune.call()
    assert list(Session.objects.values_list("session_key", flat=True)) == [client.session.session_key]
