"""Preview tokens: how one is made, and what it opens."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from django.conf import settings
from django.utils import timezone

from api.errors import TokenExpired, TokenInvalid
from api.preview.models import PreviewGrant
from content.preview import may_preview


def new_nonce() -> str:
    return secrets.token_urlsafe(32)


def token_of(nonce: str) -> str:
    """The token of a grant: 256 bits that cannot be found without the secret key, and need not be stored."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"api.preview:{nonce}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def grant_for(authorization: str | None) -> PreviewGrant | None:
    """The grant that the request's `Authorization` header opens; None without one, at no cost. Two to five queries
    otherwise.

    Raises TokenInvalid for anything that opens nothing (any more), TokenExpired for a token that did until it ended.
    """
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenInvalid("Send the token as `Authorization: Bearer …`.")
    grant = PreviewGrant.objects.select_related("user").filter(token_hash=hash_of(token.strip())).first()
    if grant is None:
        raise TokenInvalid("This token opens nothing.")
    if grant.expires_at <= timezone.now():
        raise TokenExpired("This preview has ended. Open it again from the editor.")
    user = grant.user
    same_password = hmac.compare_digest(grant.session_hash, session_hash(user))
    if not same_password or not may_preview(user, grant.subject):
        raise TokenInvalid("This token opens nothing.")
    return grant


def session_hash(user: object) -> str:
    """Changes with the user's password."""
    return str(user.get_session_auth_hash())  # type: ignore[attr-defined]
