"""A folder of Markdown arrives: as drafts in the admin, for readers once it is published, and never twice."""

import time

import pytest
from playwright.sync_api import expect

NUMBER = 20
ARTICLE = """---
title: Lesson {number:02} in waiting
dek: What a queue does while nobody looks.
authors: [mara-lindqvist]
topics: [background-jobs]
---

Lesson {number:02} begins with a job that nobody waits for.

## What happens at night

- It fails once.
- It is tried again.

```python worker.py
retry(times={number})
```
"""


DELETE = """
from content.changes import changes
from content.models.article import ArticlePage
with changes():
    for page in ArticlePage.objects.filter(slug__startswith="lesson-"):
        page.delete()
"""


@pytest.fixture
def folder(site, tmp_path):
    for number in range(1, NUMBER + 1):
        (tmp_path / f"lesson-{number:02}.md").write_text(ARTICLE.format(number=number))
    yield str(tmp_path)
    # They would fill the first page of every list that other tests look at.
    site.shell(DELETE)


def test_twenty_markdown_files_become_drafts_then_pages_and_are_never_taken_in_twice(site, admin, folder):
    def listed():
        admin.goto(f"{site.cms}/admin/articles/?q=waiting")
        return admin.get_by_role("row").filter(has_text="in waiting")

    def take_in(*options):
        return site.manage("import_content", folder, "--at", "pages/articles", *options)

    assert take_in() == f"articles: {NUMBER} new\n"
    deadline = time.monotonic() + 60  # jobs write the index of the admin's search
    while listed().count() < NUMBER:
        assert time.monotonic() < deadline
    expect(listed()).to_have_count(NUMBER)
    expect(listed().first).to_contain_text("draft", ignore_case=True)
    assert site.get("/articles/lesson-07/")[0] == 404

    assert take_in() == f"articles: {NUMBER} unchanged\n"
    expect(listed()).to_have_count(NUMBER)

    assert take_in("--publish") == f"articles: {NUMBER} published as it is\n"
    expect(listed()).to_have_count(NUMBER)
    expect(listed().first).to_contain_text("live", ignore_case=True)
    admin.goto(f"{site.frontend}/articles/lesson-07/")
    expect(admin.locator("main h1")).to_have_text("Lesson 07 in waiting")
    expect(admin.locator("main")).to_contain_text("retry(times=7)")

    assert take_in("--publish") == f"articles: {NUMBER} unchanged\n"
