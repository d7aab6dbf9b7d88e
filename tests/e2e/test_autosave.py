"""The editor saves by itself, and loses nothing of what is typed meanwhile."""

import re

from playwright.sync_api import expect

from tests.e2e.editor import address_of, field, open_editor, sent, type_and_see_saved, wait_until_saved


def test_what_is_typed_during_a_save_is_saved_as_well(site, admin):
    address = address_of(site, "/articles/a-learning-path/")
    open_editor(admin, address)

    def answer_after_more_is_typed(route):
        answer = route.fetch()
        field(admin, "dek").evaluate("field => { field.value = 'During the save' }")
        route.fulfill(response=answer)

    admin.route(address, answer_after_more_is_typed, times=1)
    with admin.expect_request(lambda request: "During the save" in sent(request)):
        field(admin, "dek").fill("Before the save")
    wait_until_saved(admin)
    admin.reload()
    expect(field(admin, "dek")).to_have_value("During the save")


def test_a_new_comparison_is_saved_before_its_tools_are_chosen(site, admin):
    index = address_of(site, "/comparisons/").split("/")[-3]
    open_editor(admin, f"{site.cms}/admin/pages/add/content/comparisonpage/{index}/")
    type_and_see_saved(admin, "title", "Which one, then")
    expect(admin).to_have_url(re.compile(r"/admin/pages/\d+/edit/"))
    admin.get_by_role("tab", name="Matrix").click()
    type_and_see_saved(admin, "comparison_tools-0-note", "The free edition")
    admin.get_by_role("button", name="Add tool").click()
    expect(admin.locator(".modal-dialog")).to_have_count(1)
    admin.reload()
    expect(field(admin, "comparison_tools-0-note")).to_have_value("The free edition")
