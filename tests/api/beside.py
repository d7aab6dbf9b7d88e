"""What goes on beside other processes in tests, in steps of two rows so that they meet.

python -m tests.api.beside publish TOOL         publishes, hides and opens in a loop until its input ends; prints the last title
python -m tests.api.beside rebuild_documents    the command
python -m tests.api.beside rebuild_documents 3  killed while it builds its third batch; prints how many documents were current
python -m tests.api.beside prune_documents      the command
"""

import os
import select
import signal
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from wagtail.models import PageViewRestriction  # noqa: E402

from api.documents import keys, publishing, retention  # noqa: E402
from content.changes import changes  # noqa: E402
from content.models.tool import ToolPage  # noqa: E402

keys.READ = keys.BATCH = retention.BATCH = 2
build = publishing.build


def publish(pk: int) -> None:
    number = 0
    while number % 2 or not select.select([sys.stdin], [], [], 0)[0]:
        number += 1
        with changes():
            tool = ToolPage.objects.get(pk=pk)
            tool.title = f"Round {number}"
            tool.save_revision().publish()
        with changes():
            # In every other round its section is out of sight.
            if number % 2:
                PageViewRestriction.objects.create(page=tool.get_parent(), restriction_type="login")
            else:
                PageViewRestriction.objects.get(page=tool.get_parent()).delete()
        if number == 2:
            print("publishing", flush=True)
    print(f"Round {number}")


def dying_in(last: int) -> Any:
    count = 0

    def build_or_die(batch: list[str]) -> Any:
        nonlocal count
        count += 1
        if count == last:
            print(publishing.count_current(), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return build(batch)

    return build_or_die


if sys.argv[1] == "publish":
    publish(int(sys.argv[2]))
else:
    if len(sys.argv) > 2:
        publishing.build = dying_in(int(sys.argv[2]))
    call_command(sys.argv[1])
