"""The processes of compose.yaml, from the files that it is made of, without containers."""

import time

import pytest
import urllib3

from tests.deployment import Deployment, Editor

PATIENCE = 60
"""Seconds until something that should happen has not; how soon it does is measured by `python -m bench.edge`."""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    deployment = Deployment(tmp_path_factory.mktemp("deployment"))
    with deployment.running():
        yield deployment


@pytest.fixture(scope="module")
def ask():
    pool = urllib3.PoolManager(retries=False)
    return lambda address, method="GET", **headers: pool.request(method, address, headers=headers, redirect=False)


def was_kept(answer):
    """Varnish names the two requests of what it has kept."""
    return len(answer.headers["X-Varnish"].split()) == 2


def test_what_an_editor_publishes_is_what_readers_get_at_once(deployment, ask):
    editor = Editor(deployment.cms)
    page = editor.new_article("Written once", "edge")
    address = f"{deployment.site}/articles/edge/"
    for title in ("Written twice", "Written thrice"):
        ask(address)
        assert was_kept(ask(address))
        editor.publish(page, title)
        deadline = time.monotonic() + PATIENCE
        while f"<h1>{title}</h1>" not in ask(address).data.decode():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_nobody_outside_says_what_has_changed(deployment, ask):
    for address in (deployment.site, deployment.cms):
        answer = ask(address, "PURGE", **{"xkey-purge": "all"})
        assert (answer.status, answer.reason) == (403, "Forbidden")
    inside = f"http://127.0.0.1:{deployment.ports['varnish:8082']}/"
    assert ask(inside).status == 400
    assert ask(inside, "PURGE", **{"xkey-purge": "nothing"}).status == 200


def test_public_files_are_served_and_private_ones_are_not(deployment, ask):
    for folder in ("media", "private"):
        (deployment.folder / folder / "note.html").write_text("<script></script>")
    answer = ask(f"{deployment.cms}/media/note.html")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/octet-stream")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/private/note.html", "/media/../private/note.html", "/media/%2e%2e/private/note.html"):
        assert ask(deployment.cms + path).status in (400, 404)


def test_figures_are_for_who_is_inside(deployment, ask):
    assert ask(f"{deployment.cms}/metrics").reason == "Not found"


@pytest.mark.parametrize("service", ["cms", "worker", "frontend", "varnish"])
def test_health_checks_tell_that_it_works(deployment, service):
    deadline = time.monotonic() + PATIENCE
    while not deployment.is_healthy(service):
        assert time.monotonic() < deadline
        time.sleep(0.5)
