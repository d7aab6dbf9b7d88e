"""GraphQL over HTTP. The endpoint knows no sessions and no cookies; only a bearer token opens more than what is
published.
"""

import json
import logging
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError, OperationType, get_operation_ast
from strawberry.http.ides import get_graphql_ide_html

from api import errors
from api.documents.read import Perspective, Reader
from api.operations import Operation, execute, prepared
from api.preview.tokens import grant_for
from api.schema import Context

logger = logging.getLogger("api")

GRAPHQL_JSON = "application/graphql-response+json"


class Refused(Exception):
    """A request that cannot be executed at all."""

    def __init__(self, status: int, message: str, code: str = errors.BAD_USER_INPUT, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    """`/graphql`: GET with `query`, `variables` and `operationName`, or POST with the same as a JSON object."""
    if _wants_ide(request):
        return HttpResponse(get_graphql_ide_html(graphql_ide="graphiql"))
    try:
        query, variables, operation_name = _parameters(request)
        grant = grant_for(request.headers.get("Authorization"))
    except Refused as refused:
        error = GraphQLError(str(refused), extensions={"code": refused.code})
        return _answer(request, {"errors": [error.formatted]}, status=refused.status, headers=refused.headers)
    except errors.ApiError as error:
        return _answer(request, {"errors": [error.formatted]}, status=error.status)

    operation = prepared(query, settings.DEBUG, variables, operation_name)
    if operation.errors or operation.document is None:
        refusal = {"errors": [error.formatted for error in operation.errors]}
        return _answer(request, refusal, status=400, headers=_cost_header(operation))
    found = get_operation_ast(operation.document, operation_name)
    if found is None:
        message = (
            f"There is no operation {operation_name!r}."
            if operation_name
            else "Say in `operationName` which operation to run."
        )
        return _answer(request, {"errors": [_error(message, errors.BAD_USER_INPUT)]}, status=400)
    if found.operation is not OperationType.QUERY:
        return _answer(request, {"errors": [_error("Only queries are served.", errors.BAD_USER_INPUT)]}, status=405)

    layers = (grant.pk, 0) if grant else (0,)
    context = Context(Reader(Perspective(layers), operation.asked), grant)
    result = execute(operation, context, variables, operation_name, introspection=settings.DEBUG)
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [_formatted(error) for error in result.errors]
    status = 200
    if result.data is None and result.errors and not result.errors[0].path:
        # The variables did not fit, and nothing was executed; or it took too long, or its answer was too large.
        status = getattr(result.errors[0], "status", 400)
    else:
        answer["data"] = result.data
        answer["extensions"] = {"cost": {"cost": operation.cost, "limit": settings.MAX_QUERY_COST}}
    return _answer(request, answer, status=status, headers=_cost_header(operation))


def _cost_header(operation: Operation) -> dict[str, str]:
    """What the query costs of what one request may spend: "812; limit=50000"."""
    return {} if operation.cost is None else {"Query-Cost": f"{operation.cost}; limit={settings.MAX_QUERY_COST}"}


def _wants_ide(request: HttpRequest) -> bool:
    return (
        settings.DEBUG
        and request.method == "GET"
        and not request.GET
        and request.accepts("text/html")
        and "text/html" in request.headers.get("Accept", "")
    )


def _parameters(request: HttpRequest) -> tuple[str, dict[str, Any] | None, str | None]:
    if request.method == "GET":
        _check_length(len(request.META.get("QUERY_STRING", "")), "query string")
        given: Any = request.GET.dict()
        if given.get("variables"):
            given["variables"] = _json(given["variables"], "`variables`")
    elif request.method == "POST":
        if request.content_type != "application/json":
            raise Refused(415, "Send the query as application/json.", Accept="application/json")
        given = _json(_body(request), "The body")
    else:
        raise Refused(405, "Use GET or POST.", Allow="GET, POST, OPTIONS")
    if not isinstance(given, dict):
        raise Refused(400, "The body has to be a JSON object with `query`.")
    query, variables, operation_name = given.get("query"), given.get("variables"), given.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, "`query` has to be a GraphQL document.")
    if variables is not None and not isinstance(variables, dict):
        raise Refused(400, "`variables` has to be a JSON object.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise Refused(400, "`operationName` has to be a text.")
    return query, variables, operation_name or None


def _body(request: HttpRequest) -> str:
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = 0
    _check_length(length, "body")
    try:
        return request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(400, "The body has to be UTF-8.") from None


def _check_length(length: int, what: str) -> None:
    if length > settings.MAX_BODY_BYTES:
        raise Refused(413, f"The {what} may have {settings.MAX_BODY_BYTES:,} bytes at most.", errors.LIMIT_EXCEEDED)


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(400, f"{what} is not JSON that can be read.") from None


def _error(message: str, code: str) -> dict[str, Any]:
    return dict(GraphQLError(message, extensions={"code": code}).formatted)


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """An error as the client may see it; what we did not foresee is logged, and told as such without its words."""
    if error.extensions and "code" in error.extensions:
        return dict(error.formatted)
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        # From the executor itself: a variable that does not fit its type.
        error.extensions = {"code": errors.BAD_USER_INPUT}
        return dict(error.formatted)
    logger.error("A resolver failed at %s", error.path, exc_info=error.original_error)
    return dict(
        GraphQLError(
            "Something went wrong on our side.",
            nodes=error.nodes,
            path=error.path,
            extensions={"code": errors.INTERNAL},
        ).formatted
    )


def _answer(
    request: HttpRequest, data: dict[str, Any], *, status: int, headers: dict[str, str] | None = None
) -> HttpResponse:
    accepted = request.headers.get("Accept", "")
    content_type = GRAPHQL_JSON if GRAPHQL_JSON in accepted else "application/json"
    response = JsonResponse(data, status=status, content_type=f"{content_type}; charset=utf-8", headers=headers)
    # Nothing is kept by shared caches until answers carry their tags; what came with a credential never is.
    private = "Authorization" in request.headers or status >= 400 or "errors" in data
    response["Cache-Control"] = "private, no-store" if private else "no-cache"
    response["Vary"] = "Accept, Authorization"
    return response
