"""Opens a writing transaction, says so, and keeps it until it is killed."""

import time

import django

django.setup()

from django.db import transaction  # noqa: E402

from content.changes import changes  # noqa: E402
from content.models.topic import Topic  # noqa: E402

with changes():
    Topic.objects.create(name="Held back", slug="held-back")
    assert transaction.get_connection().in_atomic_block
    print("holding", flush=True)
    time.sleep(120)
