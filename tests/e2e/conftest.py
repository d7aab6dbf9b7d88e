"""Real servers and a real Chromium.

These tests see a site only from outside, never through this process's database.
"""

import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from cms.bootstrap import ROOT, node
from tests.chromium import FLAGS, chromium
from tests.e2e.pages import PageType, places
from tests.e2e.scores import Scores
from tests.e2e.site import Site, reading, running, untouched
from tests.e2e.tokens import Watch, logs_with

PICTURES = ROOT / "var" / "failures"
PATIENCE = 60_000
"""Milliseconds until something that should happen has not: machines that run tests are busy."""

SCORES = pytest.StashKey[Scores]()

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session", autouse=True)
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """Every token that has passed in the run. At its end, when all servers have ended, none stands in a log of theirs."""
    tokens: set[str] = set()
    yield tokens
    logs = list(tmp_path_factory.getbasetemp().rglob("*.log"))
    assert logs or not tokens
    assert logs_with(tokens, logs) == []


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """CMS, front end and worker with the demo content, shared by all tests of a run: change only what your test made
    or names.
    """
    site = Site(tmp_path_factory.mktemp("site"))
    with running(site):
        site.copy_database(site.var / "demo.sqlite3")
        yield site


@pytest.fixture(scope="session")
def demo(site: Site) -> Iterator[Site]:
    """The API with the demo content as it was loaded, whatever other tests do to `site`."""
    with untouched(site, site.var / "demo.sqlite3") as demo:
        yield demo


@pytest.fixture(scope="session")
def reading_site(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """CMS and front end with the demo content as it was loaded: what other tests change on `site` is not judged here."""
    with reading(site, site.var / "demo.sqlite3", tmp_path_factory.mktemp("reading")) as reading_site:
        yield reading_site


@pytest.fixture(scope="session")
def address(reading_site: Site) -> Callable[[PageType], str]:
    """Where a page type is shown on `reading_site`."""
    known = places(reading_site)
    return lambda page_type: f"{reading_site.frontend}{page_type.path.format(**known)}"


@pytest.fixture(scope="session")
def served(address: Callable[[PageType], str], reading_site: Site) -> Callable[[PageType], tuple[int, str]]:
    """Status and HTML of a page type; of a draft, what its shell fetches."""

    @cache
    def served(page_type: PageType) -> tuple[int, str]:
        url, _, fragment = address(page_type).partition("#")
        form = f"{fragment}&path=".encode() if fragment else None
        return reading_site.open(urllib.request.Request(url, form, {"Origin": reading_site.frontend}))

    return served


@pytest.fixture(scope="session")
def scores(pytestconfig: pytest.Config) -> Scores:
    """What the gates measured, for the table at the end of the run."""
    return pytestconfig.stash.setdefault(SCORES, Scores())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program, variables = chromium()
    # The Node that Playwright carries needs a library that a bare Debian lacks; ours does not.
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, env={**os.environ, **variables})
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser, request: pytest.FixtureRequest, tokens: set[str]) -> Iterator[Callable[..., Page]]:
    """Makes pages with cookies of their own: `new_page(width=390, height=844)`. A failed test leaves their pictures in
    var/failures. A token where none may stand fails any test.
    """
    contexts: list[BrowserContext] = []
    watch = Watch()

    def make(
        *,
        width: int = 1440,
        height: int = 1000,
        color_scheme: str = "light",
        java_script: bool = True,
        ignore_https_errors: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=color_scheme,  # type: ignore[arg-type]
            java_script_enabled=java_script,
            ignore_https_errors=ignore_https_errors,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch.follow(context)
        return context.new_page()

    yield make
    leaks = watch.leaks()
    tokens |= watch.tokens
    failed = getattr(request.node, "failed", False)
    for number, context in enumerate(contexts):
        if failed and context.pages:
            PICTURES.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^\w.]+", "-", request.node.name)  # parameters may be paths
            context.pages[-1].screenshot(path=PICTURES / f"{name}-{number}.png")
        context.close()
    assert leaks == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A reader's page at 1440 × 1000."""
    return new_page()


@pytest.fixture
def admin(page: Page, site: Site) -> Page:
    """The same page, signed in to the admin and on its dashboard."""
    return sign_in(page, site.cms)


def sign_in(page: Page, origin: str, user: str = "admin") -> Page:
    """Sign in to the admin under one of its addresses (`site.cms`, `site.cms_localhost`). Passwords equal the names."""
    page.goto(f"{origin}/admin/login/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", user)
    page.click("button[type=submit]")
    page.wait_for_url(re.compile(r"/admin/$"))
    return page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    report = yield
    if report.when == "call":  # type: ignore[attr-defined]
        item.failed = report.failed  # type: ignore[attr-defined]
    return report  # type: ignore[return-value]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if scores := config.stash.get(SCORES, None):
        terminalreporter.section("The reading site")
        terminalreporter.write_line(scores.table())
