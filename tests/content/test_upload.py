"""Facts from a CSV file and into one: a dry run, errors by line and column, and then a few lines at a time."""

import csv
import io
import re
from datetime import date

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content.changes import content_changed
from content.facts_file import COLUMNS, MAX_LINES
from content.models.fact import Fact, Source
from tests import factories as make

pytestmark = pytest.mark.django_db

UPLOAD, DOWNLOAD = reverse("content_facts_upload"), reverse("content_facts_download")


def send(client, content, *, publish=True, create_sources=False):
    content = content if isinstance(content, bytes) else content.encode()
    data = {"file": SimpleUploadedFile("facts.csv", content), "publish": "yes" if publish else ""}
    return client.post(UPLOAD, data | ({"create_sources": "on"} if create_sources else {}))


def confirm(client, response):
    assert "confirmed" in response.context, text(response)
    return client.post(UPLOAD, {"confirmed": response.context["confirmed"]})


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def told(response):
    """Kind, differences and errors by line."""
    return {each.line.number: (each.kind, each.differences, each.errors) for each in response.context["plan"].outcomes}


@pytest.fixture
def django():
    return make.ToolPageFactory(title="Django", slug="django")


@pytest.fixture
def licence():
    return make.AttributeFactory(key="licence", data_type="text", source_required=False)


@pytest.fixture
def bsd(django, licence):
    return make.FactFactory(tool=django, attribute=licence, value="BSD")


def test_the_dry_run_tells_what_would_happen_and_changes_nothing(admin_client, bsd):
    make.ToolPageFactory(title="Flask")
    make.AttributeFactory(key="async")
    response = send(
        admin_client,
        "tool,attribute,state,value\ndjango,licence,Yes,MIT\n/tools/flask/,licence,unknown,\nFlask,async,perhaps,\n",
    )
    assert told(response) == {
        2: ("changed", [("value", "BSD", "MIT")], []),
        3: ("new", [("state", "", "unknown")], []),
        4: ("error", [], [("state", "Enter one of: yes, partial, no, unknown, not_applicable.")]),
    }
    assert "1 new, 1 changed, 0 unchanged, 1 with errors." in text(response)
    assert "confirmed" not in response.context
    assert [fact.value for fact in Fact.objects.all()] == ["BSD"]


def test_the_confirmation_does_what_was_shown(admin_client, bsd, django):
    make.AttributeFactory(key="async", source_required=False)
    response = send(admin_client, "tool,attribute,state,value\ndjango,licence,yes,MIT\ndjango,async,no,\n")
    assert confirm(admin_client, response).status_code == 302
    facts = {fact.attribute.key: (fact.state, fact.value, fact.live) for fact in django.facts.all()}
    assert facts == {"licence": ("yes", "MIT", True), "async": ("no", "", True)}
    again = send(admin_client, "tool,attribute,state,value\ndjango,licence,yes,MIT\ndjango,async,no,\n")
    assert {kind for kind, _, _ in told(again).values()} == {"unchanged"}
    assert "Nothing would change." in text(again)


def test_drafts_leave_what_is_published(admin_client, bsd):
    response = send(admin_client, "tool,attribute,state,value\ndjango,licence,yes,MIT\n", publish=False)
    confirm(admin_client, response)
    fact = Fact.objects.get()
    assert (fact.value, fact.get_latest_revision_as_object().value) == ("BSD", "MIT")
    later = send(admin_client, "tool,attribute,state,value\ndjango,licence,yes,MIT\n")
    assert told(later) == {2: ("changed", [("status", "draft", "published")], [])}
    confirm(admin_client, later)
    assert Fact.objects.get().value == "MIT"


def test_when_something_changed_meanwhile_nothing_is_done(admin_client, bsd, django):
    make.AttributeFactory(key="async", source_required=False)
    response = send(admin_client, "tool,attribute,state,value\ndjango,async,no,\ndjango,licence,yes,MIT\n")
    bsd.value = "GPL"
    bsd.save_revision().publish()
    refused = confirm(admin_client, response)
    assert refused.status_code == 409
    assert told(refused)[3] == ("changed", [("value", "GPL", "MIT")], [])
    assert [fact.value for fact in django.facts.all()] == ["GPL"]
    assert confirm(admin_client, refused).status_code == 302
    assert Fact.objects.get(pk=bsd.pk).value == "MIT"


def fail_at(monkeypatch, key):
    """Fail when a fact of this attribute is about to be published."""
    publish = Fact.publish

    def fail(self, *args, **kwargs):
        if self.attribute.key == key:
            raise RuntimeError
        return publish(self, *args, **kwargs)

    monkeypatch.setattr(Fact, "publish", fail)


TWO_LINES = "tool,attribute,state,value\ndjango,licence,yes,MIT\ndjango,async,no,\n"


def test_a_batch_that_fails_on_the_way_leaves_nothing_behind(admin_client, bsd, django, monkeypatch):
    make.AttributeFactory(key="async", source_required=False)
    response = send(admin_client, TWO_LINES)
    fail_at(monkeypatch, "async")
    with pytest.raises(RuntimeError):
        confirm(admin_client, response)
    assert [fact.value for fact in django.facts.all()] == ["BSD"]


def test_what_earlier_batches_saved_stays_and_the_same_file_does_the_rest(admin_client, bsd, django, monkeypatch):
    make.AttributeFactory(key="async", source_required=False)
    monkeypatch.setattr("content.facts_upload.BATCH", 1)
    response = send(admin_client, TWO_LINES)
    with monkeypatch.context() as interrupted:
        fail_at(interrupted, "async")
        with pytest.raises(RuntimeError):
            confirm(admin_client, response)
    assert [fact.value for fact in django.facts.all()] == ["MIT"]
    again = send(admin_client, TWO_LINES)
    assert [kind for kind, _, _ in told(again).values()] == ["unchanged", "new"]
    assert confirm(admin_client, again).status_code == 302
    assert {fact.attribute.key for fact in django.facts.filter(live=True)} == {"licence", "async"}


def test_each_request_saves_some_lines_and_the_next_one_goes_on(admin_client, django, monkeypatch):
    monkeypatch.setattr("content.admin.upload.STEP", 2)
    monkeypatch.setattr("content.facts_upload.BATCH", 1)
    for number in range(5):
        make.AttributeFactory(key=f"a{number}", source_required=False)
    lines = "".join(f"django,a{number},no,https://example.org/{number % 2}\n" for number in range(5))
    response = send(admin_client, f"tool,attribute,state,sources\n{lines}", create_sources=True)
    for done in (2, 4):
        response = confirm(admin_client, response)
        assert (f"{done} of 5 lines" in text(response), django.facts.count()) == (True, done)
    assert "data-sent-by-itself" in response.content.decode()
    response = admin_client.post(UPLOAD, {"confirmed": response.context["confirmed"]}, follow=True)
    assert "The file’s facts are saved." in text(response)
    assert (django.facts.filter(live=True).count(), Source.objects.count()) == (5, 2)


def test_a_fact_changed_between_two_steps_is_left_as_it_is_and_told(admin_client, bsd, django, monkeypatch):
    monkeypatch.setattr("content.admin.upload.STEP", 1)
    make.AttributeFactory(key="async", source_required=False)
    content = "tool,attribute,state,value\ndjango,async,no,\ndjango,licence,yes,MIT\n"
    response = confirm(admin_client, send(admin_client, content))
    bsd.value = "GPL"
    bsd.save_revision().publish()
    response = admin_client.post(UPLOAD, {"confirmed": response.context["confirmed"]}, follow=True)
    assert "but for those that somebody changed meanwhile: line 3." in text(response)
    assert Fact.objects.get(pk=bsd.pk).value == "GPL"


def test_others_may_write_between_two_batches(admin_client, bsd, django, monkeypatch):
    """Each batch is a transaction of its own; were the whole request one, this would be told at its end."""
    told_of = []
    monkeypatch.setattr("content.facts_upload.BATCH", 1)
    make.AttributeFactory(key="async", source_required=False)
    response = send(admin_client, TWO_LINES)

    def listen(sender, keys, **kwargs):
        told_of.append(sorted(key for key in keys if key.startswith("fact:")))

    content_changed.connect(listen)
    try:
        confirm(admin_client, response)
    finally:
        content_changed.disconnect(listen)
    assert [len(keys) for keys in told_of] == [1, 1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty."),
        ("\ufeff\n\n", "The file is empty."),
        ("tool,attribute,state\n", "The file has no line below its first."),
        ("tool,attribute\ndjango,licence\n", "The column “state” is missing."),
        ("tool,atribute,state\na,b,c\n", "There is no column “atribute”. Did you mean “attribute”?"),
        ("tool,tool,attribute,state\na,b,c,d\n", "The column “tool” is there twice."),
        ("tool,attribute,state\na,b,c,d\n", "Line 2 has more cells than the first line."),
        ('tool,attribute,state\na,b,"c\n', "The file cannot be read as CSV"),
        ("tool,attribute,state\nDjango,Größe,yes\n".encode("latin-1"), "The file is not in UTF-8."),
        (b"PK\x00\x03", "This is no CSV file."),
        ("tool,attribute,state\n" + "a,b,c\n" * (MAX_LINES + 1), "5,000 at most are taken at once."),
        (b"x" * 1_500_001, "The file is larger than 1.5 MB."),
    ],
    ids=range(12),
)
def test_a_file_that_cannot_be_read(admin_client, content, message):
    response = send(admin_client, content)
    assert response.status_code == 422
    assert message in text(response)


def test_semicolons_a_byte_order_mark_and_quotation_marks(admin_client, bsd):
    response = send(
        admin_client, '\ufefftool;attribute;state;value;note\r\ndjango;licence;yes;BSD;"One; two\r\nthree"\r\n'
    )
    assert told(response) == {2: ("changed", [("note", "", "One; two\nthree")], [])}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("nothing,licence,yes,BSD,,", ("tool", "There is no tool called “nothing”.")),
        ("twice,licence,yes,BSD,,", ("tool", "There are several tools called “twice”.")),
        ("django,size,yes,BSD,,", ("attribute", "There is no attribute with the key “size”.")),
        ("django,licence,yes,,,", ("value", "Enter the value, or choose another state.")),
        ("django,licence,no,BSD,,", ("value", "Leave this empty for the state “No”, or choose “Yes” or “Partial”.")),
        (
            "django,licence,yes,BSD,https://example.org/x,",
            ("sources", "There is no source with the address https://example.org/x. Give it a “source_title”."),
        ),
        ("django,proven,yes,BSD,,", ("sources", "Add a source, or choose the state “Unknown”.")),
        ("django,licence,yes,BSD,,1.2.2020", ("verified_on", "Enter a date as year-month-day: 2026-01-31.")),
        (
            "django,licence,yes,BSD,,2999-01-01",
            ("verified_on", "Nobody can have looked it up on a day that is still to come."),
        ),
    ],
)
def test_an_error_names_its_line_and_column(admin_client, django, licence, line, error):
    for title in ("Twice", "Twice again"):
        make.ToolPageFactory(title=title, slug="twice", parent=make.tree("" if title == "Twice" else "b.example").tools)
    make.AttributeFactory(key="proven", data_type="text", source_required=True)
    response = send(admin_client, f"tool,attribute,state,value,sources,verified_on\n{line}\n")
    assert told(response) == {2: ("error", [], [error])}
    assert f"{error[0]}: {error[1]}" in text(response)


def test_a_line_that_repeats_another_is_refused(admin_client, bsd):
    response = send(admin_client, "tool,attribute,state,value\ndjango,licence,yes,MIT\nDjango,licence,yes,GPL\n")
    assert told(response)[3] == (
        "error",
        [],
        [("tool", "Line 2 is about the same tool, attribute and qualifier.")],
    )


def test_sources_are_created_by_title_or_when_asked(admin_client, bsd):
    content = (
        "tool,attribute,state,value,sources,source_title\n"
        "django,licence,yes,BSD,https://a.example/x|https://b.example/,{}\n"
    )
    assert told(send(admin_client, content.format("")))[2][0] == "error"
    response = send(admin_client, content.format("The licence"))
    assert not Source.objects.exists()
    confirm(admin_client, response)
    assert [source.title for source in Fact.objects.get().sources] == ["The licence", "The licence"]
    more = content.replace("a.example", "c.example").format("")
    confirm(admin_client, send(admin_client, more, create_sources=True))
    assert [source.title for source in Fact.objects.get().sources] == ["c.example", "The licence"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "nothing"])
def test_a_source_needs_an_address(admin_client, bsd, address):
    response = send(admin_client, f"tool,attribute,state,sources\ndjango,licence,yes,{address}\n", create_sources=True)
    assert told(response)[2][2] == [("sources", f"{address}: Enter a valid URL.")]


def test_a_day_adds_a_verification_once(admin_client, bsd):
    content = "tool,attribute,state,verified_on\ndjango,licence,yes,2026-03-01\n"
    confirm(admin_client, send(admin_client, content))
    assert str(Fact.objects.get().verified_on) == "2026-03-01"
    assert told(send(admin_client, content))[2][0] == "unchanged"


def test_what_is_downloaded_is_unchanged_when_it_is_uploaded(admin_client, django):
    other = make.ToolPageFactory(title="Celery", slug="celery")
    source, second = make.SourceFactory(), make.SourceFactory()
    values = {"text": "=1+1", "money": "EUR 12.50", "number": "-3", "date": "2020-02-29", "tool": "Celery"}
    for kind, value in values.items():
        make.FactFactory(
            tool=django,
            attribute=make.AttributeFactory(key=kind, data_type=kind),
            value=value,
            value_tool=other if kind == "tool" else None,
            note="'=Two\r\nlines, “quoted”",
            qualifier="Edition; one",
            sources=[second, source],
            verified_on=date(2026, 3, 1),
        )
    draft = make.FactFactory(tool=other, attribute=make.AttributeFactory(key="async"), state="unknown")
    draft.state, draft.note = "no", "A draft"
    draft.save_revision()
    content = admin_client.get(DOWNLOAD).content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))] == []
    assert list(rows[0]) == list(COLUMNS)
    response = send(admin_client, content, publish=False)
    assert {number: kind for number, (kind, _, _) in told(response).items()} == dict.fromkeys(range(2, 8), "unchanged")


def test_the_download_follows_the_listing(admin_client, bsd, django):
    make.FactFactory(tool=django, state="unknown")
    listing = admin_client.get(reverse("wagtailsnippets_content_fact:list"), {"state": "yes"}).content.decode()
    assert UPLOAD in listing
    assert f"{DOWNLOAD}?state=yes" in listing
    rows = admin_client.get(DOWNLOAD, {"state": "yes"}).content.decode().splitlines()
    assert len(rows) == 2


def user(name, *permissions):
    made = User.objects.create_user(name)
    group = Group.objects.create(name=name)
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *permissions]))
    made.groups.add(group)
    client = Client()
    client.force_login(made)
    return client


def test_rights(admin_client, bsd):
    content = "tool,attribute,state,value\ndjango,licence,yes,MIT\n"
    assert user("nobody", "change_person").get(UPLOAD).status_code == 302
    adder = user("adder", "add_fact")
    assert adder.get(DOWNLOAD).status_code == 200
    sam = user("sam", "change_fact")
    confirm(sam, send(sam, content, publish=True))
    assert (Fact.objects.get().value, Fact.objects.get().has_unpublished_changes) == ("BSD", True)
    make.ToolPageFactory(title="Other", slug="other")
    new = content.replace("django", "other")
    assert told(send(sam, new))[2][2] == [("tool", "You may not add facts.")]
    assert told(send(adder, new))[2][0] == "new"
    assert told(send(adder, content))[2][2] == [("tool", "You may not change facts.")]
    unheard_of = "tool,attribute,state,value,sources\ndjango,licence,yes,MIT,https://example.org/unheard-of\n"
    assert "you may not add one" in told(send(sam, unheard_of, create_sources=True))[2][2][0][1]
    published = send(admin_client, content)
    assert sam.post(UPLOAD, {"confirmed": published.context["confirmed"]}).status_code == 302
    assert Fact.objects.get().value == "BSD"
    assert sam.post(UPLOAD, {"confirmed": "forged"}).status_code == 302


def test_a_locked_fact_is_an_error(admin_client, bsd):
    Fact.objects.update(locked=True)
    response = send(admin_client, "tool,attribute,state,value\ndjango,licence,yes,MIT\n")
    assert told(response)[2] == ("error", [], [("tool", "This fact is locked.")])


def test_the_dry_run_asks_the_same_for_any_number_of_lines(admin_client, django):
    asked = []
    # What is asked once in a process is asked for the first.
    for count in (1, 2, 20):
        lines = ["tool,attribute,state,value,sources"]
        for _ in range(count):
            attribute = make.AttributeFactory(data_type="text")
            sources = [make.SourceFactory(), make.SourceFactory()]
            make.FactFactory(tool=django, attribute=attribute, value="BSD", sources=sources)
            lines.append(f"django,{attribute.key},yes,MIT,{sources[0].url} {sources[1].url}")
        with CaptureQueriesContext(connection) as queries:
            response = send(admin_client, "\n".join(lines))
        assert response.context["counts"]["changed"] == count
        asked.append(len(queries))
    assert asked[1] == asked[2]
