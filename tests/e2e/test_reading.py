"""What readers get: whole pages without JavaScript, on a phone and at a desk, by day and by night."""

import os
import re
import socket
import subprocess
import time
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from cms.bootstrap import FRONTEND, end_with_parent, node
from cms.frontend import Build
from tests.e2e.editor import wait_until
from tests.e2e.pages import PUBLIC
from tests.ports import free_ports

FITS = "width => innerWidth === width && document.documentElement.scrollWidth === width"
MATRIX = """
{ resolve(path: "/comparisons/web-frameworks/") { ... on Comparison {
    tools { name }
    matrix { attribute { label } cells { fact { state } override { text } } }
} } }
"""


@pytest.mark.parametrize("page_type", PUBLIC, ids=str)
def test_page_is_whole_without_java_script(address, new_page, page_type):
    page = new_page(java_script=False)
    assert page.goto(address(page_type)).status == 200
    expect(page.locator("main h1")).to_have_count(1)
    expect(page.locator("main h1")).to_be_visible()
    scripts = page.locator("script").evaluate_all("all => all.map(one => [one.src, one.type])")
    assert all(script == ["", "application/ld+json"] for script in scripts)
    handlers = "all => all.flatMap(one => one.getAttributeNames()).filter(name => name.startsWith('on'))"
    assert page.locator("*").evaluate_all(handlers) == []


@pytest.mark.parametrize("page_type", PUBLIC, ids=str)
def test_page_fits_its_screen_and_complains_of_nothing(address, new_page, page_type):
    backgrounds = set()
    # A window for each width: Chromium resizes in its own time, and on a busy machine sometimes never.
    for color_scheme, width in product(("light", "dark"), (320, 390, 1440)):
        page = new_page(width=width, height=844, color_scheme=color_scheme)
        complaints = []
        page.on("console", lambda message, told=complaints: told.append(message.text))
        page.on("pageerror", lambda error, told=complaints: told.append(str(error)))
        page.on("requestfailed", lambda request, told=complaints: told.append(request.url))
        page.goto(address(page_type), wait_until="networkidle")
        wait_until(page, FITS, arg=width)
        assert complaints == []
        backgrounds.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert len(backgrounds) == 2


@pytest.mark.parametrize("width", [390, 1440])
def test_matrix_has_every_cell_and_tells_no_from_unknown(site, new_page, width):
    page = new_page(width=width, java_script=False)
    page.goto(f"{site.frontend}/comparisons/web-frameworks/")
    comparison = site.graphql(MATRIX)["data"]["resolve"]
    rows = page.locator(".matrix tr:has(td)")
    expect(rows).to_have_count(len(comparison["matrix"]))

    said = {}
    for row in comparison["matrix"]:
        label = page.get_by_role("rowheader", name=re.compile(rf"^{row['attribute']['label']}"))
        answers = rows.filter(has=label).locator("td .fact-answer").all_inner_texts()
        assert len(answers) == len(row["cells"]) == len(comparison["tools"])
        for cell, answer in zip(row["cells"], answers, strict=True):
            if cell["override"]:
                assert answer.strip() == cell["override"]["text"]
            else:
                said.setdefault(cell["fact"]["state"], set()).add(answer.strip())
    assert said["NO"] == {"No"}
    assert said["UNKNOWN"] == {"Unknown"}
    assert not said["YES"] & {"", "No", "Unknown"}


def test_tools_are_found_by_what_they_are_and_compared(site, new_page):
    page = new_page(java_script=False)
    page.goto(f"{site.frontend}/tools/")
    everything = page.locator(".tool-teaser").count()
    page.get_by_label("Category").select_option(label="Job queue")
    page.get_by_label("Licence").select_option(value="BSD-3-Clause")
    page.get_by_role("button", name="Show").click()
    assert "category=job-queue" in page.url
    assert "fact-licence=BSD-3-Clause" in page.url
    assert 0 < page.locator(".tool-teaser").count() < everything
    expect(page.get_by_label("Licence")).to_have_value("BSD-3-Clause")
    page.get_by_role("link", name="Show all tools").click()
    for name in ("Celery", "RQ"):
        page.get_by_label(f"Compare {name}", exact=True).check()
    page.get_by_role("button", name="Compare the ticked tools").click()
    assert page.url == f"{site.frontend}/compare?tools=celery,rq"
    expect(page.locator("main h1")).to_contain_text("vs.")
    assert page.locator(".matrix thead a").all_inner_texts() == ["Celery", "RQ"]
    assert page.locator("meta[name=robots][content=noindex]").count() == 1


def test_only_differences_are_left_without_java_script(site, new_page):
    page = new_page(java_script=False)
    page.goto(f"{site.frontend}/compare?tools=django,flask")
    rows = page.locator(".matrix tr:has(td)")
    same = page.locator(".matrix tr.is-same:has(td)")
    everything, alike = rows.count(), same.count()
    assert 0 < alike < everything
    page.get_by_label("Only differences").check()
    expect(same.first).to_be_hidden()
    assert page.locator(".matrix tr:has(td):visible").count() == everything - alike


def test_a_comparison_that_editors_wrote_is_named_as_the_canonical_one(site, new_page):
    page = new_page(java_script=False)
    page.goto(f"{site.frontend}/compare?tools=fastapi,flask,django")
    expect(page.locator("main h1")).to_have_text("Django, Flask and FastAPI compared")
    canonical = page.locator("link[rel=canonical]").get_attribute("href")
    assert canonical == f"{site.frontend}/comparisons/web-frameworks/"


def test_search_finds_marks_and_narrows(site, new_page):
    page = new_page(java_script=False)
    page.goto(site.frontend)
    page.get_by_role("searchbox").fill("djagno")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#results")).to_contain_text("Nothing holds “djagno”")
    expect(page.locator(".results mark").first).to_have_text(re.compile("django", re.IGNORECASE))
    page.get_by_role("link", name=re.compile(r"^Tools? \(")).click()
    assert set(page.locator(".results .label").all_inner_texts()) == {"Tool"}
    page.locator(".results a").first.click()
    expect(page.locator("article.tool h1")).to_be_visible()


def test_a_phone_has_a_link_to_the_search_instead_of_its_box(site, new_page):
    page = new_page(width=390, java_script=False)
    page.goto(site.frontend)
    expect(page.get_by_role("searchbox")).to_be_hidden()
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_role("searchbox")).to_have_count(1)


def test_corrections_stand_above_the_text(site, new_page):
    page = new_page(java_script=False)
    page.goto(f"{site.frontend}/comparisons/web-frameworks/")
    correction = page.get_by_role("complementary", name="Corrected")
    expect(correction).to_contain_text("23 November 2026")
    assert correction.bounding_box()["y"] < page.locator("#verdicts").bounding_box()["y"]


def test_a_tool_tells_what_is_written_about_it_before_the_tools_that_name_it(site, new_page):
    page = new_page(java_script=False)
    page.goto(f"{site.frontend}/tools/django/")
    kinds = page.locator("section:has(#used-in) li span").all_inner_texts()
    assert {"Article", "Comparison", "Tool"} == set(kinds)
    assert kinds.index("Tool") > max(kinds.index("Article"), kinds.index("Comparison"))
    assert "Article" not in kinds[kinds.index("Tool") :]


def test_a_mistake_is_reported_with_the_address_of_the_page(site, new_page):
    page = new_page(java_script=False)
    for path, title in (("/tools/django/", "Django"), ("/comparisons/web-frameworks/", "Django, Flask and FastAPI")):
        page.goto(f"{site.frontend}{path}")
        link = urlsplit(page.get_by_role("link", name="Report a mistake").get_attribute("href"))
        message = parse_qs(link.query)
        assert link.scheme == "mailto"
        assert title in message["subject"][0]
        assert message["body"][0].startswith(f"{site.frontend}{path}")


def test_unknown_path_is_told_in_words(site, page):
    assert page.goto(f"{site.frontend}/articles/never-written/").status == 404
    expect(page.locator("main .message[data-code='404']")).to_contain_text("There is no page at this address")
    expect(page.get_by_role("link", name="A search for “never written”")).to_be_visible()
    page.locator(".message").get_by_role("link", name="Articles").click()
    expect(page.locator("main h1")).to_have_text("Articles")


@pytest.fixture(scope="module")
def stranded(site, tmp_path_factory):
    """A front end whose CMS is down, by its address."""
    port, closed = free_ports(2)
    address = f"http://127.0.0.1:{port}"
    program = [node(), Build().folder / "server" / "entry.mjs"]
    variables = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "CMS_URL": f"http://127.0.0.1:{closed}",
        "FRONTEND_URL": address,
    }
    with open(tmp_path_factory.mktemp("stranded") / "frontend.log", "w") as log:
        process = subprocess.Popen(
            program, cwd=FRONTEND, env=os.environ | variables, stdout=log, stderr=log, preexec_fn=end_with_parent
        )
    while not is_listening(port):
        assert process.poll() is None
        time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(10)


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("path", ["/", "/articles/do-web-developers-use-python/", "/people/mara-lindqvist/"])
def test_reader_is_told_when_the_cms_is_down(stranded, page, path):
    answer = page.goto(f"{stranded}{path}")
    assert answer.status == 503
    assert re.fullmatch(r"\d+", answer.headers["retry-after"])
    assert answer.headers["cache-control"] == "no-store"
    expect(page.locator("main .message[data-code='503']")).to_contain_text("does not answer just now")


def test_editor_is_told_when_the_cms_is_down(stranded, page):
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.goto(f"{stranded}/preview#token={'x' * 43}")
    assert answer.value.status == 503
    assert "retry-after" in answer.value.headers
    expect(page.locator("main .message[data-code=CMS_UNAVAILABLE]")).to_contain_text("Nothing you wrote is lost")
