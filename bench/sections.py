"""How long a section of many pages takes to move, to be renamed, restricted, opened, unpublished and deleted in the
admin, and how long other publishes wait meanwhile. It changes the database: use one of your own.

    export VAR_DIR=/tmp/bench
    .venv/bin/python manage.py migrate
    .venv/bin/python manage.py generate_content --articles 10000 --tools 20 --facts 2
    .venv/bin/python -m bench.sections

With DATABASE_URL in all three lines it measures PostgreSQL. The names of operations, as in `restrict lift`, narrow the
last line to these.

Prints for each operation the seconds of the whole request, the processor time of this process in it, its SQL
statements, and how many publishes another process made meanwhile with the longest wait among them, its own work
included. PostgreSQL is vacuumed before each operation, as autovacuum would by and by.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from wagtail.models import Page  # noqa: E402
from wagtail.test.utils.form_data import querydict_from_html  # noqa: E402

from content.changes import changes  # noqa: E402
from content.models.article import ArticleIndexPage  # noqa: E402
from content.models.home import HomePage  # noqa: E402
from content.models.tool import ToolPage  # noqa: E402

OTHER = "publish"
Post = tuple[str, dict[str, Any]]
"""An address and the form to send there."""


def publish_in_a_loop() -> None:
    """The other process: publish a tool again and again until it is ended; print when each began and ended."""
    page = ToolPage.objects.order_by("pk").first()
    assert page is not None
    while True:
        began = time.monotonic()
        with changes():
            page.tagline = f"Published at {began}"
            page.save_revision().publish()
        print(json.dumps([began, time.monotonic()]), flush=True)
        time.sleep(0.05)


class Other:
    """The other process, and what it has told so far."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "bench.sections", OTHER]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.publishes: list[tuple[float, float]] = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.wait_for_one()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.publishes.append(tuple(json.loads(line)))

    def wait_for_one(self) -> None:
        """Until another publish has ended."""
        seen = len(self.publishes)
        while len(self.publishes) == seen:
            time.sleep(0.02)

    def during(self, began: float, ended: float) -> list[float]:
        """The seconds of each publish that was being made between these moments."""
        return [end - begin for begin, end in self.publishes if begin < ended and end > began]


def measure(name: str, client: Client, other: Other, address: str, form: dict[str, Any]) -> None:
    began, processor = time.monotonic(), time.process_time()
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(address, form)
    ended, busy = time.monotonic(), time.process_time() - processor
    other.wait_for_one()
    others = other.during(began, ended)
    print(
        f"{name:<10} {answer.status_code} {ended - began:6.2f} s  {busy:6.2f} s busy  {len(captured):>5} SQL   "
        f"others: {len(others)} publishes, the longest {max(others, default=0):.2f} s",
        flush=True,
    )


def main(names: list[str]) -> None:
    user = get_user_model()._default_manager.filter(is_superuser=True).first()
    user = user or get_user_model()._default_manager.create_superuser("bench", "bench@example.com", "bench")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    section = ArticleIndexPage.objects.order_by("-numchild").first()
    assert section is not None
    home = Page.objects.get(pk=section.get_parent().pk)
    target = HomePage.objects.filter(slug="bench").first()
    if target is None:
        with changes():
            target = home.add_child(instance=HomePage(title="Bench", slug="bench"))
    print(f"{section.numchild} pages below {section}, on {connection.vendor}")
    client.get(reverse("wagtailadmin_explore", args=[section.pk]))
    other = Other()
    try:
        for name in names or OPERATIONS:
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")
            address, form = OPERATIONS[name](client, section.pk, target.pk)
            measure(name, client, other, address, form)
    finally:
        other.process.kill()


def move(client: Client, pk: int, target: int) -> Post:
    return reverse("wagtailadmin_pages:move_confirm", args=[pk, target]), {}


def move_back(client: Client, pk: int, target: int) -> Post:
    home = Page.objects.get(pk=target).get_parent()
    return reverse("wagtailadmin_pages:move_confirm", args=[pk, home.pk]), {}


def rename(client: Client, pk: int, target: int) -> Post:
    address = reverse("wagtailadmin_pages:edit", args=[pk])
    form = querydict_from_html(client.get(address).content.decode(), form_id="page-edit-form")
    typed = {name: values[0] for name, values in form.lists()}
    return address, typed | {"slug": f"renamed-{int(time.time())}", "action-publish": "action-publish"}


def restrict(client: Client, pk: int, target: int) -> Post:
    form = {"restriction_type": "login", "password": "", "groups": []}
    return reverse("wagtailadmin_pages:set_privacy", args=[pk]), form


def lift(client: Client, pk: int, target: int) -> Post:
    address, form = restrict(client, pk, target)
    return address, {**form, "restriction_type": "none"}


def unpublish(client: Client, pk: int, target: int) -> Post:
    return reverse("wagtailadmin_pages:unpublish", args=[pk]), {"include_descendants": "on"}


def delete(client: Client, pk: int, target: int) -> Post:
    return reverse("wagtailadmin_pages:delete", args=[pk]), {"confirm_site_name": settings.WAGTAIL_SITE_NAME}


OPERATIONS: dict[str, Callable[[Client, int, int], Post]] = {
    "move": move,
    "move back": move_back,
    "rename": rename,
    "restrict": restrict,
    "lift": lift,
    "unpublish": unpublish,
    "delete": delete,
}

if __name__ == "__main__":
    publish_in_a_loop() if sys.argv[1:] == [OTHER] else main(sys.argv[1:])
