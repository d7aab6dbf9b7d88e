"""An article goes through three hands before readers see it."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import sign_in
from tests.e2e.editor import add_block, address_of, choose, field, heading_of, wait_until_saved

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
    entry.get_by_role("link").click()
    expect(field(person, "title")).to_have_value("Written by three")


def decide(person, action):
    choose(person, action)
    expect(person.locator(".messages .success")).to_be_visible()


def test_article_goes_through_writer_fact_checker_and_editor(site, new_page):
    site.shell(MAKE_PEOPLE)
    writer, checker, editor = (sign_in(new_page(), site.cms, role) for role in ("writer", "fact_checker", "editor"))
    index = address_of(site, "/articles/").split("/")[-3]
    writer.goto(f"{site.cms}/admin/pages/add/content/articlepage/{index}/")
    field(writer, "title").fill("Written by three")
    field(writer, "dek").fill("It takes three.")
    field(writer, f"{add_block(writer, 'Heading')}-text").fill("What each of them does")
    writer.wait_for_url(re.compile(r"/admin/pages/\d+/edit/"))
    wait_until_saved(writer)
    choose(writer, "Submit to Review")
    expect(writer.locator(".messages .success")).to_contain_text("submitted for moderation")
    assert site.get(PATH)[0] == 404

    open_from_home(checker, site)
    field(checker, "dek").fill("It takes three, and we counted.")
    decide(checker, "Approve")
    assert site.get(PATH)[0] == 404

    open_from_home(editor, site)
    decide(editor, "Approve and Publish")
    reader = new_page(java_script=False)
    reader.goto(f"{site.frontend}{PATH}")
    expect(heading_of(reader)).to_have_text("Written by three")
    expect(reader.locator("main .dek")).to_have_text("It takes three, and we counted.")
    expect(reader.locator(".prose h2")).to_have_text("What each of them does")
