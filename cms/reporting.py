"""Errors go to Sentry, or to what speaks its protocol, if SENTRY_DSN names one: with their tracebacks and the id of the
request, and without anything that a request carried.
"""

from typing import TYPE_CHECKING, Any

from cms import env, logs
from cms.version import version

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "server_name", "sdk", "transaction")
"""Beside these of an event: its words, its tracebacks, and the method of the request."""


def start() -> None:
    """Nothing without SENTRY_DSN. Raises ImportError if the package is not there: `uv sync --extra sentry`."""
    if not env.SENTRY_DSN:
        return
    import sentry_sdk
    from sentry_sdk.integrations.logging import ignore_logger

    # That a request failed is told by its own line, and by the exception.
    ignore_logger("request")
    sentry_sdk.init(
        env.SENTRY_DSN,
        release=version(),
        before_send=scrubbed,
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        send_default_pii=False,
    )


def scrubbed(event: "Event", hint: "Hint") -> "Event | None":
    """What may leave this server, named one by one: a new release of the library may send more."""
    known: dict[str, Any] = dict(event)
    kept: dict[str, Any] = {name: known[name] for name in KEPT if name in known}
    for name in ("exception", "logentry", "message"):
        if name in known:
            kept[name] = _scrubbed(known[name])
    if method := known.get("request", {}).get("method"):
        kept["request"] = {"method": method}
    if found := logs.request_id.get():
        kept["tags"] = {"request_id": found}
    return kept  # type: ignore[return-value]


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return logs.scrubbed(value)
    if isinstance(value, dict):
        # The values of variables are not even collected.
        return {name: _scrubbed(each) for name, each in value.items() if name not in ("vars", "params")}
    return [_scrubbed(each) for each in value] if isinstance(value, list | tuple) else value
