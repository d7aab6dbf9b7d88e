"""The answers of tools as keys that filters look up: "its licence is MIT", "it supports async"."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q
from django.db.models.functions import Substr

from api.documents import tags
from api.documents.models import Reference
from api.documents.read import Reader

FACETS = "Tool.facets"
"""The field of a tool that refers to these keys."""
NEVER = datetime.max.replace(tzinfo=UTC)
UNTIL = "%Y%m%d%H%M%S%f"
NONE = Q(pk__in=[])


def answer_keys(fact: Any) -> list[str]:
    """The keys under which a tool can be found by one of its answers, each with the condition under which it counts."""
    key = fact.attribute.key
    names = fact.value_tool_id is not None
    keys = [answer_key(key), answer_key(key, state=fact.state)]
    if not names:
        # A tool that is named is found by the name it has in public.
        keys.append(answer_key(key, display=fact.display))
    if names or fact.expire_at:
        until = (fact.expire_at or NEVER).astimezone(UTC).strftime(UNTIL)
        return [f"{key}@{until}@{f'page:{fact.value_tool_id}' if names else ''}" for key in keys]
    return keys


def with_answer(reader: Reader, attribute: str, *, display: str | None = None, state: str | None = None) -> Q:
    """Documents of tools that answer an attribute so; with neither display nor state those that answer it at all.

    What names another tool counts while that one is public, under the name it has now; an answer that expires counts
    until then.
    """
    public = reader.rows().filter(type="Tool")
    reader.depends_on.add(tags.list_of("Tool"))
    any_tool = Q(names="") | Q(names__in=public.values("key"))
    found = _documents(reader, answer_key(attribute, display=display, state=state), any_tool, Q(field=FACETS))
    if display is not None:
        named = Q(names__in=public.filter(title__iexact=display).values("key"))
        found |= _documents(reader, answer_key(attribute), named)
    return found


def _documents(reader: Reader, key: str, names: Q, always: Q = NONE) -> Q:
    """Documents that have this key `always`, or as long as it lasts and while what it `names` is what is wanted."""
    reader.depends_on.add(tags.to_key(key))
    start, now = len(FACETS) + 2, reader.now.astimezone(UTC).strftime(UNTIL)
    rows = Reference.objects.alias(until=Substr("field", start, len(now)), names=Substr("field", start + len(now) + 1))
    conditional = Q(field__startswith=f"{FACETS}@", until__gt=now) & names
    return Q(content__in=rows.filter(always | conditional, target_key=key).values("content_id"))


def answer_key(attribute: str, *, display: str | None = None, state: str | None = None) -> str:
    """A key for "this attribute answered so". Upper and lower case of the text are the same."""
    answer = json.dumps([attribute, display.casefold() if display is not None else None, state])
    return f"answer:{sha256(answer.encode()).hexdigest()[:32]}"
