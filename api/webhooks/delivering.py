"""Bringing a message to its webhook, signed as standardwebhooks.com says.

    deliver ─┬─ 2xx ──────────── delivered
             ├─ 410 ──────────── given up, and the webhook is switched off
             └─ anything else ── tried again, with growing pauses, for a day at most ─▶ given up: it waits for a button

Each message is a job of its own, so none waits for another. A webhook that lets us wait until it fails rests for a
minute: whatever is due for it meanwhile fails at once, and the others have their turn.
"""

from base64 import b64encode
from datetime import datetime, timedelta
from secrets import token_bytes
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from api.copies import is_copy
from api.webhooks.models import DELIVERED, GIVEN_UP, WAITING, Delivery, Secret, Webhook
from content import outgoing
from content.changes import turn
from content.jobs import UPKEEP, WEBHOOKS, Policy, job

CHANGED, TEST = "content.changed", "webhook.test"
"""What a message tells of."""
OVERLAP = timedelta(days=1)
"""So long an old secret signs beside the new one."""
SLOW = timedelta(seconds=1)
REST = timedelta(minutes=1)
BATCH = 500


class Failed(Exception):
    """The message has not arrived; it is tried again."""


def give_up(pk: str) -> None:
    Delivery.objects.filter(pk=pk, state=WAITING).update(state=GIVEN_UP)


POLICY = Policy(
    "Tell a webhook what has changed",
    # 15 pauses, of 23.4 hours at most and half of that at least.
    attempts=16,
    first_pause=timedelta(seconds=5),
    longest_pause=timedelta(hours=6),
    certain=0.5,
    given_up=give_up,
)


@job(POLICY, queue=WEBHOOKS)
def deliver(pk: str) -> None:
    """May run twice: what was delivered is not sent again, and if its worker was killed before it could note that, the
    receiver knows the message by its id. Raises Failed.
    """
    message = Delivery.objects.select_related("webhook").filter(pk=pk).first()
    if message is None or message.state == DELIVERED or is_copy():
        return
    webhook, now = message.webhook, timezone.now()
    if message.event != TEST:
        if not webhook.is_enabled:
            _note(message, state=GIVEN_UP, problem="The webhook is switched off")
            return
        if webhook.rests_until and webhook.rests_until > now:
            raise Failed("The receiver has just failed, and rests for a minute")
    _note(message, attempts=F("attempts") + 1, attempted_at=now)
    begun = monotonic()
    status, answer, problem = _sent(message, now)
    took = timedelta(seconds=monotonic() - begun)
    outcome = {"status": status, "answer": answer, "problem": problem, "ms": took // timedelta(milliseconds=1)}
    if not problem:
        _note(message, state=DELIVERED, **outcome)
        return
    if status == 410:
        with turn():
            Delivery.objects.filter(pk=message.pk).update(state=GIVEN_UP, **outcome)
            Webhook.objects.filter(pk=webhook.pk).update(is_enabled=False, switched_off_because=problem)
        return
    _note(message, **outcome)
    if took > SLOW:
        with turn():
            Webhook.objects.filter(pk=webhook.pk).update(rests_until=timezone.now() + REST)
    raise Failed(problem)


def _sent(message: Delivery, now: datetime) -> tuple[int | None, str, str]:
    """The status, how the answer begins, and what is wrong with it."""
    body = message.body
    try:
        answer = outgoing.post(message.webhook.url, body.encode(), {**AS_JSON, **signed(message, now)})
    except (outgoing.Refused, outgoing.Unreachable) as error:
        return None, "", str(error).capitalize()
    problem = ""
    if answer.status == 410:
        problem = "The receiver answers 410: it wants no more messages"
    elif answer.location:
        problem = f"The receiver answers {answer.status}, a redirect, which is not followed"
    elif not 200 <= answer.status < 300:
        problem = f"The receiver answers {answer.status}"
    return answer.status, answer.excerpt, problem


AS_JSON = {"Content-Type": "application/json", "User-Agent": "Toolshelf"}


def signed(message: Delivery, now: datetime) -> dict[str, str]:
    """The headers that prove whose message this is and when it was sent, by every secret that counts now."""
    secrets = Secret.signing().filter(webhook=message.webhook_id)
    signatures = [Signer(each.value).sign(message.message_id, now, message.body) for each in secrets]
    return {
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _note(message: Delivery, **values: Any) -> None:
    with turn():
        Delivery.objects.filter(pk=message.pk).update(**values)


def new_secret(webhook: Webhook) -> str:
    """A secret to show once, which signs from now on; those before it sign beside it for a day."""
    now = timezone.now()
    webhook.secrets.filter(ends_at=None).update(ends_at=now + OVERLAP)
    webhook.secrets.filter(ends_at__lte=now).delete()
    made = webhook.secrets.create(value=f"whsec_{b64encode(token_bytes(32)).decode()}")
    return made.value


@job("Forget old messages to webhooks", queue=UPKEEP)
def prune() -> None:
    """As old as the changes that they told of; none that waits. May run twice: then it finds nothing."""
    if not settings.KEEP_EVENTS_DAYS:
        return
    before = timezone.now() - timedelta(days=settings.KEEP_EVENTS_DAYS)
    old = Delivery.objects.filter(created_at__lt=before).exclude(state=WAITING)
    while pks := list(old.values_list("pk", flat=True)[:BATCH]):
        with turn():
            Delivery.objects.filter(pk__in=pks)._raw_delete(DEFAULT_DB_ALIAS)
