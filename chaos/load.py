"""Readers, and an editor who publishes, while something happens to the site."""

import http.client
import json
import random
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

import urllib3
from bs4 import BeautifulSoup

from bench.questions import ARTICLE, COMPARISON, LIST
from chaos.site import EDITOR, Stage
from cms.bootstrap import Failed

PATIENCE = 30.0
"""Seconds after which a client gives up."""


def path(query: str, **variables: object) -> str:
    asked = {"query": query} | ({"variables": json.dumps(variables)} if variables else {})
    return f"/graphql?{urllib.parse.urlencode(asked)}"


def questions(stage: Stage) -> list[str]:
    """Addresses: every article, a list, every comparison."""
    found = [path(LIST)]
    for table, query in (("articlepage", ARTICLE), ("comparisonpage", COMPARISON)):
        rows = stage.sql(f"SELECT slug FROM wagtailcore_page JOIN content_{table} ON id = page_ptr_id")
        found += [path(query, slug=slug) for (slug,) in rows]
    return found


@dataclass(frozen=True)
class Answer:
    began: float
    """By the monotonic clock."""
    seconds: float
    status: int
    """0 if there was none."""
    can_retry: bool = False
    """Whether it says when to come back."""

    @property
    def is_good(self) -> bool:
        return self.status == 200

    @property
    def is_polite(self) -> bool:
        return self.status in (200, 429) or (self.status == 503 and self.can_retry)


def ask(connection: http.client.HTTPConnection, address: str) -> Answer:
    """An answer with errors counts as a failed one."""
    began = time.monotonic()
    try:
        connection.request("GET", address, headers={"Accept": "application/json"})
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return Answer(began, time.monotonic() - began, 0)
    status = 500 if response.status == 200 and body.startswith(b'{"errors"') else response.status
    return Answer(began, time.monotonic() - began, status, "Retry-After" in response.headers)


class Running:
    """Threads that ask until the context ends."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []
        self.trouble: list[Exception] = []

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE + 5)
        if self.trouble and kind is None:
            raise Failed(f"{type(self).__name__} had to give up: {self.trouble[0]!r}")

    def until_stopped(self, step: Any, *arguments: object) -> None:
        try:
            while not self.stopping.is_set():
                step(*arguments)
        except Exception as error:
            self.trouble.append(error)


class Readers(Running):
    """So many, each with the next question as soon as the last one is answered."""

    def __init__(self, port: int, addresses: Sequence[str], count: int = 4) -> None:
        super().__init__()
        self.port, self.addresses = port, addresses
        self.answers: list[Answer] = []
        self.threads = [
            threading.Thread(target=self.until_stopped, args=[self.read, self.connection()], daemon=True)
            for _ in range(count)
        ]

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def read(self, connection: http.client.HTTPConnection) -> None:
        answer = ask(connection, random.choice(self.addresses))
        self.answers.append(answer)
        if not answer.status:
            time.sleep(0.01)

    @property
    def failed(self) -> list[Answer]:
        return [each for each in self.answers if not each.is_good]

    def summary(self) -> str:
        """How many, and of what status those were that failed."""
        found = Counter(each.status for each in self.failed)
        return f"{len(self.answers)} answers" + "".join(
            f", {count} × {status or 'none'}" for status, count in found.items()
        )


def errors_in(html: str) -> list[str]:
    found = BeautifulSoup(html, "html.parser").find_all(class_="error-message")
    return [" ".join(each.text.split()) for each in found]


class Admin:
    """A signed-in editor's browser."""

    def __init__(self, origin: str) -> None:
        self.origin, self.cookies = origin, dict[str, str]()
        self.pool = urllib3.PoolManager(retries=False, timeout=PATIENCE)

    def get(self, address: str) -> urllib3.BaseHTTPResponse:
        return self._ask("GET", address)

    def post(self, address: str, form: Sequence[tuple[str, object]]) -> urllib3.BaseHTTPResponse:
        """A value that is a pair is a file: its name and what it holds."""
        return self._ask("POST", address, fields=form, encode_multipart=any(type(each) is tuple for _, each in form))

    def _ask(self, method: str, address: str, **given: Any) -> urllib3.BaseHTTPResponse:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
            "Accept": "text/html",
            "Referer": self.origin,
        }
        response = self.pool.request(method, self.origin + address, headers=headers, redirect=False, **given)
        for each in response.headers.getlist("Set-Cookie"):
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response

    def sign_in(self) -> None:
        self.get("/admin/login/")
        response = self.post("/admin/login/", [("username", EDITOR), ("password", EDITOR * 3)])
        if response.status != 302:
            raise Failed(f"Nobody could sign in: {response.status} {response.data[:500].decode()}")

    def form(self, address: str, form_id: str) -> list[tuple[str, str]]:
        html = BeautifulSoup(self.get(address).data, "html.parser")
        form = html.find("form", id=form_id)
        if form is None:
            raise Failed(f"{address} has no form {form_id}.")
        found = []
        for each in form.find_all(["input", "textarea", "select"]):
            name, kind = each.get("name"), each.get("type")
            if (
                not name
                or kind in ("submit", "file")
                or (kind in ("checkbox", "radio") and not each.has_attr("checked"))
            ):
                continue
            if each.name == "select":
                found += [
                    (str(name), str(option.get("value", ""))) for option in each.find_all("option", selected=True)
                ]
            else:
                text = each.text.lstrip("\n") if each.name == "textarea" else str(each.get("value", ""))
                found.append((str(name), text))
        return found


class Editor(Running):
    """Publishes an article again and again, under a new title each time."""

    def __init__(self, stage: Stage, origin: str, *, pause: float = 0.3) -> None:
        super().__init__()
        self.stage, self.pause = stage, pause
        self.admin = Admin(origin)
        self.admin.sign_in()
        ((self.page, self.slug),) = stage.sql(
            "SELECT id, slug FROM wagtailcore_page JOIN content_articlepage ON id = page_ptr_id ORDER BY id LIMIT 1"
        )
        self.address = f"/admin/pages/{self.page}/edit/"
        form = self.admin.form(self.address, "page-edit-form")
        self.fields = [(name, value) for name, value in form if name != "title" and not name.startswith("body-")]
        body = {"count": "1", "0-type": "heading", "0-order": "0", "0-deleted": "", "0-id": str(uuid4())}
        body |= {"0-value-text": "Once more", "0-value-level": "2"}
        self.fields += [(f"body-{name}", value) for name, value in body.items()]
        self.fields.append(("action-publish", "action-publish"))
        ((last,),) = stage.sql("SELECT count(*) FROM wagtailcore_revision")
        self.number = int(str(last)) * 1000
        self.acknowledged: list[str] = []
        self.unknown: list[str] = []
        """Published or not: there was no answer, or one that came from nginx."""
        self.answers: list[Answer] = []
        self.said = ""
        self.threads = [threading.Thread(target=self.until_stopped, args=[self.publish], daemon=True)]

    def publish(self) -> bool:
        self.number += 1
        title, began = f"Edit {self.number}", time.monotonic()
        try:
            response = self.admin.post(self.address, [*self.fields, ("title", title)])
            status, can_retry = response.status, "Retry-After" in response.headers
            self.said = response.data.decode(errors="replace")
            if status == 302:
                self.acknowledged.append(title)
                status = 200
            elif status == 200:
                raise Failed(f"The article could not be published: {errors_in(self.said)}")
        except urllib3.exceptions.HTTPError:
            status, can_retry = 0, False
        if status != 200:
            self.unknown.append(title)
        self.answers.append(Answer(began, time.monotonic() - began, status, can_retry))
        self.stopping.wait(self.pause)
        return status == 200

    def lost(self) -> list[str]:
        """What was acknowledged and is not there; and what is not shown although it was the last."""
        rows = self.stage.sql("SELECT content->>'title' FROM wagtailcore_revision WHERE object_id = %s", str(self.page))
        lost = set(self.acknowledged) - {title for (title,) in rows}
        if self.acknowledged and self.shown() not in [self.acknowledged[-1], *self.unknown]:
            lost.add(self.acknowledged[-1])
        return sorted(map(str, lost))

    def shown(self) -> str:
        ((title,),) = self.stage.sql(
            "SELECT title FROM api_document WHERE key = %s AND layer = 0 AND valid_to IS NULL", f"page:{self.page}"
        )
        return str(title)
