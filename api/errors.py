"""The closed list of error codes that clients see in `extensions.code`, and the exceptions that carry them."""

from typing import Any

from graphql import GraphQLError

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
COST_EXCEEDED = "COST_EXCEEDED"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
TOKEN_INVALID = "TOKEN_INVALID"
TOKEN_EXPIRED = "TOKEN_EXPIRED"
DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
INTERNAL = "INTERNAL"


class ApiError(GraphQLError):
    """An error whose message is meant for the client."""

    code = INTERNAL
    status = 400
    headers: dict[str, str] | None = None

    def __init__(self, message: str, **extensions: Any) -> None:
        super().__init__(message, extensions={"code": self.code, **extensions})


class BadUserInput(ApiError):
    code = BAD_USER_INPUT


class DocumentNotTrusted(ApiError):
    code = DOCUMENT_NOT_TRUSTED
    status = 403


class LimitExceeded(ApiError):
    code = LIMIT_EXCEEDED
    status = 413


class CostExceeded(ApiError):
    code = COST_EXCEEDED


class TooSlow(LimitExceeded):
    status = 503


class Stopped(BaseException):
    """Ends an execution at once: it passes through everything that answers for errors of single fields."""

    def __init__(self, error: ApiError) -> None:
        self.error = error


class TokenInvalid(ApiError):
    code = TOKEN_INVALID
    status = 401


class TokenExpired(ApiError):
    code = TOKEN_EXPIRED
    status = 401
