"""Mail leaves after the change that it tells of is committed, in a thread of its own.

So nobody waits for a mail server, no transaction is held while one is asked, a change that was rolled back is not told,
and a mail that cannot be sent is a line in the log. A copy of a site sends none.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from api.copies import is_copy

logger = logging.getLogger(__name__)

_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


class AfterCommitBackend(BaseEmailBackend):
    """Hands over to the backend named in `settings.DELIVERY_BACKEND`, which is what EMAIL_URL says."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        messages = list(email_messages)
        if is_copy():
            # Its users are those of the original, who would take it for a mail from there.
            logger.info("This is a copy, which sends no mail: %s", ", ".join(str(each.subject) for each in messages))
            return len(messages)
        transaction.on_commit(lambda: _sender.submit(deliver, messages), robust=True)
        return len(messages)


def deliver(messages: list[EmailMessage]) -> None:
    try:
        get_connection(settings.DELIVERY_BACKEND).send_messages(messages)
    except Exception:
        # No addresses: a log is read by more people than the mail.
        logger.exception("Mail could not be sent: %s", ", ".join(str(message.subject) for message in messages))


def wait_until_sent(seconds: float | None = None) -> None:
    """Return when everything handed over so far was sent or given up."""
    _sender.submit(_nothing).result(seconds)


def _nothing(*_: Any) -> None:
    return None
