"""Plain values as text: YAML, Markdown with front matter, JSON. The same values always give the same text."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import yaml

BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(BASE):
    """Long texts with line breaks are written as blocks; everything on one line otherwise."""


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


def _number(dumper: Any, value: Decimal) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")


def _moment(dumper: Any, value: datetime) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", _iso(value))


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(datetime, _moment)


def _iso(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds").replace("+00:00", "Z")


def yaml_text(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6, default_flow_style=False
    )
    return text


def markdown_text(values: dict[str, Any], body: str = "") -> str:
    """Front matter and what follows it."""
    return f"---\n{yaml_text(values)}---\n" + (f"\n{body.strip()}\n" if body.strip() else "")


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_json_default)


def _json_default(value: Any) -> Any:
    if isinstance(value, datetime):
        return _iso(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def said(value: Any) -> Any:
    """The same values as a file gives them back: every scalar a text."""
    if isinstance(value, dict):
        return {key: said(each) for key, each in value.items()}
    if isinstance(value, list):
        return [said(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if value is None else str(value)
