"""GraphQL over HTTP. The endpoint knows no sessions and no cookies; only a bearer token opens more than what is
published.
"""

import json
import logging
import math
from typing import Any

from csp.decorators import csp_exempt
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError, OperationDefinitionNode, OperationType, get_operation_ast
from strawberry.http.ides import get_graphql_ide_html

from api import caching, errors, observed
from api.caching import Answer
from api.documents import database
from api.documents.read import Perspective, Reader
from api.documents.state import State
from api.documents.tags import collapsed
from api.observed import Observed
from api.operations import execute, prepared
from api.preview.models import PreviewGrant
from api.preview.sharing import note_use
from api.preview.tokens import grant_for
from api.requests import JSON, METHODS, Call, Refused, answer_type, call
from api.schema import Context
from api.search import unfound
from api.trusted import lookup
from content import outages

logger = logging.getLogger("api")
ALLOW = ", ".join(METHODS)
PRIVATE, VARY = "private, no-store", "Accept, Authorization"
STALE_SECONDS = 30
"""So long shared caches may show what has been kept long enough, while they ask for the next answer."""
SEPARATORS = {"cache-tag": ",", "edge-cache-tag": ","}
"""Between tags; a space in every other header (Surrogate-Key, xkey)."""


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponseBase:
    """`/graphql`: GET with `query` or `documentId`, `variables` and `operationName`, or POST with the same as a JSON
    object. HEAD is GET without the body; OPTIONS says what there is.
    """
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": ALLOW, "Accept": JSON})
    if _wants_ide(request):
        return _ide(request)
    media_type = JSON
    seen = observed.begin(request)
    try:
        media_type = answer_type(request.headers.get("Accept"))
        if request.method not in METHODS:
            raise Refused("Use GET or POST.", 405, Allow=ALLOW)
        asked = call(request)
        seen.operation = observed.safe_name(asked.operation_name)
        answer, was_kept = outages.once_more(lambda: _read(request, asked, seen))
        seen.operation, seen.cost, seen.error = answer.operation or seen.operation, answer.cost, answer.error
        for search in answer.in_vain:
            unfound.note(**search)
        response = _response(request, media_type, answer)
        if caching.is_on() and answer.is_public:
            response["Cache-Status"] = "toolshelf; hit" if was_kept else "toolshelf; fwd=miss"
        return response
    except errors.ApiError as error:
        seen.error = error.code
        refused = {"errors": [error.formatted]}
        return _refusal(media_type, refused, status=error.status, headers=error.headers)
    except Exception as error:
        seen.error = errors.INTERNAL
        logger.exception("A request failed.")
        is_away = isinstance(error, outages.AWAY)
        return _refusal(
            media_type,
            {"errors": [_internal().formatted]},
            status=503 if is_away else 500,
            headers={"Retry-After": outages.RETRY_AFTER} if is_away else None,
        )


def _read(request: HttpRequest, asked: Call, seen: Observed) -> tuple[Answer, bool]:
    """What carries a token is answered by the primary."""
    if "Authorization" in request.headers:
        return _answered(request, asked, seen)
    return database.for_readers(lambda: _answered(request, asked, seen))


def _answered(request: HttpRequest, asked: Call, seen: Observed) -> tuple[Answer, bool]:
    """The GraphQL answer, and whether it was kept from before. Raises ApiError for what is refused as a whole."""
    text = lookup.document(asked.query, asked.document_id)
    seen.document_id = asked.document_id
    seen.is_trusted = asked.query is None or settings.TRUSTED_DOCUMENTS_ONLY
    grant = grant_for(request.headers.get("Authorization"))
    if grant:
        is_shared = grant.status == PreviewGrant.Status.SHARED
        seen.perspective = "share" if is_shared else "preview"
        if is_shared:
            note_use(grant)
    state = State.read()

    def compute() -> Answer:
        return _computed(request, asked, text, state, grant)

    if grant or not caching.is_on():
        return compute(), False
    try:
        key = caching.key_of(state, text, asked.variables, asked.operation_name)
    except RecursionError:
        return compute(), False  # in a moment these variables are refused
    answer, was_kept = caching.answered(key, compute)
    seen.cache = "hit" if was_kept else "miss"
    return answer, was_kept


def _computed(request: HttpRequest, asked: Call, text: str, state: State, grant: PreviewGrant | None) -> Answer:
    operation = prepared(text, settings.DEBUG, asked.variables, asked.operation_name)
    if operation.errors or operation.document is None:
        if request.method != "POST" and any(map(_is_no_query, operation.errors)):
            raise Refused("Only queries are served.", 405, Allow=ALLOW)
        found = {"errors": [_without_python(error).formatted for error in operation.errors]}
        return Answer(_json(found), has_data=False, cost=operation.cost, error=_code(found))
    node = get_operation_ast(operation.document, asked.operation_name)
    if node is None:
        message = (
            "`operationName` names no operation of the document."
            if asked.operation_name
            else "Say in `operationName` which operation to run."
        )
        found = {"errors": [errors.BadUserInput(message).formatted]}
        return Answer(_json(found), has_data=False, cost=operation.cost, error=_code(found))

    reader = Reader(Perspective((grant.pk, 0) if grant else (0,)), operation.asked, state)
    context = Context(reader, grant)
    result = execute(operation, context, asked.variables, asked.operation_name, introspection=settings.DEBUG)
    if result.data is None and result.errors and isinstance(result.errors[0], errors.LimitExceeded):
        raise result.errors[0]  # it took too long, or its answer was too large
    for each in result.errors or ():
        if isinstance(each.original_error, outages.AWAY):
            raise each.original_error  # half an answer is none
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [_formatted(error) for error in result.errors]
    if result.data is not None or not result.errors or result.errors[0].path:
        answer["data"] = result.data  # otherwise the variables did not fit: nothing was executed
        answer["extensions"] = {"cost": {"cost": operation.cost, "limit": settings.MAX_QUERY_COST}}
    return Answer(
        _json(answer),
        has_data="data" in answer,
        cost=operation.cost,
        is_public=not result.errors and reader.perspective.is_public,
        until=state.ends(reader.now),
        tags=tuple(collapsed(reader.tags)) if settings.CACHE_TAG_HEADER else (),
        in_vain=tuple(context.in_vain),
        operation=observed.safe_name(node.name.value) if node.name else None,
        error=_code(answer),
    )


def _code(answer: dict[str, Any]) -> str | None:
    """Of the first error."""
    return answer["errors"][0]["extensions"]["code"] if answer.get("errors") else None


def _is_no_query(error: GraphQLError) -> bool:
    """Whether the error is that the schema has no such operations."""
    return any(
        isinstance(node, OperationDefinitionNode) and node.operation is not OperationType.QUERY
        for node in error.nodes or ()
    )


def _without_python(error: GraphQLError) -> GraphQLError:
    """The error, but for the words of an exception: a number of 5,000 digits brings Python's."""
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return error
    return GraphQLError("This value cannot be read.", nodes=error.nodes, extensions=error.extensions)


@csp_exempt()
def _ide(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_graphql_ide_html(graphql_ide="graphiql"))


def _wants_ide(request: HttpRequest) -> bool:
    return (
        settings.DEBUG
        and request.method == "GET"
        and not request.META.get("QUERY_STRING")
        and "text/html" in request.headers.get("Accept", "")
    )


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """An error as the client may see it; what we did not foresee is logged, and told as such without its words."""
    if error.extensions and "code" in error.extensions:
        return dict(error.formatted)
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        # From the executor itself: a variable that does not fit its type.
        error.extensions = {"code": errors.BAD_USER_INPUT}
        return dict(error.formatted)
    logger.error("A resolver failed at %s", error.path, exc_info=error.original_error)
    return dict(_internal(nodes=error.nodes, path=error.path).formatted)


def _internal(**where: Any) -> GraphQLError:
    return GraphQLError("Something went wrong on our side.", extensions={"code": errors.INTERNAL}, **where)


def _json(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, cls=DjangoJSONEncoder).encode()


def _response(request: HttpRequest, media_type: str, answer: Answer) -> HttpResponseBase:
    # To application/json every GraphQL answer is a 200; whoever accepts the other type is told by the status.
    status = 200 if answer.has_data or media_type == JSON else 400
    response = HttpResponse(answer.body, status=status, content_type=f"{media_type}; charset=utf-8")
    if answer.cost is not None:
        # What the query costs of what one request may spend: "812; limit=50000".
        response["Query-Cost"] = f"{answer.cost}; limit={settings.MAX_QUERY_COST}"
    response["Vary"] = VARY
    if "Authorization" in request.headers or not answer.is_public:
        response["Cache-Control"] = PRIVATE
        return response
    if request.method == "POST":
        response["Cache-Control"] = "no-cache"
        return response
    response["Cache-Control"] = _shared_for(answer)
    if answer.tags:
        response[settings.CACHE_TAG_HEADER] = SEPARATORS.get(settings.CACHE_TAG_HEADER.lower(), " ").join(answer.tags)
    etag = f'"{answer.digest}{"-g" if media_type != JSON else ""}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def _shared_for(answer: Answer) -> str:
    """How long shared caches may keep an answer, and show it while they ask for the next one: never longer than it is
    right. Others ask each time.
    """
    left = (answer.until - timezone.now()).total_seconds() if answer.until else math.inf
    seconds = int(max(0, min(settings.SHARED_CACHE_SECONDS, left)))
    if not seconds:
        return "no-cache"
    more = int(min(STALE_SECONDS, left - seconds))
    return f"public, max-age=0, s-maxage={seconds}" + (f", stale-while-revalidate={more}" if more else "")


def _refusal(
    media_type: str, answer: dict[str, Any], *, status: int, headers: dict[str, str] | None = None
) -> HttpResponse:
    response = HttpResponse(_json(answer), status=status, content_type=f"{media_type}; charset=utf-8", headers=headers)
    response["Cache-Control"], response["Vary"] = PRIVATE, VARY
    return response
