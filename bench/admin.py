"""How long editors wait: the main screens of the admin over HTTP, on whatever the database holds.

    export DATABASE_URL=sqlite:////tmp/scale.sqlite3 DJANGO_SETTINGS_MODULE=cms.settings.development
    python manage.py migrate && python manage.py generate_content --articles 10000 --tools 1000 --comparisons 500
    python -m bench.admin                  20 rounds; --rounds N for another number

Starts a server of one process on a free port and asks it as the first superuser, who is made if there is none. For
each screen: the median and the 95th percentile of what one editor waits, the server's CPU per request, and the size of
the answer, in milliseconds and kB. It saves and publishes the first article, tool and comparison with a body of one
heading: not for a database that anybody needs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
import urllib3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.urls import reverse  # noqa: E402
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, streamfield  # noqa: E402

from bench.processes import cpu  # noqa: E402
from content.models.article import ArticlePage  # noqa: E402
from content.models.comparison import ComparisonPage  # noqa: E402
from content.models.tool import ToolPage  # noqa: E402
from tests.ports import free_port  # noqa: E402

Response = Any


@contextmanager
def server(port: int) -> Iterator[int]:
    """Gives its master's process."""
    command = [sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--worker-class", "gthread", "--threads", "4", "--timeout", "300"])
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


class Editor:
    """A signed-in superuser."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        users = get_user_model()._default_manager
        user: Any = users.filter(is_superuser=True).first() or users.create_superuser("bench", "", "bench")
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session.save()
        token = "a" * 32
        self.headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token}",
            "X-CSRFToken": token,
            "Accept": "text/html",
        }
        self.pool = urllib3.PoolManager(retries=False)

    def get(self, address: str) -> Response:
        return self.pool.request("GET", self.origin + address, headers=self.headers, redirect=False)

    def post(self, address: str, data: dict[str, Any]) -> Response:
        pairs = [
            (name, each) for name, value in data.items() for each in (value if isinstance(value, list) else [value])
        ]
        return self.pool.request("POST", self.origin + address, fields=pairs, headers=self.headers, redirect=False)

    def form(self, address: str) -> dict[str, Any]:
        form = querydict_from_html(self.get(address).data.decode(), form_id="page-edit-form")
        body = nested_form_data({"body": streamfield([("heading", {"text": "Once more", "level": "2"})])})
        return {**{name: values for name, values in form.lists() if not name.startswith("csrf")}, **body}


def screens() -> dict[str, str]:
    tool = ToolPage.objects.order_by("pk")[0]
    index = tool.get_parent()
    found = {
        "home": reverse("wagtailadmin_home"),
        "articles": reverse("articles:index"),
        "articles, page 100": reverse("articles:index") + "?p=100",
        "articles, search": reverse("articles:index") + "?q=cache",
        "tools": reverse("tools:index"),
        "page tree": reverse("wagtailadmin_explore", args=[index.pk]),
        "page search": reverse("wagtailadmin_pages:search") + "?q=cache",
        "page chooser": reverse("wagtailadmin_choose_page_child", args=[index.pk]) + "?page_type=content.toolpage",
        "page chooser, search": reverse("wagtailadmin_choose_page_search") + "?q=a&page_type=content.toolpage",
        "facts": reverse("wagtailsnippets_content_fact:list"),
        "fact chooser": reverse("wagtailsnippetchoosers_content_fact:choose_results") + "?q=handles",
        "facts grid": reverse("content_facts_grid", args=[tool.pk]),
        "stale facts": reverse("content_stale_facts"),
    }
    return found


def edited() -> dict[str, str]:
    models: list[Any] = [ArticlePage, ToolPage, ComparisonPage]
    first = {model: model.objects.order_by("pk").first() for model in models}
    return {
        str(model._meta.verbose_name): reverse("wagtailadmin_pages:edit", args=[page.pk])
        for model, page in first.items()
        if page
    }


def measure(name: str, ask: Callable[[], Response], *, rounds: int, expected: int, master: int) -> None:
    ask()
    took, before, size = [], cpu(master), 0
    for _ in range(rounds):
        began = time.perf_counter()
        response = ask()
        took.append((time.perf_counter() - began) * 1000)
        size = len(response.data)
        if response.status != expected:
            sys.exit(f"{name}: {response.status}")
    used = (cpu(master) - before) * 1000 / rounds
    worst = statistics.quantiles(took, n=20)[-1] if rounds > 1 else took[0]
    print(f"{name:<24}{statistics.median(took):>9.0f}{worst:>9.0f}{used:>9.0f}{size / 1000:>9.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    rounds = parser.parse_args().rounds
    port = free_port()
    with server(port) as master:
        editor = Editor(f"http://127.0.0.1:{port}")
        wait_for(editor)
        print(f"{'':<24}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}{'kB':>9}")

        def ask(name: str, act: Callable[[], Response], expected: int) -> None:
            measure(name, act, rounds=rounds, expected=expected, master=master)

        for name, address in screens().items():
            ask(name, lambda address=address: editor.get(address), 200)  # type: ignore[misc]
        for name, address in edited().items():
            ask(f"open {name}", lambda address=address: editor.get(address), 200)  # type: ignore[misc]
            form = editor.form(address)
            ask(f"save {name}", lambda address=address, form=form: editor.post(address, form), 302)  # type: ignore[misc]
            publish = {**form, "action-publish": "action-publish"}
            ask(f"publish {name}", lambda address=address, form=publish: editor.post(address, form), 302)  # type: ignore[misc]


def wait_for(editor: Editor) -> None:
    for _ in range(300):
        try:
            editor.get("/livez")
            return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)


if __name__ == "__main__":
    main()
