"""A draft shared by a link: an editor makes it, somebody without an account opens it."""

import re

from playwright.sync_api import expect

from tests.e2e.editor import address_of, field, heading_of, open_editor, wait_until_saved

PATH = "/articles/to-be-shared/"
MAKE = """
from tests.factories import *
ArticlePageFactory(title="As published", slug="to-be-shared")
"""
ARTICLE = "ArticlePageFactory(title='Shared for a day', slug='shared-for-a-day')"


def type_title(admin, title):
    field(admin, "title").fill(title)
    wait_until_saved(admin)


def test_a_link_is_made_opened_updated_and_withdrawn(site, admin, new_page):
    site.shell(MAKE)
    address = address_of(site, PATH)
    published = site.graphql("query($path: String!) { page(path: $path) { title } }", {"path": PATH})
    open_editor(admin, address)
    type_title(admin, "Shared as it was")

    admin.get_by_role("button", name="More actions").click()
    admin.get_by_role("link", name="Share the draft").click()
    expect(admin.get_by_text("This draft has not been shared.")).to_be_visible()
    admin.get_by_label("For whom").fill("Our lawyer")
    admin.get_by_role("button", name="Share", exact=True).click()
    link = admin.get_by_role("textbox", name="Link for Our lawyer").input_value()
    assert link.startswith(f"{site.frontend}/preview#token=")
    screen = admin.url

    guest = new_page()
    guest.goto(link)
    expect(heading_of(guest)).to_have_text("Shared as it was")
    expect(guest.locator("#preview-bar")).to_contain_text("A draft that was shared with you")
    expect(guest.locator("#userbar, wagtail-userbar")).to_have_count(0)
    assert guest.url == f"{site.frontend}/preview"
    assert guest.context.cookies() == []

    # Other pages around it are the published ones, and the way back leads to the draft.
    guest.locator(".masthead").get_by_role("link", name="Tools", exact=True).click()
    expect(heading_of(guest)).to_have_text("Tools")
    guest.go_back()
    expect(heading_of(guest)).to_have_text("Shared as it was")

    open_editor(admin, address)
    type_title(admin, "Updated by the editor")
    guest.reload()
    expect(heading_of(guest)).to_have_text("Shared as it was")
    admin.goto(screen)
    expect(admin.locator("table.listing tbody tr")).not_to_contain_text("Never")
    admin.get_by_role("button", name="Update the shared version").click()
    guest.reload()
    expect(heading_of(guest)).to_have_text("Updated by the editor")

    admin.get_by_role("button", name="Withdraw").click()
    expect(admin.locator("table.listing")).to_contain_text("Withdrawn")
    guest.reload()
    expect(guest.locator(".message")).to_contain_text(re.compile("was withdrawn"))
    assert site.graphql("query($path: String!) { page(path: $path) { title } }", {"path": PATH}) == published


END = """
from django.utils import timezone
from api.preview.models import PreviewGrant
PreviewGrant.objects.filter(share__recipient="Only for today").update(expires_at=timezone.now())
"""


def test_a_link_that_has_ended_says_so(site, admin, new_page):
    number = site.shell(f"from tests.factories import *; print({ARTICLE}.pk)").strip()
    admin.goto(f"{site.cms}/admin/shared/content.articlepage/{number}/")
    admin.get_by_label("For whom").fill("Only for today")
    admin.get_by_role("button", name="Share", exact=True).click()
    guest = new_page()
    guest.goto(admin.get_by_role("textbox", name="Link for Only for today").input_value())
    expect(heading_of(guest)).to_have_text("Shared for a day")
    site.shell(END)
    guest.reload()
    expect(guest.locator("main .message[data-code=TOKEN_EXPIRED]")).to_contain_text(
        "a shared link has to be shared again"
    )
    expect(guest.locator("body")).not_to_contain_text("Shared for a day")
    admin.reload()
    expect(admin.locator("table.listing")).to_contain_text("Ended")
