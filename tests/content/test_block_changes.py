"""What was written survives the renaming and removing of blocks: in rows, drafts, scheduled revisions and history."""

import copy
import json
from datetime import timedelta

import pytest
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from wagtail.models import Revision

from content import block_changes
from content.block_changes import Alter, Remove, Rename, apply, change_blocks
from content.changes import changes
from content.models.article import ArticlePage
from content.models.comparison import ComparisonPage
from content.models.home import HomePage
from content.models.tool import ToolPage
from tests import factories


def stream():
    """A body as it is stored, with every way in which blocks lie inside each other."""
    step = {"title": "One", "content": "<p>First</p>"}
    return [
        {"type": "heading", "value": {"text": "Title", "level": "2"}, "id": "a"},
        {"type": "steps", "value": {"heading": "H", "steps": [{"type": "item", "value": step, "id": "b"}]}, "id": "c"},
        {"type": "old_list", "value": [{"title": "Two"}, {"title": "Three"}], "id": "d"},
        {"type": "nested", "value": [{"type": "box", "value": {"title": "Four"}, "id": "f"}], "id": "e"},
        {"type": "empty", "value": None, "id": "g"},
    ]


@pytest.mark.parametrize(
    ("change", "place", "before", "after"),
    [
        (Rename("heading", "title"), (0,), "heading", "title"),
        (Rename("heading.text", "words"), (0, "value"), "text", "words"),
        (Rename("steps.steps", "list"), (1, "value"), "steps", "list"),
        (Rename("steps.steps.title", "name"), (1, "value", "steps", 0, "value"), "title", "name"),
        (Rename("old_list.title", "name"), (2, "value", 0), "title", "name"),
        (Rename("old_list.title", "name"), (2, "value", 1), "title", "name"),
        (Rename("nested.box", "card"), (3, "value", 0), "box", "card"),
        (Rename("nested.box.title", "name"), (3, "value", 0, "value"), "title", "name"),
    ],
)
def test_renaming_changes_the_name_at_its_path_and_nothing_else(change, place, before, after):
    rows = stream()
    assert apply(change, rows)
    assert not apply(change, rows), "twice is once"
    holder = rows
    for step in place:
        holder = holder[step]
    if "type" in holder:
        assert holder.pop("type") == after
        holder["type"] = before
    else:
        holder[before] = holder.pop(after)
    if place[:2] == (2, "value"):
        other = rows[2]["value"][1 - place[2]]
        other["title"] = other.pop("name")
    assert rows == stream()


def test_removing_takes_away_what_is_at_its_path_and_nothing_else():
    rows, expected = stream(), stream()
    assert apply(Remove("steps.steps.content"), rows)
    assert apply(Remove("nested.box"), rows)
    assert apply(Remove("heading"), rows)
    del expected[1]["value"]["steps"][0]["value"]["content"]
    expected[3]["value"] = []
    assert rows == expected[1:]
    assert not any(apply(Remove(path), rows) for path in ("steps.steps.content", "nested.box", "heading"))


def test_altering_replaces_values():
    rows = stream()
    upper = Alter("steps.steps.title", str.upper)
    assert apply(upper, rows)
    assert rows[1]["value"]["steps"][0]["value"]["title"] == "ONE"
    assert not apply(upper, rows)
    assert apply(Alter("heading", lambda value: {**value, "level": "3"}), rows)
    assert rows[0] == {"type": "heading", "value": {"text": "Title", "level": "3"}, "id": "a"}


@pytest.mark.parametrize(
    "path", ["heading.text.more", "empty.anything", "missing", "missing.too", "steps.steps.missing"]
)
def test_a_path_that_leads_nowhere_changes_nothing(path):
    rows = stream()
    assert not any(apply(change, rows) for change in (Rename(path, "x"), Remove(path)))
    assert rows == stream()


BODY = [
    ("heading", {"text": "Kept", "level": "2"}),
    ("tool_card", {"tool": None, "note": "Renamed"}),
    ("code", {"language": "text", "code": "Removed"}),
    ("steps", {"heading": "", "steps": [{"type": "item", "id": "i", "value": {"title": "Nested", "content": ""}}]}),
]
CHANGES = [
    Rename("tool_card", "card"),
    Rename("steps.steps.title", "name"),
    Remove("code"),
    Alter("heading.text", lambda text: text.replace("Kept", "Altered")),
]


def body(text):
    rows = copy.deepcopy(BODY)
    rows[0][1]["text"] += text
    return ArticlePage._meta.get_field("body").to_python(
        json.dumps([{"type": name, "value": value, "id": f"id-{name}"} for name, value in rows])
    )


def shown(raw):
    """Names and ids of the blocks, and of each what the changes speak of."""
    found = []
    for child in json.loads(raw) if isinstance(raw, str) else raw:
        value = child["value"]
        value = value["steps"][0]["value"] if child["type"] == "steps" else value
        found.append((child["type"], child["id"], {name: value[name] for name in SPOKEN_OF & value.keys()}))
    return found


SPOKEN_OF = {"text", "note", "code", "title", "name"}


def renamed(text):
    return [
        ("heading", "id-heading", {"text": f"Altered{text}"}),
        ("card", "id-tool_card", {"note": "Renamed"}),
        ("steps", "id-steps", {"name": "Nested"}),
    ]


def stored(page):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM content_articlepage WHERE page_ptr_id = %s", [page.pk])
        value = cursor.fetchone()[0]
    return json.loads(value) if isinstance(value, str) else value


def migrate(*wanted):
    """Run the changes in a migration, as `manage.py migrate` would: with historical models and a schema editor."""
    loader = MigrationLoader(connection)
    before = loader.project_state()

    def forwards(apps, schema_editor):
        change_blocks(apps, schema_editor, *wanted)

    class Migration(migrations.Migration):
        atomic = False
        operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)]

    with connection.schema_editor(atomic=False) as schema_editor:
        Migration("9999_change_blocks", "content").apply(before, schema_editor)


@pytest.fixture
def pages():
    """A published page with an older version and a newer draft, a page that never was published, one that is scheduled."""
    live = factories.ArticlePageFactory(title="Live", body=body(" old"))
    with changes():
        live.body = body(" live")
        live.save_revision().publish()
        live.body = body(" draft")
        live.save_revision()
    draft = factories.ArticlePageFactory(title="Draft", body=body(" never"), live=False)
    draft.save_revision()
    scheduled = factories.ArticlePageFactory(title="Scheduled", body=body(" later"), live=False)
    scheduled.go_live_at = timezone.now() + timedelta(days=1)
    with changes():
        scheduled.save_revision().publish()
    return live, draft, scheduled


def without_bodies():
    rows = [
        {name: value for name, value in each.items() if name != "body"}
        for each in ArticlePage.objects.order_by("pk").values()
    ]
    revisions = []
    for each in Revision.objects.order_by("pk").values():
        each["content"] = {name: value for name, value in each["content"].items() if name != "body"}
        revisions.append(each)
    return rows, revisions


def everything_stored():
    return [stored(page) for page in ArticlePage.objects.order_by("pk")], [
        each.content["body"] for each in Revision.objects.order_by("pk") if "body" in each.content
    ]


@pytest.mark.django_db(transaction=True)
def test_rows_and_every_revision_follow_a_migration_and_nothing_else_changes(pages, monkeypatch):
    monkeypatch.setattr(block_changes, "BATCH", 2)
    live, draft, scheduled = pages
    before = without_bodies()
    migrate(*CHANGES)
    rows, revisions = everything_stored()
    assert [shown(each) for each in rows] == [renamed(text) for text in (" live", " never", " later")]
    articles = [each for each in revisions if "Altered" in str(each)]
    texts = [" old", " live", " draft", " never", " later"]
    assert [shown(each) for each in articles] == [renamed(text) for text in texts]
    assert all(isinstance(each, str) for each in revisions), "streams stay texts inside revisions"
    assert without_bodies() == before
    once = everything_stored()
    migrate(*CHANGES)
    assert everything_stored() == once


@pytest.mark.django_db(transaction=True)
def test_every_page_type_with_a_body_is_changed(pages):
    others = [
        factories.ToolPageFactory(body=body(" tool")),
        factories.ComparisonPageFactory(body=body(" comparison")),
    ]
    with changes():
        home = factories.tree().home
        home.body = body(" home")
        home.save_revision().publish()
    migrate(*CHANGES)
    historic = MigrationLoader(connection).project_state().apps
    for page, text in [*zip(others, [" tool", " comparison"], strict=True), (home, " home")]:
        row = historic.get_model("content", type(page).__name__).objects.get(pk=page.pk)
        assert shown(row.body) == renamed(text)
        assert shown(Revision.objects.for_instance(page).latest("pk").content["body"]) == renamed(text)
    assert {type(page) for page in [*others, home]} == {ToolPage, ComparisonPage, HomePage}


@pytest.mark.django_db
def test_models_of_today_are_refused():
    from django.apps import apps

    with pytest.raises(TypeError, match="apps"):
        change_blocks(apps, connection.schema_editor(), Remove("code"))
