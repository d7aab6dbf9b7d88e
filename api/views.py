"""GraphQL over HTTP. The endpoint knows no sessions and no cookies; only a bearer token opens more than what is
published.
"""

import logging
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError, OperationDefinitionNode, OperationType, get_operation_ast
from strawberry.http.ides import get_graphql_ide_html

from api import errors
from api.documents.read import Perspective, Reader
from api.operations import execute, prepared
from api.preview.tokens import grant_for
from api.requests import JSON, METHODS, Call, Refused, answer_type, call
from api.schema import Context
from api.trusted import lookup

logger = logging.getLogger("api")
ALLOW = ", ".join(METHODS)


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    """`/graphql`: GET with `query` or `documentId`, `variables` and `operationName`, or POST with the same as a JSON
    object. HEAD is GET without the body; OPTIONS says what there is.
    """
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": ALLOW, "Accept": JSON})
    if _wants_ide(request):
        return HttpResponse(get_graphql_ide_html(graphql_ide="graphiql"))
    media_type = JSON
    try:
        media_type = answer_type(request.headers.get("Accept"))
        if request.method not in METHODS:
            raise Refused("Use GET or POST.", 405, Allow=ALLOW)
        answer, cost = _answered(request, call(request))
        # To application/json every GraphQL answer is a 200; whoever accepts the other type is told by the status.
        status = 200 if "data" in answer or media_type == JSON else 400
        # What the query costs of what one request may spend: "812; limit=50000".
        headers = {} if cost is None else {"Query-Cost": f"{cost}; limit={settings.MAX_QUERY_COST}"}
        return _response(request, media_type, answer, status=status, headers=headers)
    except errors.ApiError as error:
        refused = {"errors": [error.formatted]}
        return _response(request, media_type, refused, status=error.status, headers=error.headers)
    except Exception:
        logger.exception("A request failed.")
        return _response(request, media_type, {"errors": [_internal().formatted]}, status=500)


def _answered(request: HttpRequest, asked: Call) -> tuple[dict[str, Any], int | None]:
    """The GraphQL answer, and what the query costs; it has `data` if anything was executed. Raises ApiError for what is
    refused as a whole.
    """
    text = lookup.document(asked.query, asked.document_id)
    grant = grant_for(request.headers.get("Authorization"))
    operation = prepared(text, settings.DEBUG, asked.variables, asked.operation_name)
    if operation.errors or operation.document is None:
        if request.method != "POST" and any(map(_is_no_query, operation.errors)):
            raise Refused("Only queries are served.", 405, Allow=ALLOW)
        return {"errors": [_without_python(error).formatted for error in operation.errors]}, operation.cost
    if get_operation_ast(operation.document, asked.operation_name) is None:
        message = (
            "`operationName` names no operation of the document."
            if asked.operation_name
            else "Say in `operationName` which operation to run."
        )
        return {"errors": [errors.BadUserInput(message).formatted]}, operation.cost

    layers = (grant.pk, 0) if grant else (0,)
    context = Context(Reader(Perspective(layers), operation.asked), grant)
    result = execute(operation, context, asked.variables, asked.operation_name, introspection=settings.DEBUG)
    if result.data is None and result.errors and isinstance(result.errors[0], errors.LimitExceeded):
        raise result.errors[0]  # it took too long, or its answer was too large
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [_formatted(error) for error in result.errors]
    if result.data is not None or not result.errors or result.errors[0].path:
        answer["data"] = result.data  # otherwise the variables did not fit: nothing was executed
        answer["extensions"] = {"cost": {"cost": operation.cost, "limit": settings.MAX_QUERY_COST}}
    return answer, operation.cost


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


def _response(
    request: HttpRequest,
    media_type: str,
    answer: dict[str, Any],
    *,
    status: int,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    response = JsonResponse(answer, status=status, content_type=f"{media_type}; charset=utf-8", headers=headers)
    # Nothing is kept by shared caches until answers carry their tags; what came with a credential never is.
    private = "Authorization" in request.headers or status >= 400 or "errors" in answer
    response["Cache-Control"] = "private, no-store" if private else "no-cache"
    response["Vary"] = "Accept, Authorization"
    return response
