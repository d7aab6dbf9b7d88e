"""An article is written with many kinds of blocks, and a fact stands in a sentence of it."""

from playwright.sync_api import expect

from tests.e2e.editor import add_block, address_of, edit, field, publish, wait_until_saved

PATH = "/articles/do-web-developers-use-python/"
TYPED = {
    "Lead": {"text": "Begin here."},
    "Heading": {"text": "What was typed", "anchor": "typed"},
    "Quote": {"text": "Simple is better than complex.", "attribution": "Tim Peters"},
    "Steps": {"steps-0-value-title": "First do this", "steps-0-value-url": "https://example.org/first"},
    "Checklist": {"points-0-value": "Did it"},
    "Pros and cons": {"pros-0-value": "It is short", "cons-0-value": "It is slow"},
    "Code": {"file_name": "typed.py", "code": "a = 1\nb = 2\n", "highlighted_lines": "2"},
    "Terminal": {"commands-0-value-command": "make up", "commands-0-value-output": "ready"},
    "Stack table": {
        "stacks-0-value-stack": "Flask and SQLite",
        "stacks-0-value-excels_at": "Small things",
        "stacks-0-value-typical_fit": "One person",
    },
    "Resources": {"resources-0-value-title": "Read on", "resources-0-value-url": "https://example.org/more"},
    "Call to action": {"text": "Do it now.", "label": "Begin", "url": "https://example.org/begin"},
}


def put_fact_into_text(page, search):
    """At the end of the first text."""
    page.locator("[data-draftail-editor-wrapper] [contenteditable=true]").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" So it is: /fact", delay=30)
    expect(page.get_by_role("option", name="Fact of a tool")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator(".modal input[name=q]").fill(search)
    expect(page.locator(".modal .listing tbody tr")).to_have_count(1)
    wait_until_saved(page)
    page.locator(".modal .listing tbody a").first.click()
    expect(page.locator(".modal-body")).to_have_count(0)


def test_an_article_is_written_with_many_blocks(site, admin, new_page):
    preview = edit(admin, address_of(site, PATH))
    for label, values in TYPED.items():
        begin = add_block(admin, label)
        for name, text in values.items():
            field(admin, f"{begin}-{name}").fill(text)
    put_fact_into_text(admin, "flask licence")
    expect(preview.locator("data").first).to_have_text("BSD-3-Clause")
    publish(admin)

    reader = new_page(java_script=False)
    reader.goto(f"{site.frontend}{PATH}")
    prose = reader.locator(".prose")
    expect(prose.locator("data").first).to_have_text("BSD-3-Clause")
    expect(prose.locator(".lead")).to_have_text("Begin here.")
    expect(prose.locator("h2#typed")).to_have_text("What was typed")
    expect(prose.locator(".quote")).to_contain_text("Tim Peters")
    expect(prose.locator(".steps a")).to_have_attribute("href", "https://example.org/first")
    expect(prose.locator(".code mark").last).to_have_text("b = 2")
    expect(prose.locator(".session")).to_have_text("make up ready", use_inner_text=True)
    expect(prose.get_by_role("rowheader", name="Flask and SQLite")).to_be_visible()
    expect(prose.get_by_role("link", name="Begin")).to_have_attribute("href", "https://example.org/begin")
    for text in ("Did it", "It is short", "It is slow", "Read on"):
        expect(prose.get_by_text(text, exact=True)).to_be_visible()
