"""What webhooks are told: in the transaction of a change a message is written for each, with a job that delivers it."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from api.copies import is_copy
from api.documents.feed import changed
from api.documents.models import PUBLISHED, Document
from api.documents.read import cursor_before
from api.webhooks.delivering import CHANGED, TEST, deliver
from api.webhooks.models import WAITING, Delivery, Secret, Webhook
from content.jobs import enqueue

MOST_CHANGES = 100
"""In one message; `changes` has the rest."""


def tell(generation: int, moment: datetime) -> None:
    """Have every webhook told of this generation once the current transaction is committed. Without webhooks one query,
    else one for each choice of types, one for all messages and one for each job. A copy tells nobody.
    """
    webhooks = [] if is_copy() else list(listening())
    bodies = {types: _body(generation, moment, types) for types in {tuple(each.types) for each in webhooks}}
    messages = [
        Delivery(webhook=each, event=CHANGED, generation=generation, body=body)
        for each in webhooks
        if (body := bodies[tuple(each.types)])
    ]
    if messages:
        Delivery.objects.bulk_create(messages)
    for message in messages:
        enqueue(deliver, str(message.pk))


def listening() -> QuerySet[Webhook]:
    """Those that are switched on and have a secret."""
    return Webhook.objects.filter(Exists(Secret.objects.filter(webhook=OuterRef("pk"))), is_enabled=True).order_by("pk")


def _body(generation: int, moment: datetime, types: tuple[str, ...]) -> str | None:
    """None if nothing of these types has changed. No types are all types, and then sites count, which are told apart
    by no object.
    """
    rows = Document.objects.filter(layer=PUBLISHED, valid_to=None, generation=generation)
    if types:
        rows = rows.filter(type__in=types)
    found = changed(rows, MOST_CHANGES + 1)
    if types and not found:
        return None
    told = [
        {"id": each.key, "type": each.type, "kind": "TOMBSTONE" if each.is_gone else "UPSERT", "path": each.path}
        for each in found[:MOST_CHANGES]
    ]
    data = {
        "generation": generation,
        "after": cursor_before(generation),
        "changes": told,
        "isComplete": len(found) <= MOST_CHANGES,
    }
    return _message(CHANGED, moment, data)


def _message(event: str, moment: datetime, data: dict[str, Any]) -> str:
    at = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": event, "timestamp": at, "data": data}, ensure_ascii=False, separators=(",", ":"))


def send_test(webhook: Webhook) -> Delivery:
    """Have it sent a message that tells of nothing, also while it is switched off."""
    body = _message(TEST, timezone.now(), {})
    message = Delivery.objects.create(webhook=webhook, event=TEST, body=body)
    enqueue(deliver, str(message.pk))
    return message


def send_again(message: Delivery) -> None:
    """Send the same message once more, with its id, whatever became of it."""
    Delivery.objects.filter(pk=message.pk).update(state=WAITING, attempts=0, problem="")
    enqueue(deliver, str(message.pk))
