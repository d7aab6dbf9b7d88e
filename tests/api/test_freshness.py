"""What is published follows every change in the admin, in the same transaction, and nothing else moves it."""

import time

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page

from api.documents.models import Document, Event, Generation
from api.documents.publishing import is_outdated
from content.changes import changes
from content.models.pending import PendingChange
from tests import factories, processes
from tests.admin import page_address, page_form, snippet_address, snippet_form

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = "query ($path: String!) { page(path: $path) { title } }"


def store():
    """Everything that would show a change: rows, generation, events."""
    generation = Generation.objects.get()
    return Document.objects.count(), generation.value, Event.objects.count()


def assert_nothing_drifts(capsys):
    call_command("verify_documents")
    assert "drift" not in capsys.readouterr().out
    assert not PendingChange.objects.exists()


@pytest.fixture
def tool():
    return factories.ToolPageFactory(title="Django", slug="django")


def test_publishing_a_page_publishes_its_document(admin_client, graphql, tool, capsys):
    rows, generation, events = store()
    form = page_form(admin_client, tool, title="Django, the framework")
    response = admin_client.post(page_address(tool), {**form, "action-publish": "action-publish"})
    assert response.status_code == 302
    assert graphql(TITLE, {"path": "/tools/django/"})["data"] == {"page": {"title": "Django, the framework"}}
    assert store() == (rows + 1, generation + 1, events + 1)
    assert Event.objects.get(generation=generation + 1).keys == [f"page:{tool.pk}"]
    old, new = Document.objects.filter(key=f"page:{tool.pk}").order_by("valid_from")
    assert old.valid_to == new.valid_from
    assert new.valid_to is None
    assert_nothing_drifts(capsys)


def test_a_page_is_not_published_when_its_document_cannot_be(admin_client, tool, monkeypatch):
    def broken(keys):
        raise RuntimeError("no document today")

    monkeypatch.setattr("api.documents.publishing.build", broken)
    before = store()
    form = page_form(admin_client, tool, title="Half way")
    admin_client.raise_request_exception = False
    assert admin_client.post(page_address(tool), {**form, "action-publish": "action-publish"}).status_code == 500
    assert Page.objects.get(pk=tool.pk).title == "Django"
    assert store() == before


def test_saving_a_draft_changes_nothing(admin_client, graphql, tool, capsys):
    before = store()
    assert admin_client.post(page_address(tool), page_form(admin_client, tool, title="Not yet")).status_code == 302
    assert Page.objects.get(pk=tool.pk).draft_title == "Not yet"
    assert graphql(TITLE, {"path": "/tools/django/"})["data"] == {"page": {"title": "Django"}}
    assert store() == before
    assert_nothing_drifts(capsys)


def test_fifty_autosaves_write_no_row_no_generation_and_no_event(admin_client, tool, capsys):
    before = store()
    form = page_form(admin_client, tool)
    for number in range(50):
        typed = {**form, "title": f"Typing {number}"}
        with CaptureQueriesContext(connection) as captured:
            saved = admin_client.post(page_address(tool), typed, headers={"accept": "application/json"})
        ours = [each["sql"] for each in captured if "api_" in each["sql"] or "content_pendingchange" in each["sql"]]
        # Whether a shared link follows the draft.
        assert [sql[:6] for sql in ours] == ["SELECT"], ours
        assert "api_sharelink" in ours[0]
        assert saved.status_code == 200, saved.content
        # As the editor's browser does: the first one makes a revision, the others overwrite it.
        form["overwrite_revision_id"] = saved.json()["revision_id"]
    assert Page.objects.get(pk=tool.pk).draft_title == "Typing 49"
    assert store() == before
    assert not PendingChange.objects.exists()
    assert_nothing_drifts(capsys)


def test_a_missing_required_field_publishes_nothing_and_keeps_what_was_typed(admin_client, tool):
    before = store()
    form = page_form(admin_client, tool, title="Half done", tagline="")
    response = admin_client.post(page_address(tool), {**form, "action-publish": "action-publish"})
    assert response.status_code == 200
    html = response.content.decode()
    assert "This field is required" in html
    assert 'value="Half done"' in html
    assert store() == before


def test_a_published_snippet_changes_alone(admin_client, graphql, capsys):
    person = factories.PersonFactory(name="Ada Lind", slug="ada")
    article = factories.ArticlePageFactory(slug="one", authors=[person])
    rows, generation, _ = store()
    form = snippet_form(admin_client, person, name="Ada Lindqvist")
    assert admin_client.post(snippet_address(person), form).status_code == 302
    assert store()[:2] == (rows, generation), "a draft"
    assert admin_client.post(snippet_address(person), {**form, "action-publish": "action-publish"}).status_code == 302
    answer = graphql('{ article(slug: "one") { authors { name } } }')
    assert answer["data"] == {"article": {"authors": [{"name": "Ada Lindqvist"}]}}
    assert Event.objects.latest("generation").keys == [f"person:{person.pk}"], f"not page:{article.pk}"
    assert_nothing_drifts(capsys)


def test_a_changed_alternative_text_of_an_image_is_published(admin_client, graphql, capsys):
    image = factories.CustomImageFactory(alt="A terminal")
    factories.ArticlePageFactory(slug="one", hero=image)
    address = reverse("wagtailimages:edit", args=[image.pk])
    form = {"title": image.title, "alt": "A terminal, all green", "collection": image.collection_id, "tags": ""}
    assert admin_client.post(address, form).status_code == 302
    answer = graphql('{ article(slug: "one") { hero { alt } } }')
    assert answer["data"] == {"article": {"hero": {"alt": "A terminal, all green"}}}
    assert_nothing_drifts(capsys)


def test_moving_a_page_moves_its_path_and_leaves_a_redirect(admin_client, graphql, tool, capsys):
    other = factories.tree("other.example")
    address = reverse("wagtailadmin_pages:move_confirm", args=[tool.pk, other.tools.pk])
    assert admin_client.post(address).status_code == 302
    resolve = 'query ($site: String) { resolve(path: "/tools/django/", site: $site) { __typename } }'
    assert graphql(resolve, {"site": "other.example"})["data"] == {"resolve": {"__typename": "Tool"}}
    assert graphql(TITLE, {"path": "/tools/django/"})["data"] == {"page": None}
    assert_nothing_drifts(capsys)


def test_a_section_that_moves_away_leaves_the_menu(admin_client, graphql, tool, capsys):
    section = tool.get_parent().specific
    form = page_form(admin_client, section, show_in_menus="on")
    admin_client.post(page_address(section), {**form, "action-publish": "action-publish"})
    menu = "{ site { navigation { path } } }"
    assert graphql(menu)["data"] == {"site": {"navigation": [{"path": "/tools/"}]}}
    elsewhere = factories.HomePageFactory(slug="elsewhere")
    address = reverse("wagtailadmin_pages:move_confirm", args=[section.pk, elsewhere.pk])
    assert admin_client.post(address).status_code == 302
    assert graphql(menu)["data"] == {"site": {"navigation": []}}
    assert_nothing_drifts(capsys)


def test_a_new_slug_of_a_section_moves_every_page_below_it(admin_client, graphql, tool, capsys):
    section = tool.get_parent().specific
    form = page_form(admin_client, section, slug="software")
    assert admin_client.post(page_address(section), {**form, "action-publish": "action-publish"}).status_code == 302
    assert graphql(TITLE, {"path": "/software/django/"})["data"] == {"page": {"title": "Django"}}
    resolve = '{ resolve(path: "/tools/django/") { __typename ... on Redirect { to permanent } } }'
    redirect = {"__typename": "Redirect", "to": "/software/django/", "permanent": True}
    assert graphql(resolve)["data"] == {"resolve": redirect}
    assert_nothing_drifts(capsys)


@pytest.mark.parametrize("view", ["unpublish", "delete"])
def test_what_is_taken_away_is_gone_from_lists_paths_and_references(admin_client, graphql, tool, view, capsys):
    factories.ArticlePageFactory(slug="one", tools=[tool])
    assert admin_client.post(page_address(tool, view)).status_code == 302
    ask = (
        '{ page(path: "/tools/django/") { title } tools { totalCount nodes { name } } '
        'article(slug: "one") { tools { name } } '
        'resolve(path: "/tools/django/") { __typename } changes(first: 100) { nodes { id kind } } }'
    )
    data = graphql(ask)["data"]
    assert {"id": f"page:{tool.pk}", "kind": "TOMBSTONE"} in data.pop("changes")["nodes"]
    assert data == {
        "page": None,
        "tools": {"totalCount": 0, "nodes": []},
        "article": {"tools": []},
        "resolve": {"__typename": "Gone"},
    }
    assert_nothing_drifts(capsys)


def test_a_deleted_snippet_leaves_the_pages_that_named_it(admin_client, graphql, capsys):
    topic = factories.TopicFactory()
    factories.ArticlePageFactory(slug="one", topics=[topic])
    assert admin_client.post(snippet_address(topic, "delete")).status_code == 302
    assert graphql('{ article(slug: "one") { topics { name } } }')["data"] == {"article": {"topics": []}}
    assert_nothing_drifts(capsys)


def test_a_restricted_section_is_not_there(admin_client, graphql, tool, capsys):
    section = tool.get_parent()
    address = reverse("wagtailadmin_pages:set_privacy", args=[section.pk])
    response = admin_client.post(address, {"restriction_type": "login", "password": "", "groups": []})
    assert response.status_code == 200
    ask = '{ page(path: "/tools/django/") { title } tool(slug: "django") { name } tools { totalCount } }'
    assert graphql(ask)["data"] == {"page": None, "tool": None, "tools": {"totalCount": 0}}
    admin_client.post(address, {"restriction_type": "none", "password": "", "groups": []})
    assert graphql(TITLE, {"path": "/tools/django/"})["data"] == {"page": {"title": "Django"}}
    assert_nothing_drifts(capsys)


def test_a_corrected_fact_changes_the_matrix_and_not_the_tools_draft(admin_client, graphql, tool, capsys):
    attribute = factories.AttributeFactory(label="Async", key="async")
    fact = factories.FactFactory(tool=tool, attribute=attribute, state="no", sources=[factories.SourceFactory()])
    factories.ComparisonPageFactory(slug="two", tools=[tool, factories.ToolPageFactory()], attributes=[attribute])
    admin_client.post(page_address(tool), page_form(admin_client, tool, tagline="An older draft"))
    form = snippet_form(admin_client, fact, state="yes")
    assert admin_client.post(snippet_address(fact), {**form, "action-publish": "action-publish"}).status_code == 302
    matrix = '{ comparison(slug: "two") { matrix { cells { fact { id display state } } } } }'
    known = {"id": f"fact:{fact.pk}", "display": "Yes", "state": "YES"}
    unknown = {"id": None, "display": "Unknown", "state": "UNKNOWN"}
    expected = {"comparison": {"matrix": [{"cells": [{"fact": known}, {"fact": unknown}]}]}}
    assert graphql(matrix)["data"] == expected
    draft = page_form(admin_client, tool)
    admin_client.post(page_address(tool), {**draft, "action-publish": "action-publish"})
    assert graphql(matrix)["data"] == expected, "publishing the older draft must not undo the fact"
    assert graphql('{ tool(slug: "django") { tagline } }')["data"] == {"tool": {"tagline": "An older draft"}}
    assert_nothing_drifts(capsys)


def test_a_change_outside_any_transaction_is_published_too(graphql, tool, capsys):
    tool.title = "From a shell"
    tool.save_revision().publish()
    assert graphql(TITLE, {"path": "/tools/django/"})["data"] == {"page": {"title": "From a shell"}}
    assert_nothing_drifts(capsys)


def test_a_change_that_is_rolled_back_leaves_nothing(graphql, tool, capsys):
    before = store()

    def fail_half_way():
        with changes():
            tool.title = "Never"
            tool.save_revision().publish()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert store() == before
    assert_nothing_drifts(capsys)


def test_an_update_behind_our_back_is_named(tool, capsys):
    Page.objects.filter(pk=tool.pk).update(title="Sneaked in")
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_documents")
    assert stopped.value.code == 1
    assert f"drift: page:{tool.pk}\n" in capsys.readouterr().out
    call_command("rebuild_documents")
    assert_nothing_drifts(capsys)


def test_a_rebuild_of_unchanged_content_makes_no_event(tool):
    before = store()
    call_command("rebuild_documents")
    assert store() == before


def test_a_killed_publish_leaves_the_old_state_or_the_new_one_whole(tool, tmp_path):
    with processes.shared_database(tmp_path) as database:
        code, output = processes.run(database, "-m", "tests.api.kill_publish", str(tool.pk))
    assert code == 0, output
    rounds = [line.split() for line in output.splitlines() if line.startswith("round ")]
    assert len(rounds) >= 10, output
    # statement, title on the row, title in the document, exit code of verify_documents
    assert all(row == document and verified == "0" for _, _, row, document, verified in rounds), output
    assert {row for _, _, row, _, _ in rounds} == {"Django", "Killed"}, "some died before the commit and one after"


def test_a_kill_right_after_a_plain_save_is_caught_up(tmp_path):
    topic = factories.TopicFactory(name="Alive")
    read = f"from content.models.topic import Topic; print(Topic.objects.get(pk={topic.pk}).name)"
    with processes.shared_database(tmp_path) as database:
        killed, output = processes.run(database, "-m", "tests.api.kill_publish", str(topic.pk), "before-the-signal")
        assert killed == -9, output
        assert processes.manage(database, "shell", "-v", "0", "-c", read) == (0, "Killed\n")
        code, output = processes.manage(database, "verify_documents")
    assert (code, "drift" in output) == (0, False), output


def test_a_kill_between_wagtails_commit_and_ours_is_caught_up(tool, tmp_path):
    with processes.shared_database(tmp_path) as database:
        killed, output = processes.run(database, "-m", "tests.api.kill_publish", str(tool.pk), "before-the-sweep")
        assert killed == -9, output
        code, output = processes.manage(database, "verify_documents")
        assert (code, "drift" in output) == (0, False), output
        code, output = processes.run(database, "-m", "tests.api.kill_publish", str(tool.pk), "show")
    assert output.split() == ["Killed", "Killed"], output


def test_first_publishes_at_once_leave_one_version_of_each(tmp_path):
    topic = factories.TopicFactory(live=False)
    articles = [factories.ArticlePageFactory(live=False, topics=[topic]) for _ in range(2)]
    with processes.shared_database(tmp_path) as database:
        both = [
            processes.start(database, "-m", "tests.api.publish_together", str(article.pk), str(topic.pk))
            for article in articles
        ]
        assert [each.stdout.readline() for each in both] == ["ready\n"] * 2
        for each in both:
            each.stdin.write("go\n")
            each.stdin.flush()
        outputs = [each.communicate(timeout=120)[0] for each in both]
        assert [each.returncode for each in both] == [0, 0], outputs
        assert processes.manage(database, "verify_documents")[0] == 0
        keys = [f"topic:{topic.pk}", *(f"page:{article.pk}" for article in articles)]
        count = (
            "from api.documents.models import Document;"
            f"print([Document.objects.filter(key=key, layer=0, valid_to=None).count() for key in {keys}])"
        )
        assert processes.manage(database, "shell", "-v", "0", "-c", count) == (0, "[1, 1, 1]\n")


def test_verify_documents_exits_1_and_names_the_key(tool, tmp_path):
    Page.objects.filter(pk=tool.pk).update(title="Sneaked in")
    with processes.shared_database(tmp_path) as database:
        code, output = processes.manage(database, "verify_documents")
    assert code == 1
    assert f"drift: page:{tool.pk}" in output


@pytest.mark.sqlite_only
def test_readers_are_answered_while_a_writer_holds_its_transaction_open(tool, tmp_path):
    with processes.shared_database(tmp_path) as database:
        holder = processes.start(database, "-m", "tests.api.hold_transaction")
        try:
            assert holder.stdout.readline() == "holding\n"
            began = time.monotonic()
            code, output = processes.run(database, "-m", "tests.api.read_once", "/tools/django/")
            assert (code, output.splitlines()[-1]) == (0, "200 Django"), output
            assert time.monotonic() - began < 15, "it waited for the writer"
            assert holder.poll() is None, "the writer let go"
        finally:
            holder.kill()
            holder.communicate()


def test_an_upgrade_that_changed_what_is_public_is_noticed_until_all_is_built_anew(tool):
    assert not is_outdated()
    Document.objects.update(contract="older")
    assert is_outdated()
    call_command("rebuild_documents")
    assert not is_outdated()
