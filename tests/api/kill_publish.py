"""Publishes a page in a child process that is killed at one statement after the other, and prints what is left.

python -m tests.api.kill_publish PAGE                     every round: statement, row, document, verify_documents
python -m tests.api.kill_publish PAGE scheduled         the same, while what is due is published
python -m tests.api.kill_publish PAGE before-the-sweep    dies after Wagtail's commit, outside `changes()`
python -m tests.api.kill_publish TOPIC before-the-signal  dies after a plain save, before anybody is told of it
python -m tests.api.kill_publish PAGE show                row and document
"""

import contextlib
import io
import os
import signal
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from api.documents.models import Document  # noqa: E402
from content import changes  # noqa: E402
from content.models.tool import ToolPage  # noqa: E402
from content.models.topic import Topic  # noqa: E402
from content.scheduling import publish_due  # noqa: E402

PAGE = int(sys.argv[1])
MODE = sys.argv[2] if len(sys.argv) > 2 else ""


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def publish() -> None:
    page = ToolPage.objects.get(pk=PAGE)
    page.title = "Killed"
    page.save_revision().publish()


def titles() -> tuple[str, str]:
    document = Document.objects.get(key=f"page:{PAGE}", layer=0, valid_to=None)
    return ToolPage.objects.get(pk=PAGE).title, document.title


def killed_at(number: int) -> bool:
    """Publish in a child that dies before its `number`-th writing statement; False when it had fewer."""
    child = os.fork()
    if child == 0:
        count = 0

        def count_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal count
            if not sql.lstrip().upper().startswith("SELECT"):
                count += 1
                if count == number:
                    die()
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count_writes):
            if MODE == "scheduled":
                publish_due()
            else:
                with changes.changes():
                    publish()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def verified() -> tuple[str, str, int]:
    """Row and document as a process of its own finds them, and whether anything drifts; read through a pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 0
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                call_command("verify_documents", stdout=io.StringIO())
            except SystemExit as stopped:
                code = int(stopped.code or 0)
        os.write(writing, " ".join([*titles(), str(code)]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    row, document, code_text = os.read(reading, 1000).decode().split()
    return row, document, int(code_text)


if MODE == "show":
    print(*titles())
elif MODE == "before-the-sweep":
    changes.sweep = die  # type: ignore[assignment]
    publish()
elif MODE == "before-the-signal":
    changes.touch = die  # type: ignore[assignment]
    topic = Topic.objects.get(pk=PAGE)
    topic.name = "Killed"
    topic.save()
else:
    number, alive = 1, True
    while alive:
        alive = killed_at(number)
        print("round", number, *verified())
        number += 2
