"""Content taken in from files: drafts unless asked, all or nothing, and nothing twice."""

import os

import pytest
from django.core.management import CommandError
from PIL import ExifTags, Image
from wagtail.models import Page, Revision

from content.changes import changes
from content.models.article import ArticlePage
from content.models.comparison import ComparisonPage
from content.models.fact import Attribute, Fact, Verification
from content.models.images import CustomImage
from content.models.tool import ToolPage
from content.models.topic import Topic
from tests.content.interchange import clean_storage, put, stored, take_in, write  # noqa: F401
from tests.factories import ArticlePageFactory, AttributeFactory, ToolPageFactory, TopicFactory, tree

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_storage")]


@pytest.fixture(autouse=True)
def site():
    return tree()


def article(title="One", *, body="Words.", **values):
    front = "".join(f"{name}: {value}\n" for name, value in {"title": title, "dek": "In short.", **values}.items())
    return f"---\n{front}---\n\n{body}\n"


def refused(path, *options):
    """The lines of an import that fails; nothing may have come of it."""
    before = (Page.objects.count(), Topic.objects.count(), Revision.objects.count(), stored())
    with pytest.raises(CommandError) as error:
        take_in(path, *options)
    assert (Page.objects.count(), Topic.objects.count(), Revision.objects.count(), stored()) == before
    return [line for line in str(error.value).splitlines() if not line.startswith("Imported")]


def picture(path, color="red"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), color).save(path)


def test_twenty_files_become_drafts_and_the_second_time_nothing(tmp_path):
    TopicFactory(name="Web", slug="web")
    for number in range(20):
        body = f"A *first* paragraph.\nwith _two_ lines\n\n* a list\n\n## Part {number}\n\n```py\nprint({number})\n```"
        write(tmp_path, **{f"pages__articles__a{number}": article(f"Article {number}", topics="[web]", body=body)})

    assert take_in(tmp_path) == "articles: 20 new\n"
    assert list(ArticlePage.objects.values_list("live", flat=True)) == [False] * 20
    revisions = Revision.objects.count()
    page = ArticlePage.objects.get(slug="a7").get_latest_revision_as_object()
    assert [block.block_type for block in page.body] == ["rich_text", "heading", "code"]
    assert page.body[2].value["language"] == "python"
    assert [row.topic.slug for row in page.article_topics.all()] == ["web"]

    assert take_in(tmp_path) == "articles: 20 unchanged\n"
    assert Revision.objects.count() == revisions
    assert take_in(tmp_path, "--publish") == "articles: 20 published as it is\n"
    assert ArticlePage.objects.live().count() == 20
    assert take_in(tmp_path, "--publish") == "articles: 20 unchanged\n"
    assert Revision.objects.count() == revisions


def test_a_changed_file_changes_only_what_it_says(tmp_path):
    page = ArticlePageFactory(
        title="Old",
        slug="one",
        question="Why?",
        noindex=True,
        body=[("heading", {"text": "Kept", "level": "2"}), ("heading", {"text": "Old", "level": "2"})],
    )
    ids = [block.id for block in page.body]
    write(tmp_path, pages__articles__one=article("New", body="## Kept\n\n## New"))

    assert take_in(tmp_path) == "articles: 1 changed\n"

    page.refresh_from_db()
    assert (page.title, page.live, page.has_unpublished_changes) == ("Old", True, True)
    draft = page.get_latest_revision_as_object()
    assert (draft.title, draft.question, draft.noindex) == ("New", "Why?", True)
    assert [(block.id, block.value["text"]) for block in draft.body] == [(ids[0], "Kept"), (ids[1], "New")]
    assert take_in(tmp_path, "--dry-run").startswith("articles: 1 unchanged\n")
    assert take_in(tmp_path) == "articles: 1 unchanged\n"


def test_two_objects_may_refer_to_each_other(tmp_path):
    for slug, other in (("a", "b"), ("b", "a")):
        text = f"---\ntitle: {slug}\ntagline: Does.\nalternatives:\n- tool: /tools/{other}/\n  why: Because.\n---\n"
        write(tmp_path, **{f"pages__tools__{slug}": text + f"\nSee [it](/tools/{other}/).\n"})
    assert take_in(tmp_path, "--publish") == "tools: 2 new\n"
    a, b = ToolPage.objects.get(slug="a"), ToolPage.objects.get(slug="b")
    assert (a.alternatives.get().tool, b.alternatives.get().tool) == (b, a)
    assert f'<a linktype="page" id="{b.pk}">it</a>' in a.body[0].value["content"].source


def test_facts_attributes_and_sources_arrive_with_their_tool(tmp_path):
    write(tmp_path, pages__tools__django="---\ntitle: Django\ntagline: Does.\n---\n")
    write(tmp_path, attributes__oldest="---\nlabel: Oldest\ndata_type: version\n---\n")
    put(tmp_path, "sources.yaml", "- title: PyPI\n  url: https://pypi.org/\n")
    fact = "- tool: /tools/django\n  attribute: oldest\n  state: yes\n  value: 3.10\n"
    put(tmp_path, "facts/django.yaml", f"{fact}  sources: ['https://pypi.org/']\n  verified_on: 2026-01-31\n")

    take_in(tmp_path, "--publish")

    found = Fact.objects.get()
    assert (found.state, found.value, found.verified_on.isoformat()) == ("yes", "3.10", "2026-01-31")
    assert Verification.objects.get().source.title == "PyPI"
    take_in(tmp_path, "--publish")
    assert Verification.objects.count() == 1


def test_what_has_no_drafts_waits_for_publish(tmp_path):
    AttributeFactory(key="oldest", label="Oldest")
    write(tmp_path, attributes__oldest="---\nlabel: Newest\n---\n")
    assert take_in(tmp_path).startswith("attributes: 1 waiting for --publish\n")
    assert Attribute.objects.get().label == "Oldest"
    assert take_in(tmp_path, "--publish") == "attributes: 1 changed\n"
    assert Attribute.objects.get().label == "Newest"


def test_dry_run_shows_the_difference_and_changes_nothing(tmp_path):
    ArticlePageFactory(title="Old", slug="one", dek="In short.", body=[("rich_text", {"content": "<p>Words.</p>"})])
    write(tmp_path, pages__articles__one=article("New"), topics__web="---\nname: Web\n---\n")
    before = (Page.objects.count(), Topic.objects.count(), Revision.objects.count())

    output = take_in(tmp_path, "--dry-run")

    assert (
        "--- /dev/null\n+++ b/topics/web.md\n@@ -0,0 +1,3 @@\n+---\n+name: Web\n+---\n"
        "--- a/pages/articles/one.md\n+++ b/pages/articles/one.md\n@@ -1,5 +1,5 @@\n ---\n-title: Old\n+title: New\n"
        " dek: In short.\n"
    ) in output
    assert output.endswith("articles: 1 changed\ntopics: 1 new\nThis was a dry run: nothing was changed.\n")
    assert (Page.objects.count(), Topic.objects.count(), Revision.objects.count()) == before


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b"---\ntitle: \xff\n---\n", 2, "Not readable as UTF-8."),
        ("Words.\n", 1, "The file begins with front matter"),
        (article(dekk="x"), 4, "No field is called “dekk”. Did you mean “dek”?"),
        (article(title2="&a x"), 4, "have a meaning in YAML: put it in quotes."),
        ("---\ntitle: a\ntitle: b\n---\n", 3, "“title” stands here twice."),
        ("---\ntitle: [\n---\n", 3, "Not readable as YAML"),
        (article(topics="[" * 100 + "]" * 100), 4, "Nested too deeply."),
        (article(topics="[wep]"), 4, "There is no topic “wep”. Did you mean “web”?"),
        (article(tools="[/articles/]"), 4, "“/articles/” is no tool."),
        (article(hero="no.png"), 4, "There is no image “no.png”."),
        (article(noindex="maybe"), 4, "Expected “true” or “false”, found “maybe”."),
        (article(type="artikel"), 4, "No type of page is called “artikel”. Did you mean “article”?"),
        (article(type="tool"), 1, "No page of the type “tool” can be made below “/articles/”."),
        (article(body="# Title"), 6, "Headings begin with “##”"),
        (article(body="Words.\n\n```cobol\nx\n```"), 8, "Select a valid choice."),
        (
            article(body="```yaml block: calout\ntone: tip\n```"),
            6,
            "No block is called “calout”. Did you mean “callout”?",
        ),
        (article(body="```yaml block: callout\ntone: loud\ncontent: x\n```"), 7, "Select a valid choice."),
        (article(body="```yaml block: tool_card\ntool: /tools/none/\n```"), 7, "There is no tool “/tools/none/”."),
        (article(body="[x](/articles/none/)"), 6, "There is no page “/articles/none/”."),
        (article(body="![x](../../../../etc/passwd.png)"), 6, "lies outside the folder."),
        (article(body="![x](images/none.png)"), 6, "There is no image “pages/articles/images/none.png”."),
        (article(search_description="x", social_image=""), None, ""),
    ],
)
def test_an_error_names_file_and_line_and_nothing_is_imported(tmp_path, text, line, message):
    TopicFactory(name="Web", slug="web")
    write(tmp_path, topics__fine="---\nname: Fine\n---\n")
    put(tmp_path, "pages/articles/one.md", text)
    if line is None:
        take_in(tmp_path)
        return
    first, *_, last = refused(tmp_path)
    assert first.startswith(f"pages/articles/one.md:{line}: ")
    assert message in first
    assert last.endswith("nothing was imported.")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pages/articles/one.md", "---\ndek: In short.\n---\n\nWords.\n", "“title” is missing."),
        ("pages/none/one.md", article(), "Say which type of page this is, as in “type: article”."),
        ("pages/none/one.md", article(type="article"), "There is no page “/none/” for this one to lie below."),
        ("pages/articles.md", article(type="article"), "“/articles/” is there already"),
        ("topics.de/web.md", "---\nname: Netz\n---\n", "The language “de” is not set up."),
        (
            "pages@none.example/index.md",
            "---\ntitle: Home\ntype: home-page\n---\n",
            "The site “none.example” is not set up.",
        ),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path, name, text, message):
    put(tmp_path, name, text)
    first, last = refused(tmp_path)
    assert first.startswith(f"{name}:1: {message}")
    assert last == "1 error; nothing was imported."


def test_all_errors_are_told_at_once(tmp_path):
    write(tmp_path, pages__articles__a=article(dekk="x"), pages__articles__b=article(topics="[none]"))
    lines = refused(tmp_path)
    assert [line.split(": ")[0] for line in lines] == [
        "pages/articles/a.md:4",
        "pages/articles/b.md:4",
        "2 errors; nothing was imported.",
    ]


def test_links_are_not_followed(tmp_path):
    secret = put(tmp_path, "elsewhere/secret.md", article())
    folder = tmp_path / "in"
    write(folder, pages__articles__one=article())
    os.symlink(secret, folder / "pages/articles/two.md")
    assert refused(folder)[0].startswith("pages/articles/two.md:1: Links are not followed")


def test_one_object_in_two_files_is_refused(tmp_path):
    write(tmp_path, pages__articles__one=article(), pages__articles__two=article(slug="one"))
    assert (
        refused(tmp_path)[0] == "pages/articles/two.md:1: “/articles/one/” stands in pages/articles/one.md:1 already."
    )


def test_the_rules_of_the_editing_form_hold_when_it_is_published(tmp_path):
    ToolPageFactory(title="A", slug="a")
    AttributeFactory(key="typed", label="Typed")
    text = "---\ntitle: Both\nintro: Which?\ntools:\n- /tools/a/\n- /tools/a/\n---\n"
    write(tmp_path, pages__comparisons__both=text)
    put(tmp_path, "facts/a.yaml", "- tool: /tools/a/\n  attribute: typed\n  state: yes\n")
    assert refused(tmp_path, "--publish")[:2] == [
        "facts/a.yaml:1: sources: Add a source, or choose the state “Unknown”.",
        "pages/comparisons/both.md:6: tools: This tool has a column already.",
    ]
    write(tmp_path, pages__comparisons__both="---\ntitle: Both\nintro: Which?\n---\n")
    take_in(tmp_path)
    assert not ComparisonPage.objects.get().live


def test_what_people_work_on_is_theirs(tmp_path, admin_user):
    page = ArticlePageFactory(title="Old", slug="one")
    page.title = "Draft of a person"
    page.save_revision(user=admin_user)
    write(tmp_path, pages__articles__one=article("New"))

    assert "saved a draft of “Old” on" in refused(tmp_path)[0]
    assert take_in(tmp_path, "--force") == "articles: 1 changed\n"
    titles = [revision.content["title"] for revision in page.revisions.order_by("pk")]
    assert titles == ["Old", "Draft of a person", "New"]

    with changes():
        ArticlePage.objects.filter(pk=page.pk).update(locked=True)
    write(tmp_path, pages__articles__one=article("Newer"))
    assert "is locked. Unlock it first" in refused(tmp_path, "--force")[0]


def test_a_picture_beside_its_text_is_taken_in_once(tmp_path):
    picture(tmp_path / "pages/articles/queue.png")
    text = article(body='![Jobs wait in a row](queue.png "The queue")')
    write(tmp_path, pages__articles__one=text, pages__articles__two=text)

    take_in(tmp_path)

    image = CustomImage.objects.get()
    assert (image.title, image.alt, image.width) == ("queue", "Jobs wait in a row", 8)
    block = ArticlePage.objects.get(slug="two").get_latest_revision_as_object().body[0]
    assert (block.value["image"], block.value["caption"]) == (image, "The queue")
    assert take_in(tmp_path) == "articles: 2 unchanged\n"
    assert CustomImage.objects.count() == 1


def test_a_photograph_is_known_again_though_its_metadata_were_not_kept(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Telephone of Ada"
    (tmp_path / "images").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "images/queue.jpg", exif=exif)
    put(tmp_path, "images/queue.jpg.md", "---\ntitle: Queue\nalt: A queue\n---\n")
    take_in(tmp_path)
    assert b"Telephone" not in CustomImage.objects.get().file.read()
    assert take_in(tmp_path) == "images: 1 unchanged\n"


def test_an_import_that_fails_leaves_no_picture_behind(tmp_path):
    picture(tmp_path / "images/queue.png")
    write(tmp_path, pages__articles__one=article(dekk="x"))
    put(tmp_path, "images/queue.png.md", "---\ntitle: Queue\nalt: A queue\n---\n")
    refused(tmp_path)
    assert not CustomImage.objects.exists()


def test_what_only_looks_like_a_picture_is_refused(tmp_path):
    put(tmp_path, "images/page.png", b"<html><script>alert(1)</script>")
    put(tmp_path, "images/page.png.md", "---\ntitle: Page\nalt: A page\n---\n")
    assert refused(tmp_path)[0].startswith("images/page.png.md:1: page.png: ")


def test_html_is_cleaned_to_what_the_field_allows(tmp_path):
    body = (
        "Some <b>bold</b> <sub>low</sub> <script>alert(1)</script> [x](javascript:alert(1)).\n\n<iframe src=x></iframe>"
    )
    write(tmp_path, pages__articles__one=article(body=body))
    take_in(tmp_path)
    source = ArticlePage.objects.get().body[0].value["content"].source
    assert "<b>bold</b> low" in source
    assert not [
        word for word in ("<script", "<sub", "<iframe", "alert(1)</script", 'href="javascript') if word in source
    ]


def test_a_flat_folder_is_taken_in_at_its_place(tmp_path):
    write(tmp_path, one=article())
    assert "“one” is no folder of content." in refused(tmp_path)[0]
    assert take_in(tmp_path, "--at", "pages/articles") == "articles: 1 new\n"
    assert ArticlePage.objects.get().slug == "one"


def test_json_is_read_as_markdown_is(tmp_path):
    body = '[{"heading": {"text": "Part"}}, {"rich_text": {"content": "Some *words*."}}]'
    put(tmp_path, "pages/articles/one.json", f'{{"title": "One",\n "dek": "In short.",\n "body": {body}}}')
    take_in(tmp_path)
    assert [block.block_type for block in ArticlePage.objects.get().body] == ["heading", "rich_text"]
    put(tmp_path, "pages/articles/one.json", '{"title": "One",\n "dekk": 1}')
    assert refused(tmp_path)[0].startswith("pages/articles/one.json:2: No field is called “dekk”.")
