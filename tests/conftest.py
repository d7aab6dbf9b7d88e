"""What every test may use."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django_tasks import task_backends
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from tests.buckets import buckets, s3  # noqa: F401  fixtures for all
from tests.media import media  # noqa: F401


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test for the other database is left out, not skipped: a skip means that something is missing here, and fails
    the run.
    """
    other = "sqlite_only" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "postgresql_only"
    # What flushes the database at its end comes last: the others then find the tree of `django_db_setup`.
    items.sort(key=_flushes)
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _flushes(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or "transactional_db" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The default site's tree is made once: it takes longer than most tests. `factories.tree()` finds it, or makes it
    anew where a test has taken it away.
    """
    from tests.factories import tree

    with django_db_blocker.unblock():
        tree()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What other tests have searched for in vain is not written, and its statements not counted, in this one; and what
    they were answered is computed anew.
    """
    from api import caching, copies
    from api.search import unfound

    cache.clear()
    unfound._counted.clear()
    caching.forget_all()
    copies.is_copy.cache_clear()


@pytest.fixture
def cold(settings: Any) -> None:
    """Every answer is computed, so that its statements can be counted."""
    settings.RESPONSE_CACHE_MB = 0


@pytest.fixture
def graphql(client: Client) -> Callable[..., dict[str, Any]]:
    """Ask the endpoint as a front end does: `graphql(query, variables, token=…)` returns the whole answer, errors
    included.

    Set `status` when something other than 200 is expected.
    """

    def ask(
        query: str, variables: dict[str, Any] | None = None, *, token: str | None = None, status: int = 200
    ) -> dict[str, Any]:
        # Only this type tells by its status whether anything was executed.
        headers = {"accept": "application/graphql-response+json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": variables or {}}
        response = client.post("/graphql", body, content_type="application/json", headers=headers)
        assert response.status_code == status, response.content.decode(errors="replace")[:2000]
        answer: dict[str, Any] = response.json()
        return answer

    return ask


@pytest.fixture
def enqueued() -> Iterator[Callable[[Any], list[list[Any]]]]:
    """Jobs wait in the database, as they do outside of tests: `enqueued(job)` gives the arguments of those of a kind."""
    usual = task_backends["default"]
    task_backends["default"] = DatabaseBackend("default", settings.TASKS["default"])

    def arguments(job: Any) -> list[list[Any]]:
        rows = DBTaskResult.objects.filter(task_path=job.module_path).order_by("enqueued_at")
        return [row.args_kwargs["args"] for row in rows]

    yield arguments
    task_backends["default"] = usual


@pytest.fixture
def migrate_to() -> Iterator[Callable[[str, str], Any]]:
    """Bring the tables of an application to one of its migrations and give its models: `migrate_to("api",
    "0001_initial")`. The newest tables come back at the end.
    """

    def migrate(app: str, name: str) -> Any:
        MigrationExecutor(connection).migrate([(app, name)])
        return MigrationExecutor(connection).loader.project_state([(app, name)]).apps

    yield migrate
    # Those of other applications that depend on them have gone back, too.
    call_command("migrate", verbosity=0)
