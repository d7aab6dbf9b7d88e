"""Publishes an article in child processes that are killed at random statements, and prints what was wrong afterwards:
`python -m chaos.publishing ARTICLE COUNT`, started by `chaos.faults` on the stage's database.
"""

import io
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from api.documents.models import Document, Event, Generation  # noqa: E402
from content.changes import changes  # noqa: E402
from content.models.article import ArticlePage  # noqa: E402
from content.models.pending import PendingChange  # noqa: E402

COMMITTED = 0.2
"""So many of the publishes are killed when they have been committed."""


def in_child(act: Callable[[], object]) -> str | None:
    """What it returns; None if it was killed. This process never opens a connection, or its children would share it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            told = str(act())
        except BaseException as error:
            told = f"{type(error).__name__}: {error}"
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else told


def publish(pk: int, title: str, die_at: int = 0) -> int:
    """How many statements it took; dies before the `die_at`-th, or after the commit if there are fewer."""
    count = 0

    def step(execute: Any, *given: Any) -> Any:
        nonlocal count
        count += 1
        if count == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*given)

    with connection.execute_wrapper(step), changes():
        page = ArticlePage.objects.get(pk=pk)
        page.title = title
        page.save_revision().publish()
    if die_at:
        os.kill(os.getpid(), signal.SIGKILL)
    return count


def state(pk: int) -> str:
    """Everything that a publish writes, as JSON."""
    key = f"page:{pk}"
    row = Document.objects.get(key=key, layer=0, valid_to=None)
    page = ArticlePage.objects.get(pk=pk)
    events = list(Event.objects.order_by("generation").values_list("generation", "keys"))
    return json.dumps(
        {
            "titles": sorted({page.title, row.title, page.latest_revision.content["title"], page.draft_title}),
            "generation": Generation.objects.get().value,
            "events": [generation for generation, _ in events],
            "named": [generation for generation, keys in events if key in keys][-1],
            "current": row.generation,
            "revisions": page.revisions.count(),
            "pending": PendingChange.objects.count(),
            "jobs": DBTaskResult.objects.count(),
        }
    )


def trouble(before: dict[str, Any], after: dict[str, Any], title: str) -> str | None:
    """What is neither the old state nor the new one."""
    if after == before:
        return None
    first, last = after["events"][0], after["generation"]
    rules = {
        "a mixture of titles": after["titles"] == [title],
        "not one generation more": after["generation"] == before["generation"] + 1,
        "not one event for each generation": after["events"] == list(range(first, last + 1)),
        "an event or a document of another generation": after["named"] == after["current"] == last,
        "not one revision more": after["revisions"] == before["revisions"] + 1,
        "something pending": after["pending"] == 0,
    }
    return ", ".join(name for name, holds in rules.items() if not holds) or None


def main(pk: int, times: int) -> None:
    told = in_child(lambda: publish(pk, "Measured"))
    assert told is not None
    statements = int(told)
    before = json.loads(in_child(lambda: state(pk)) or "")
    found: list[str] = []
    old = new = 0
    for number in range(times):
        title = f"Killed {number}"
        # Now and then after the commit.
        at = statements + 1 if random.random() < COMMITTED else random.randint(1, statements)
        survived = in_child(lambda title=title, at=at: publish(pk, title, at))  # type: ignore[misc]
        after = json.loads(in_child(lambda: state(pk)) or "")
        wrong = f"was not killed: {survived}" if survived is not None else trouble(before, after, title)
        if wrong:
            found.append(f"at statement {at} of {statements}: {wrong}")
        old, new = (old + 1, new) if after == before else (old, new + 1)
        before = after
    verified = in_child(lambda: call_command("verify_documents", stdout=io.StringIO()))
    if verified != "None":
        found.append(f"documents drift: {verified}")
    print(json.dumps({"statements": statements, "old": old, "new": new, "trouble": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
