"""What the log looks like: in production one JSON object in each line, in development lines for people.

Knows nothing of Django, so that gunicorn can write its own lines before there is one. docs/operate.md tells the fields.
"""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request or the job that is being worked on; every line written meanwhile has it."""

_json = json.JSONEncoder(default=str).encode
OURS = ("request", "job", "api", "cms", "content")
HIDDEN = "…"
# Each is bounded on both sides: a long text must not take long.
SECRETS = (
    re.compile(r"(?<=://)[^\s/@]{1,200}(?=@)"),  # user and password in an address
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,200}"),  # mail addresses
    re.compile(r"(?<=Bearer )\S{1,500}", re.IGNORECASE),
    re.compile(r"(?<=token=)[^\s&'\"]{1,500}", re.IGNORECASE),
    re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"),  # our own tokens, wherever they stand
)


def scrubbed(text: str) -> str:
    """The text without mail addresses, tokens and passwords in addresses."""
    for secret in SECRETS:
        text = secret.sub(HIDDEN, text)
    return text


class OnlyTracebacks(logging.Filter):
    """That a request failed is told by its own line."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


class JsonFormatter(logging.Formatter):
    """One line whatever is in it: line breaks and control characters are escaped, and so is all that is not ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = scrubbed(self.formatException(record.exc_info))
        return _json(line)


class ReadableFormatter(logging.Formatter):
    """The same for people; a traceback takes lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        time = self.formatTime(record, "%H:%M:%S")
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        words = f"{time} {record.levelname} {record.name}: {scrubbed(record.getMessage())}{fields}"
        line = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words)
        return f"{line}\n{scrubbed(self.formatException(record.exc_info))}" if record.exc_info else line


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    found = request_id.get()
    return ({"request_id": found} if found else {}) | getattr(record, "fields", {})


def config(*, is_json: bool, of_gunicorn: bool = False) -> dict[str, Any]:
    """For Django's LOGGING, which leaves gunicorn's loggers as they are, or for gunicorn's `logconfig_dict`."""
    formatter = JsonFormatter if is_json else ReadableFormatter
    # A command prints what it was asked for to stdout.
    is_command = Path(sys.argv[0]).name == "manage.py"
    stream = "ext://sys.stdout" if is_json and not is_command else "ext://sys.stderr"
    ours = dict.fromkeys(
        ("gunicorn.error", "gunicorn.access") if of_gunicorn else OURS, {"level": "INFO", "propagate": True}
    )
    # What Django sends to administrators by mail and to a terminal goes our way.
    django = {"django": {"handlers": []}, "django.request": {"filters": ["only tracebacks"]}}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"only tracebacks": {"()": f"{__name__}.{OnlyTracebacks.__name__}"}},
        "formatters": {"line": {"()": f"{__name__}.{formatter.__name__}"}},
        "handlers": {"line": {"class": "logging.StreamHandler", "formatter": "line", "stream": stream}},
        # Others tell what they do, with the titles of drafts.
        "root": {"level": "WARNING", "handlers": ["line"]},
        "loggers": ours if of_gunicorn else ours | django,
    }
