"""Signing in by an OpenID Connect provider (Keycloak, Entra ID, Okta, Google …); off without OIDC_ISSUER.

    /admin/login/ ─▶ begin ─▶ the provider ─▶ finish ─┬─ known by issuer and subject ─────────▶ signed in
                                                      ├─ a user has this confirmed address ───▶ known from now on
                                                      ├─ OIDC_GROUPS has one of their groups ─▶ a new user
                                                      └─ anybody else ────────────────────────▶ told why not

Authlib speaks the protocol: authorization code with PKCE, state, nonce, the provider's keys, the claims of its token.
"""

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from itertools import chain, count
from typing import Any, TypeAlias

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.admin.views.account import LoginView

from cms.models import Identity
from content.changes import turn

Claims: TypeAlias = Mapping[str, Any]

SUPERUSER = "superuser"
"""What OIDC_GROUPS calls those who may do everything."""
PATIENCE = 10
"""Seconds until the provider has to have answered."""
LASTS = timedelta(hours=12)
"""So long whoever is signed in is not asked for again: who was dismissed is out after that at the latest."""
TO_SIGN_IN = timedelta(hours=1)
"""So long it is remembered who has gone to the provider."""
NEXT = "after_single_sign_on"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""With which only the provider can sign: neither none at all nor one whose key is known to both."""
LONGEST_ADDRESS = MaxLengthValidator(254)
"""Characters that a user's mail address may have here."""
SUBJECT = re.compile(r"[!-~]{1,255}")
"""Who somebody is, in ASCII (OpenID Connect Core 1.0, 2)."""
SET_UP_WRONG = {
    *("invalid_client", "unauthorized_client", "invalid_request", "invalid_scope"),
    *("unsupported_response_type", "unsupported_grant_type"),
}
"""Errors that no second try helps (RFC 6749, 4.1.2.1 and 5.2)."""

logger = logging.getLogger("cms.single_sign_on")


class Refused(Exception):
    """The provider says who it is, and that is nobody who may come in. The reason is for them to read."""


class Backend(ModelBackend):
    """Rights as ever, but no passwords."""

    def authenticate(self, *args: Any, **kwargs: Any) -> None:
        return None


class SignInView(LoginView):
    """Wagtail's page, with a button for the provider."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        address = reverse("single_sign_on")
        asked = self.get_redirect_url()
        return context | {
            "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "provider_address": f"{address}?{urlencode({'next': asked})}" if asked else address,
            "is_by_provider_only": settings.OIDC_ONLY,
        }


@require_safe
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """To the provider, and afterwards to `next`. One request to the provider for each process."""
    from requests import RequestException

    app = _provider_or_404()
    asked = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    request.session[NEXT] = asked if is_ours else ""
    if not request.user.is_authenticated:
        request.session.set_expiry(TO_SIGN_IN)
    try:
        response: HttpResponse = app.authorize_redirect(
            request, request.build_absolute_uri(reverse("single_sign_on_finished"))
        )
    except (RequestException, RuntimeError, ValueError) as error:
        return _refusal(request, "It cannot be reached. Try again in a minute.", error)
    return response


@require_safe
@never_cache
def finish(request: HttpRequest) -> HttpResponse:
    """Where the provider sends a browser back. At most three requests to the provider."""
    from authlib.integrations.base_client import OAuthError
    from joserfc.errors import JoseError
    from requests import RequestException

    app = _provider_or_404()
    try:
        claims = _claims(app, request)
    except OAuthError as error:
        if error.error in SET_UP_WRONG:
            return _refusal(request, "It is not set up for this site. Tell whoever runs it.", error)
        return _refusal(request, "It was cancelled, or took too long. Try again.", error)
    except RequestException as error:
        return _refusal(request, "It cannot be reached. Try again in a minute.", error)
    except (JoseError, RuntimeError, ValueError, TypeError, KeyError) as error:
        return _refusal(request, "Its answer cannot be trusted. Tell whoever runs this site.", error)
    try:
        user = _user_of(claims)
    except Refused as refused:
        return _refusal(request, str(refused))
    address = request.session.pop(NEXT, "") or reverse("wagtailadmin_home")
    login(request, user, backend="cms.single_sign_on.Backend")
    request.session.set_expiry(LASTS)
    return redirect(address)


def _provider_or_404() -> Any:
    if not settings.OIDC_ISSUER:
        raise Http404
    return _provider(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET, settings.OIDC_SCOPES)


@lru_cache(1)
def _provider(issuer: str, client_id: str, secret: str, scopes: str) -> Any:
    """Authlib's client; it reads what the provider says of itself when that is first needed."""
    from authlib.integrations.django_client import OAuth

    return OAuth().register(
        "oidc",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": scopes, "code_challenge_method": "S256", "default_timeout": PATIENCE},
    )


def _claims(app: Any, request: HttpRequest) -> Claims:
    """What the provider says of who has signed in there: its signed token, and what only its address for users tells.
    Raises what Authlib, joserfc and requests raise.
    """
    wanted = {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
        "sub": {"essential": True},
    }
    offered = app.load_server_metadata().get("id_token_signing_alg_values_supported", ALGORITHMS)
    app.server_metadata["id_token_signing_alg_values_supported"] = [each for each in offered if each in ALGORITHMS]
    token = app.authorize_access_token(request, claims_options=wanted)
    signed: Claims = token["userinfo"]
    if not SUBJECT.fullmatch(signed["sub"]):
        raise ValueError("The subject is none.")
    if not app.server_metadata.get("userinfo_endpoint"):
        return signed
    told: Claims = app.userinfo(token=token)
    if told.get("sub") != signed["sub"]:
        raise ValueError("The claims are another user's.")
    return {**told, **signed}


def _user_of(claims: Claims) -> User:
    """Raises Refused. Some ten queries."""
    issuer, subject = settings.OIDC_ISSUER, claims["sub"]
    with turn():
        known = Identity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
        user = known.user if known else _user_with_address(claims) or _new_user(claims)
        if not user.is_active:
            raise Refused("Your account is switched off. Ask an administrator.")
        if known is None:
            Identity.objects.create(user=user, issuer=issuer, subject=subject)
            logger.info("User %s signs in by %s from now on", user.pk, issuer)
        _give_groups(user, claims)
    if not user.has_perm("wagtailadmin.access_admin"):
        raise Refused("Your account has no role yet. Ask an administrator for one.")
    return user


def _address(claims: Claims) -> str:
    """The mail address, if it is known to be theirs; otherwise nothing: at many providers they write what they like."""
    address = str(claims.get("email") or "")
    try:
        validate_email(address)
        LONGEST_ADDRESS(address)
    except ValidationError:
        return ""
    return address if claims.get("email_verified") is True or settings.OIDC_TRUST_EMAIL else ""


def _user_with_address(claims: Claims) -> User | None:
    """Raises Refused where the address does not say who comes: several have it, or who had it before them did."""
    address = _address(claims)
    found = list(get_user_model().objects.filter(email__iexact=address)[:2]) if address else []
    if len(found) > 1:
        raise Refused("Several accounts have your mail address. Ask an administrator to leave it to one of them.")
    if Identity.objects.filter(user__in=found, issuer=settings.OIDC_ISSUER).exists():
        raise Refused("The account with your mail address is somebody else's. Ask an administrator to look at both.")
    return found[0] if found else None


def _new_user(claims: Claims) -> User:
    """Raises Refused for whom no group speaks: at some providers anybody can have an account."""
    if not _roles(claims):
        raise Refused("There is no account for you here. Ask an administrator for one with your mail address.")
    users = get_user_model().objects
    address = _address(claims)
    # Of the characters that Django's form takes, when somebody edits that user.
    named = (re.sub(r"[^\w.@+-]+", "-", each).strip("-") for each in (_text(claims, "preferred_username"), address))
    wanted = next(filter(None, named), claims["sub"])[:140]
    taken = {name.casefold() for name in users.filter(username__istartswith=wanted).values_list("username", flat=True)}
    names = chain([wanted], (f"{wanted}-{number}" for number in count(2)))
    username = next(name for name in names if name.casefold() not in taken)
    first, last = (_text(claims, claim)[:150] for claim in ("given_name", "family_name"))
    return users.create_user(username, address, password=None, first_name=first, last_name=last)


def _text(claims: Claims, name: str) -> str:
    """Without what no database takes, such as a zero byte; empty where the provider tells none."""
    told = claims.get(name)
    return "".join(each for each in told if each.isprintable()).strip() if isinstance(told, str) else ""


def _roles(claims: Claims) -> set[str]:
    """What OIDC_GROUPS gives for the groups that the provider names. One that is not told is one that is not had."""
    told = claims.get(settings.OIDC_GROUPS_CLAIM)
    groups = {told} if isinstance(told, str) else {str(each) for each in told} if isinstance(told, list) else set()
    return {role for group, role in settings.OIDC_GROUPS if group in groups}


def _give_groups(user: User, claims: Claims) -> None:
    """Those of OIDC_GROUPS as the provider says, each time; others are the administrators' affair."""
    ruled = {role for _, role in settings.OIDC_GROUPS}
    roles = _roles(claims)
    if SUPERUSER in ruled and user.is_superuser != (SUPERUSER in roles):
        user.is_superuser = SUPERUSER in roles
        user.save(update_fields=["is_superuser"])
    groups = {group.name: group for group in Group.objects.filter(name__in=ruled)}
    for name in ruled - {SUPERUSER} - groups.keys():
        logger.warning("OIDC_GROUPS names a role that is not there: %s", name)
    user.groups.remove(*(group for name, group in groups.items() if name not in roles))
    user.groups.add(*(group for name, group in groups.items() if name in roles))


def _refusal(request: HttpRequest, reason: str, error: Exception | None = None) -> HttpResponse:
    """Back to where they came from. Of an error its kind is logged, and the code that OAuth gives it, such as
    `invalid_client` for a wrong secret; its words may hold what is secret.
    """
    if error is not None:
        code = str(getattr(error, "error", ""))[:40]
        logger.warning("Signing in by %s failed: %s %s", settings.OIDC_ISSUER, type(error).__name__, ascii(code))
    messages.error(request, f"You are not signed in by {settings.OIDC_NAME}. {reason}")
    return redirect("wagtailadmin_login")
