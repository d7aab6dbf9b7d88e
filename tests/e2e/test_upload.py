"""A file of facts that takes several requests is saved to its end by itself, step by step."""

import pytest
from playwright.sync_api import expect

LINES = 230
DELETE = """
from content.changes import changes
from content.models.fact import Fact
with changes():
    for fact in Fact.objects.filter(qualifier__startswith="upload "):
        fact.delete()
"""
LEFT = """
from content.models.fact import Fact
print(Fact.objects.filter(qualifier__startswith="upload ").count())
"""


@pytest.fixture
def file(site):
    lines = [f"rq,licence,yes,Licence {number},upload {number}" for number in range(LINES)]
    yield "\n".join(["tool,attribute,state,value,qualifier", *lines]).encode()
    # Other tests look at the first page of the list of facts.
    site.shell(DELETE)


def test_a_long_file_is_saved_to_its_end_without_a_click(site, admin, file):
    done = []
    admin.on(
        "response",
        lambda response: (
            done.append(response.status)
            if response.request.method == "POST" and response.url.endswith("/facts/upload/")
            else None
        ),
    )
    admin.goto(f"{site.cms}/admin/facts/upload/")
    admin.get_by_label("File").set_input_files({"name": "facts.csv", "mimeType": "text/csv", "buffer": file})
    admin.get_by_role("button", name="Show what would change").click()
    expect(admin.get_by_role("main")).to_contain_text(f"{LINES} new")
    admin.get_by_role("button", name="Save these drafts").click()
    expect(admin.get_by_text("The file’s facts are saved.")).to_be_visible(timeout=120_000)
    assert done == [200, 200, 200, 302]
    assert site.shell(LEFT).split()[-1] == str(LINES)
