"""`make up`: the whole product on one machine, in the foreground, until Ctrl-C."""

import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from api.documents.publishing import is_outdated
from cms import env
from cms.bootstrap import ROOT, Failed, Progress, check_ports, settle_environment
from cms.frontend import Build, manifest
from cms.supervisor import Stopped, Supervisor, answers, stop_on_signals
from content.models.worker import Worker

LOGS = env.VAR_DIR / "log"
LOGIN = "admin"
KEPT_LOG = 5_000_000


class Command(BaseCommand):
    help = "Start the CMS, the front end and the worker on this machine, with demo content and a development login."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            sys.exit("`up` makes a login that everybody knows: it runs with the development settings only.")
        settle_environment()
        stop_on_signals()
        try:
            with Supervisor(LOGS) as supervisor:
                self.run(supervisor)
        except Failed as failure:
            sys.exit(str(failure))
        except Stopped:
            print("\nStopped.", flush=True)

    def run(self, supervisor: Supervisor) -> None:
        check_ports()
        shorten_logs()
        began = time.monotonic()
        build = Build()
        progress = Progress(3 if build.exists else 4)
        cms = f"http://127.0.0.1:{env.PORT}"
        frontend = f"http://127.0.0.1:{env.FRONTEND_PORT}"

        # The longest step goes on beside the others.
        build.start(supervisor)
        with progress.step("Preparing the database"), logged("setup.log") as log:
            call_command("migrate", interactive=False, verbosity=1, stdout=log, stderr=log)
            create_login()
            if is_outdated():
                call_command("rebuild_documents", stdout=log)
        with progress.step("Loading the demo content"), logged("setup.log") as log:
            call_command("load_demo", stdout=log, stderr=log)
        if build.child:
            with progress.step("Building the front end"):
                build.finish(supervisor)
        with progress.step("Starting the CMS, the front end and the worker"):
            trust_front_end()
            started = timezone.now()
            server = supervisor.start("CMS", gunicorn(), log="cms.log")
            worker = supervisor.start("worker", [sys.executable, "manage.py", "worker"], log="worker.log")
            pages = build.serve(
                supervisor, port=env.FRONTEND_PORT, cms=cms, url=env.FRONTEND_URL, admin_origins=settings.ADMIN_ORIGINS
            )
            server.wait_until(lambda: answers(f"{cms}/livez"), seconds=60)
            pages.wait_until(lambda: answers(f"{frontend}/"), seconds=60)
            worker.wait_until(lambda: Worker.objects.filter(round_at__gte=started).exists(), seconds=60)
            connections.close_all()
        print(
            f"\nToolshelf is up after {time.monotonic() - began:.0f} s.\n\n"
            f"  Site      {env.FRONTEND_URL}/\n"
            f"  Admin     {env.CMS_URL}/admin/     sign in as {LOGIN} with the password {LOGIN}\n"
            f"  GraphQL   {env.CMS_URL}/graphql\n"
            f"  Data      {shown(env.VAR_DIR)}   Logs {shown(LOGS)}\n\n"
            "Ctrl-C stops all of it.",
            flush=True,
        )
        supervisor.watch()


def gunicorn() -> list[str]:
    """One process, because the cache of development lives in it; threads enough for an admin, its preview and the front
    end at once.
    """
    return [
        sys.executable, "-m", "gunicorn", "cms.wsgi", "--bind", f"127.0.0.1:{env.PORT}",
        "--worker-class", "gthread", "--threads", "16", "--graceful-timeout", "3", "--timeout", "120",
        "--no-control-socket",
    ]  # fmt: skip


def create_login() -> None:
    """The login that everybody knows, made once: whoever changes its password or removes its rights keeps that."""
    users = get_user_model()._default_manager
    if not users.filter(username=LOGIN).exists():
        users.create_superuser(LOGIN, f"{LOGIN}@example.com", LOGIN)


def trust_front_end() -> None:
    """Give the CMS the documents of this front end, which then asks for them by GET. A manifest that does not fit the
    schema, because somebody is changing it, stops nothing: the front end posts what is not trusted.
    """
    with logged("setup.log") as log:
        file = env.VAR_DIR / "manifest.json"
        file.write_text(manifest())
        try:
            call_command("trust_documents", str(file), stdout=log)
        except CommandError as error:
            print(error, file=log)


@contextmanager
def logged(name: str) -> Iterator[Any]:
    """A log for a step of our own; what it raises goes there, and its last line to the user."""
    path = LOGS / name
    with open(path, "a") as log:
        try:
            yield log
        except Exception as error:
            traceback.print_exc(file=log)
            message = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise Failed(f"This step failed: {message} (The whole story is in {shown(path)}.)") from error


def shorten_logs() -> None:
    for log in LOGS.glob("*.log"):
        if log.stat().st_size > KEPT_LOG:
            log.write_bytes(log.read_bytes()[-KEPT_LOG // 10 :])


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
