"""The admin's editor with the preview panel beside it, handled by what an editor sees."""

import re
import time
from typing import Any

from playwright.sync_api import Frame, FrameLocator, Locator, Page, Request, expect

from tests.e2e.site import Site

# Two seconds after it has found the form, Wagtail takes the copy that it finds changes by; what was typed before is not
# previewed. It may find the form more than once, and counts from each time.
COUNT_COPIES = """
window.copiesToCome = null;
document.addEventListener('w-unsaved:ready', () => { window.copiesToCome += 1 });
document.addEventListener('w-unsaved:watch-edits', () => { window.copiesToCome -= 1 });
"""


def address_of(site: Site, path: str, origin: str | None = None) -> str:
    """Where the page with this public path is edited."""
    query = "query($path: String!) { resolve(path: $path) { ... on Page { id } } }"
    number = site.graphql(query, {"path": path})["data"]["resolve"]["id"].removeprefix("page:")
    return f"{origin or site.cms}/admin/pages/{number}/edit/"


def address_of_snippet(site: Site, id: str) -> str:
    """Where the snippet with this id of the API is edited."""
    kind, number = id.split(":")
    return f"{site.cms}/admin/snippets/content/{kind}/edit/{number}/"


def edit(page: Page, address: str) -> FrameLocator:
    """Open the editor and its preview panel; the answer is what the panel shows, now and after each refresh."""
    open_editor(page, address)
    preview = open_preview(page)
    expect(preview.locator("#preview-bar")).to_be_visible()
    return preview


def open_editor(page: Page, address: str) -> None:
    """Open the editor and wait until it notices what is typed."""
    page.add_init_script(COUNT_COPIES)
    page.goto(address)
    wait_until_watched(page)


def wait_until_watched(page: Page) -> None:
    wait_until(page, "window.copiesToCome !== null && window.copiesToCome <= 0")


def wait_until(page: Page | Frame, claim: str, *, arg: Any = None, seconds: float = 60) -> None:
    """Until the expression is true there. Playwright's own way needs `eval`, which our policies forbid."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(claim, arg):
        assert time.monotonic() < deadline, f"Not true after {seconds} s: {claim}"
        page.wait_for_timeout(50)


def open_preview(page: Page) -> FrameLocator:
    toggle = page.get_by_role("button", name="Toggle preview")
    if toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    return page.frame_locator("#w-preview-iframe")


def heading_of(view: FrameLocator | Page) -> Locator:
    """The title that a reader sees."""
    return view.locator("main h1")


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[name='{name}']")


def first_heading_block(page: Page) -> Locator:
    return page.locator("input[name^='body-'][name$='-value-text']").first


def add_block(page: Page, label: str) -> str:
    """Put a block at the end of the body; returns the beginning of its fields' names."""
    position = field(page, "body-count").input_value()
    page.locator("#panel-child-content-body-content .c-sf-add-button:visible").last.click()
    page.get_by_role("option", name=label, exact=True).click()
    return f"body-{position}-value"


def in_preview(page: Page, script: str) -> Any:
    """Run a script in the frame that the panel shows now."""
    return page.frame_locator("#w-preview-iframe").locator("html").evaluate(f"() => {script}")


def wait_in_preview(page: Page, claim: str) -> None:
    """As `wait_until`, in whichever frame the panel shows."""
    deadline = time.monotonic() + 60
    while not in_preview(page, claim):
        assert time.monotonic() < deadline, claim
        page.wait_for_timeout(50)


def wait_until_saved(page: Page) -> None:
    """Wait for autosave, before typing more: Wagtail takes what is typed while it saves for saved, and neither saves nor
    previews it until the next change.
    """
    expect(page.locator("#w-autosave-indicator")).to_have_attribute("data-w-autosave-state-value", "saved")


def type_and_see_saved(page: Page, name: str, text: str) -> None:
    """Type a text that stands nowhere else yet, and wait for the autosave that carries it."""
    with page.expect_response(lambda answer: text in sent(answer.request)) as saved:
        field(page, name).fill(text)
        field(page, name).blur()  # a slug follows its title
    assert saved.value.status == 200, saved.value.text()
    wait_until_saved(page)


def sent(request: Request) -> str:
    """What an autosave sends; nothing of any other request."""
    is_autosave = request.method == "POST" and request.headers.get("accept") == "application/json"
    return (request.post_data or "") if is_autosave and "preview" not in request.url else ""


def publish(page: Page) -> None:
    choose(page, "Publish")
    expect(page.locator(".messages .success")).to_contain_text("published")


def choose(page: Page, action: str) -> None:
    """One of the actions beside "Save draft"."""
    page.get_by_role("button", name="More actions").click()
    page.locator("footer").get_by_text(re.compile(rf"^\s*{action}\s*$")).click()
