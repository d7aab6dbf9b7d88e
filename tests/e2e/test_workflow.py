"""An article goes through three hands before readers see it, and once back to the first."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import sign_in
from tests.e2e.editor import (
    add_block,
    address_of,
    choose,
    field,
    heading_of,
    open_editor,
    type_and_see_saved,
)

PATH = "/articles/written-by-three/"
MAKE_PEOPLE = """
from django.contrib.auth.models import User
from content.roles import group_of
for role in ("writer", "fact_checker", "editor"):
    User.objects.create_user(role, password=role).groups.add(group_of(role))
"""


def open_from_home(person, site):
    """What waits on somebody stands on their home screen."""
    person.goto(f"{site.cms}/admin/")
    entry = person.locator(".toolshelf-home li", has_text="Written by three").filter(has_text="waits on you")
    open_editor(person, f"{site.cms}{entry.get_by_role('link').get_attribute('href')}")
    expect(field(person, "title")).to_have_value("Written by three")


def decide(person, action, *, comment=""):
    choose(person, action)
    if comment:
        person.locator(".modal textarea[name=comment]").fill(comment)
        person.locator(".modal").get_by_role("button", name=action).click()
    expect(person.locator(".messages .success")).to_be_visible()


def test_article_is_sent_back_mended_approved_and_only_then_read(site, new_page):
    site.shell(MAKE_PEOPLE)
    writer, checker, editor = (sign_in(new_page(), site.cms, role) for role in ("writer", "fact_checker", "editor"))
    index = address_of(site, "/articles/").split("/")[-3]
    open_editor(writer, f"{site.cms}/admin/pages/add/content/articlepage/{index}/")
    type_and_see_saved(writer, "title", "Written by three")
    expect(writer).to_have_url(re.compile(r"/admin/pages/\d+/edit/"))
    type_and_see_saved(writer, "dek", "It takes five.")
    type_and_see_saved(writer, f"{add_block(writer, 'Heading')}-text", "What each of them does")
    decide(writer, "Submit to Review")
    assert site.get(PATH)[0] == 404

    open_from_home(checker, site)
    decide(checker, "Request changes", comment="We are three, not five.")
    assert site.get(PATH)[0] == 404

    open_from_home(writer, site)
    expect(writer.locator("body")).to_contain_text("We are three, not five.")
    type_and_see_saved(writer, "dek", "It takes three.")
    decide(writer, "Resubmit to Fact check")
    assert site.get(PATH)[0] == 404

    open_from_home(checker, site)
    expect(field(checker, "dek")).to_have_value("It takes three.")
    decide(checker, "Approve")
    assert site.get(PATH)[0] == 404

    open_from_home(editor, site)
    decide(editor, "Approve and Publish")
    reader = new_page(java_script=False)
    reader.goto(f"{site.frontend}{PATH}")
    expect(heading_of(reader)).to_have_text("Written by three")
    expect(reader.locator("main .dek")).to_have_text("It takes three.")
    expect(reader.locator(".prose h2")).to_have_text("What each of them does")
