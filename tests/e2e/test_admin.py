"""The admin, seen in a real browser."""

from playwright.sync_api import Page, expect


def test_sign_in_leads_to_the_dashboard(admin: Page) -> None:
    expect(admin.get_by_role("heading", level=1)).to_be_visible()
    expect(admin.locator(".sidebar")).to_contain_text("Pages")
