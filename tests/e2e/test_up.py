"""`manage.py up`, as an operator meets it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from cms.bootstrap import ROOT, is_free
from cms.version import version
from tests.e2e.site import Site, running


@pytest.fixture(scope="module")
def own_site(tmp_path_factory):
    """Not running; each test starts it and stops it. The first start migrates, so the others are quick."""
    return Site(tmp_path_factory.mktemp("up"))


def descendants(pid):
    found = []
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        found += [child, *descendants(child)]
    return found


def wait_until(claim, seconds=60):
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def are_gone(pids):
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_serves_both_parts_stops_cleanly_and_keeps_what_was_changed(own_site):
    site = own_site
    with running(site) as process:
        assert site.get("/")[0] == 200
        assert site.graphql("{ articles(first: 1) { totalCount } }")["data"]["articles"]["totalCount"] >= 3
        ready = json.loads(site.open(urllib.request.Request(f"{site.cms}/readyz"))[1])
        assert ready == {"status": "ok", "version": version(), "database": "ok", "cache": "ok", "worker": "ok"}
        site.shell("from content.models.article import ArticlePage; ArticlePage.objects.first().delete()")
        pages = site.shell("from wagtail.models import Page; print(Page.objects.count())")
        started = descendants(process.pid)
        assert len(started) >= 4  # gunicorn and its worker, Node, our worker

        # A terminal sends Ctrl-C to the whole group, `make` may pass on another signal.
        os.killpg(process.pid, signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert (site.var / "up.txt").read_text().endswith("\nStopped.\n")
        assert are_gone(started)
        assert is_free(site.port)
        assert is_free(site.frontend_port)

    with running(site):
        assert site.shell("from wagtail.models import Page; print(Page.objects.count())") == pages


def test_killed_it_leaves_no_process_behind(own_site):
    with running(own_site) as process:
        started = descendants(process.pid)
        process.kill()
        wait_until(lambda: are_gone(started))


def test_server_that_dies_ends_everything_with_one_story(own_site):
    with running(own_site) as process:
        started = descendants(process.pid)
        worker = next(pid for pid in started if b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(worker, signal.SIGKILL)
        assert process.wait(20) == 1
        assert "The worker was ended by SIGKILL; its log is " in (own_site.var / "up.txt").read_text()
        wait_until(lambda: are_gone(started))


def test_second_one_on_the_same_ports_is_refused(site):
    command = [sys.executable, "manage.py", "up"]
    done = subprocess.run(command, cwd=ROOT, env=site.environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Port {site.port} is taken.")
    assert done.stderr.count("\n") == 1
