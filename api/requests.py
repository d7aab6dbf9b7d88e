"""What a client asks, read from HTTP to the letter of the specification "GraphQL over HTTP", or refused in words."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.http.request import MediaType

from api import strict_json
from api.errors import BadUserInput, LimitExceeded

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class Refused(BadUserInput):
    """What is no GraphQL request at all: its status is the same whatever the client accepts."""

    def __init__(self, message: str, status: int = 400, **headers: str) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers


@dataclass(frozen=True)
class Call:
    """The parameters of one request. At least one of `query` and `document_id` is there."""

    query: str | None
    document_id: str | None
    variables: dict[str, Any] | None
    operation_name: str | None


def call(request: HttpRequest) -> Call:
    """Read a GET, HEAD or POST request. Raises Refused, or LimitExceeded for a long body; never anything else."""
    given = _from_body(request) if request.method == "POST" else _from_address(request)
    query, document_id = _text(given, "query"), _text(given, "documentId")
    if query is None and document_id is None:
        raise Refused("Send a GraphQL document as `query`, or the id of a trusted one as `documentId`.")
    if query is not None and not query.strip():
        raise Refused("`query` is empty.")
    if query is not None and ("\0" in query or strict_json.ESCAPED_NUL.search(query)):
        raise Refused("`query` must not contain the character NUL.")
    _object(given, "extensions")
    # An empty name is none; so says the specification.
    return Call(query, document_id, _object(given, "variables"), _text(given, "operationName") or None)


def answer_type(accept: str | None) -> str:
    """The media type of the answer: the one that the client likes best, application/json where it has no favourite.
    Raises Refused if it accepts neither.
    """
    found = _preferred(accept or "*/*")
    if found is None:
        raise Refused(f"Accept {GRAPHQL_JSON} or {JSON}; there is no other answer.", 406)
    return found


@lru_cache(maxsize=100)
def _preferred(accept: str) -> str | None:
    ranges = [MediaType(each) for each in accept.lower().split(",")]
    liked: dict[str, tuple[float, int, int]] = {}
    for offered in (JSON, GRAPHQL_JSON):
        main, _, sub = offered.partition("/")
        fitting = [
            (each.specificity, each.quality, -position)
            for position, each in enumerate(ranges)
            if each.main_type in (main, "*")
            and each.sub_type in (sub, "*")
            and each.params.get("charset", "utf-8") == "utf-8"
        ]
        # The most precise range that fits says how much it is liked, as in `*/*, application/json;q=0`.
        specificity, quality, position = max(fitting, default=(0, 0.0, 0))
        if quality:
            liked[offered] = (quality, specificity, position)
    return max(liked, key=lambda offered: liked[offered], default=None)


def _from_address(request: HttpRequest) -> dict[str, Any]:
    # Django would decode the address by the charset of Content-Type, which may name no encoding of texts.
    encoded = request.META.get("QUERY_STRING", "")
    _check_length(encoded, "query string")
    try:
        encoded.encode("ascii")
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=20)
        given: dict[str, Any] = strict_json.once(pairs)
    except strict_json.Ambiguous as error:
        raise Refused(f"The address cannot be taken: {error}.") from None
    except ValueError:
        raise Refused("The query of the address is not URL-encoded UTF-8 of at most 20 parameters.") from None
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = _json(given[name], f"`{name}`")
        else:
            given.pop(name, None)
    return given


def _from_body(request: HttpRequest) -> dict[str, Any]:
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type != JSON or charset not in ("utf-8", "utf8"):
        raise Refused(f"Send the query as {JSON} in UTF-8.", 415, Accept=JSON)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused("Send the body as it is, without a Content-Encoding.", 415, **{"Accept-Encoding": "identity"})
    try:
        body = request.body
    except UnreadablePostError:
        raise Refused("The body came to no end.") from None
    except RequestDataTooBig:
        body = None
    _check_length(body, "body")
    assert body is not None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("The body has to be UTF-8.") from None
    given = _json(text, "The body")
    if not isinstance(given, dict):
        raise Refused("The body has to be a JSON object with `query` or `documentId`.")
    return given


def _check_length(given: bytes | str | None, what: str) -> None:
    """Raise LimitExceeded for what is too long; None is what Django has found too long."""
    if given is None or len(given) > settings.MAX_BODY_BYTES:
        raise LimitExceeded(f"The {what} may have {settings.MAX_BODY_BYTES:,} bytes at most.")


def _text(given: dict[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(f"`{name}` has to be a text.")
    return value


def _object(given: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refused(f"`{name}` has to be a JSON object.")
    return value


def _json(text: str, what: str) -> Any:
    try:
        return strict_json.loads(text)
    except strict_json.Ambiguous as error:
        raise Refused(f"{what} cannot be taken: {error}.") from None
    except ValueError:
        raise Refused(f"{what} is not JSON that can be read.") from None
