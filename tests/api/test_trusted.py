"""Documents of a front end's releases: asked for by their id, and the only ones answered where that is wanted."""

import hashlib
import json
import re
import subprocess

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import checks
from api.trusted import lookup
from api.trusted.models import FrontendRelease, TrustedDocument
from cms.bootstrap import FRONTEND, node
from tests import factories

pytestmark = pytest.mark.django_db

JSON, GRAPHQL_JSON = "application/json", "application/graphql-response+json"
NAME = "query Name { __typename }"
TOOL = "query Tool($slug: String!) { tool(slug: $slug) { name } }"
OTHER = "query Other { tools { totalCount } }"
NONE = "sha256:" + "0" * 64


@pytest.fixture(autouse=True)
def _fresh_process():
    lookup._trusted.cache_clear()
    yield
    lookup._trusted.cache_clear()


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def id_of(text):
    return f"sha256:{digest(text)}"


@pytest.fixture
def trust(tmp_path, capsys):
    """Give the command a manifest of these documents, or any other content, and return what it prints."""

    def give(*documents, content=None, **options):
        file = tmp_path / "manifest.json"
        manifest = {id_of(text): text for text in documents} if content is None else content
        file.write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
        call_command("trust_documents", str(file), **options)
        return capsys.readouterr().out.splitlines()

    return give


@pytest.fixture
def ask(client):
    def send(body, **headers):
        headers = {"accept": GRAPHQL_JSON, **headers}
        return client.post("/graphql", body, content_type=JSON, headers=headers)

    return send


def refusal(response, status, code):
    assert (response.status_code, response["Cache-Control"]) == (status, "private, no-store")
    (error,) = response.json()["errors"]
    assert set(response.json()) == {"errors"}
    assert error["extensions"]["code"] == code
    return error["message"]


def test_a_document_is_asked_for_by_its_id(client, ask, trust):
    factories.ToolPageFactory(title="Django", slug="django")
    trust(NAME, TOOL)
    expected = {"tool": {"name": "Django"}}
    asked = {"documentId": id_of(TOOL), "variables": {"slug": "django"}, "operationName": "Tool"}
    assert ask(asked).json()["data"] == expected
    assert client.get("/graphql", {**asked, "variables": json.dumps(asked["variables"])}).json()["data"] == expected
    assert client.get(f"/graphql?documentId={id_of(NAME)}").json()["data"] == {"__typename": "Query"}


def test_the_id_is_the_sha_256_of_the_text_in_utf_8(ask, trust):
    text = "query Straße { __typename } # 🏃".replace("Straße", "Strasse") + " Straße"
    trust(text)
    assert ask({"documentId": "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()}).status_code == 200


def test_an_unknown_id_is_refused_with_what_to_do(client, ask):
    message = f"{NONE} is no trusted document. Its front end's manifest has to be given to `manage.py trust_documents`"
    assert refusal(ask({"documentId": NONE}), 403, "DOCUMENT_NOT_TRUSTED").startswith(message)
    assert refusal(client.get("/graphql", {"documentId": NONE}), 403, "DOCUMENT_NOT_TRUSTED").startswith(message)


@pytest.mark.parametrize(
    "id",
    [
        "",
        "5",
        "0" * 64,
        "sha256:",
        "sha256:" + "A" * 64,
        "sha256:" + "0" * 63,
        NONE + "0",
        NONE + "\n",
        "md5:" + "0" * 64,
    ],
)
def test_an_id_of_another_form_is_refused(ask, id):
    message = "`documentId` has to be `sha256:` and 64 hexadecimal digits in lower case."
    assert refusal(ask({"documentId": id}), 400, "BAD_USER_INPUT") == message


def test_a_query_beside_an_id_must_be_its_text(ask, trust):
    trust(NAME)
    assert ask({"documentId": id_of(NAME), "query": NAME}).json()["data"] == {"__typename": "Query"}
    assert ask({"documentId": id_of(OTHER), "query": OTHER}).status_code == 200
    message = "`documentId` is not the SHA-256 of `query`: send one of them, or the two that match."
    assert refusal(ask({"documentId": id_of(NAME), "query": NAME + " "}), 400, "BAD_USER_INPUT") == message
    assert refusal(ask({"documentId": NONE, "query": NAME}), 400, "BAD_USER_INPUT") == message


def test_a_lookup_costs_one_query_and_none_for_a_while(ask, trust, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr("api.trusted.lookup.time.monotonic", lambda: 2_000_000.0)
    trust(NAME)
    with CaptureQueriesContext(connection) as by_text:
        ask({"query": NAME})
    with django_assert_num_queries(len(by_text) + 1):
        ask({"documentId": id_of(NAME)})
    with django_assert_num_queries(len(by_text)):
        ask({"documentId": id_of(NAME)})


def test_what_is_retired_is_refused_within_five_seconds_and_what_is_new_answered_at_once(ask, trust, monkeypatch):
    clock = 1_000_000.0
    monkeypatch.setattr("api.trusted.lookup.time.monotonic", lambda: clock)
    assert ask({"documentId": id_of(NAME)}).status_code == 403
    trust(NAME)
    assert ask({"documentId": id_of(NAME)}).status_code == 200
    call_command("trust_documents", retire=FrontendRelease.objects.get().pk)
    clock += 5
    assert ask({"documentId": id_of(NAME)}).status_code == 403


@pytest.fixture
def locked(settings):
    settings.TRUSTED_DOCUMENTS_ONLY = True


@pytest.mark.usefixtures("locked")
def test_locked_nothing_but_trusted_documents_is_answered(client, ask, trust):
    trust(NAME)
    assert ask({"documentId": id_of(NAME)}).json()["data"] == {"__typename": "Query"}
    assert ask({"query": NAME}).json()["data"] == {"__typename": "Query"}
    assert client.get("/graphql", {"query": NAME}).json()["data"] == {"__typename": "Query"}
    others = [OTHER, NAME + " ", "{ __typename }", "{", "mutation { a }", "{ __schema { types { name } } }"]
    for query in others:
        assert refusal(ask({"query": query}), 403, "DOCUMENT_NOT_TRUSTED").startswith(id_of(query))
        assert refusal(client.get("/graphql", {"query": query}), 403, "DOCUMENT_NOT_TRUSTED").startswith(id_of(query))
    assert refusal(ask({"query": OTHER, "documentId": id_of(OTHER)}), 403, "DOCUMENT_NOT_TRUSTED")


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize("debug", [True, False])
def test_locked_a_token_opens_no_other_document(ask, settings, debug):
    settings.DEBUG = debug
    refusal(ask({"query": "{ preview { path } }"}, authorization="Bearer x"), 403, "DOCUMENT_NOT_TRUSTED")


@pytest.mark.usefixtures("locked")
def test_locked_the_token_of_a_trusted_document_is_still_looked_at(ask, trust):
    preview = "query Preview { preview { path } }"
    trust(preview)
    assert ask({"documentId": id_of(preview)}).json()["data"] == {"preview": None}
    refusal(ask({"documentId": id_of(preview)}, authorization="Bearer x"), 401, "TOKEN_INVALID")


def test_it_is_off_unless_switched_on(settings):
    assert settings.TRUSTED_DOCUMENTS_ONLY is False


def test_ids_may_come_without_their_prefix(trust, ask):
    assert trust(content={digest(NAME): NAME, id_of(OTHER): OTHER}) == [
        f"Trusted release {FrontendRelease.objects.get().pk}: 2 documents, 2 of them new."
    ]
    assert ask({"documentId": id_of(NAME)}).status_code == 200


def test_a_manifest_is_trusted_whole_or_not_at_all_and_names_what_is_wrong(trust):
    wrong = "query Wrong { nothingLikeThat }"
    content = {
        id_of(NAME): NAME,
        NONE: OTHER,
        id_of(wrong): wrong,
        id_of("{"): "{",
        id_of("mutation Do { a }"): "mutation Do { a }",
        "5": TOOL,
    }
    with pytest.raises(CommandError) as raised:
        trust(content=content)
    assert str(raised.value).splitlines() == [
        f"sha256:000000000000… (Other): the SHA-256 of its text is {id_of(OTHER)}",
        f"{id_of(wrong)[:19]}… (Wrong): Cannot query field 'nothingLikeThat' on type 'Query'.",
        f"{id_of('{')[:19]}…: Syntax Error: Expected Name, found <EOF>.",
        f"{id_of('mutation Do { a }')[:19]}… (Do): The mutation operation is not supported by the schema.",
        f"sha256:5… (Tool): the SHA-256 of its text is {id_of(TOOL)}",
        "Nothing has been trusted.",
    ]
    assert not TrustedDocument.objects.exists()
    assert not FrontendRelease.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The manifest is not JSON that can be read."),
        ("[" * 100_000, "The manifest is not JSON that can be read."),
        ("[]", "A manifest is a JSON object: {id: text of the document}."),
        ({"a": 5}, "A manifest is a JSON object: {id: text of the document}."),
        ({}, "There is no document in the manifest."),
        ('{"a": "b", "a": "c"}', "The manifest cannot be taken: a name is given twice."),
        ('{"a": "\\ud800"}', "The manifest cannot be taken: a text contains half of a surrogate pair."),
        ('{"a": "\\u0000"}', "The manifest cannot be taken: a text contains the character NUL."),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(trust, content, message):
    with pytest.raises(CommandError, match="Nothing has been trusted") as raised:
        trust(content=content)
    assert str(raised.value).splitlines()[0] == message


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(CommandError, match="manifest.json cannot be read: No such file or directory."):
        call_command("trust_documents", str(tmp_path / "manifest.json"))
    (tmp_path / "manifest.json").write_bytes(b"\xff")
    with pytest.raises(CommandError, match="manifest.json is not UTF-8."):
        call_command("trust_documents", str(tmp_path / "manifest.json"))


def test_the_front_end_makes_a_manifest_of_every_query_as_it_sends_it(trust, ask, settings):
    done = subprocess.run([node(), FRONTEND / "manifest.ts"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    assert trust(content=manifest)[0].endswith(f"{len(manifest)} documents, {len(manifest)} of them new.")
    queries = "".join(file.read_text() for file in (FRONTEND / "src" / "queries").glob("*.ts"))
    assert len(manifest) == len(re.findall(r"^ +query \w", queries, re.M)) > 5
    settings.TRUSTED_DOCUMENTS_ONLY = True
    for text in manifest.values():
        assert "DOCUMENT_NOT_TRUSTED" not in ask({"query": text}).content.decode()


def test_a_dry_run_changes_nothing(trust):
    trust(NAME)
    trust(OTHER)
    before = list(FrontendRelease.objects.values()), list(TrustedDocument.objects.values())
    told = trust(TOOL, dry_run=True)
    assert told[0].endswith("1 document, 1 of them new.")
    assert told[1:] == [
        f"Retired {FrontendRelease.objects.last()}.",
        "1 document not trusted any more.",
        "This was a dry run: nothing has changed.",
    ]
    assert (list(FrontendRelease.objects.values()), list(TrustedDocument.objects.values())) == before


def documents():
    return set(TrustedDocument.objects.values_list("text", flat=True))


def test_the_newest_two_releases_stay(trust):
    trust(NAME, OTHER, label="1.0")
    trust(NAME, label="1.1")
    assert documents() == {NAME, OTHER}, "a front end that goes back finds its documents"
    first, second = FrontendRelease.objects.order_by("pk")
    assert trust(TOOL, NAME, label="1.2")[1:] == [
        f"Retired release {first.pk} 1.0.",
        "1 document not trusted any more.",
    ]
    assert documents() == {NAME, TOOL}
    assert [each.label for each in FrontendRelease.objects.all()] == ["1.2", "1.1"]


def test_more_releases_stay_on_demand(trust):
    for text in (NAME, OTHER, TOOL):
        trust(text, keep=3)
    assert documents() == {NAME, OTHER, TOOL}
    with pytest.raises(CommandError, match="At least 2 releases stay trusted"):
        trust(NAME, keep=1)


def test_a_known_manifest_becomes_the_newest_again_and_adds_nothing(trust):
    trust(NAME, OTHER, label="1.0")
    trust(TOOL, label="1.1")
    first, second = FrontendRelease.objects.order_by("pk")
    assert trust(OTHER, NAME) == [f"Trusted release {first.pk} 1.0: 2 documents was known and is the newest again."]
    assert [each.pk for each in FrontendRelease.objects.all()] == [first.pk, second.pk]
    assert TrustedDocument.objects.count() == 3
    trust("{ __typename }")
    assert documents() == {NAME, OTHER, "{ __typename }"}, (
        "the one in use before stays, not the one with the higher number"
    )


def test_the_number_of_a_retired_release_is_not_used_again(trust):
    trust(NAME)
    number = FrontendRelease.objects.get().pk
    call_command("trust_documents", retire=number)
    trust(NAME)
    assert FrontendRelease.objects.get().pk > number


def test_a_release_is_retired_by_its_number(trust, capsys):
    trust(NAME, OTHER)
    trust(NAME)
    number = FrontendRelease.objects.last().pk
    call_command("trust_documents", retire=number, dry_run=True)
    assert documents() == {NAME, OTHER}
    capsys.readouterr()
    call_command("trust_documents", retire=number)
    assert capsys.readouterr().out == f"Retired release {number}; 1 document not trusted any more.\n"
    assert documents() == {NAME}
    with pytest.raises(CommandError, match=f"There is no release {number}; `--list` shows those there are."):
        call_command("trust_documents", retire=number)


def test_the_list_has_dates_numbers_and_names(trust, capsys):
    anonymous = "{ __typename }"
    trust(NAME, label="1.0")
    trust(NAME, OTHER, anonymous)
    second, first = FrontendRelease.objects.all()
    call_command("trust_documents", list=True)
    assert capsys.readouterr().out.splitlines() == [
        f"release {second.pk}, {second.trusted_at:%Y-%m-%d %H:%M} UTC, 3 documents: Name, Other, {id_of(anonymous)[:19]}…",
        f"release {first.pk} 1.0, {first.trusted_at:%Y-%m-%d %H:%M} UTC, 1 document: Name",
    ]


@pytest.mark.parametrize("label", ["a\nb", "\x1b[31m", "x" * 101])
def test_a_label_is_one_line(trust, label):
    with pytest.raises(CommandError, match="A label is one line of at most 100 characters."):
        trust(NAME, label=label)


def test_the_check_names_a_document_that_the_schema_does_not_answer_any_more(trust):
    trust(NAME)
    assert checks.trusted_documents_are_answered(None, databases=["default"]) == []
    gone = "query Gone { oldField }"
    release = FrontendRelease.objects.get()
    release.documents.create(digest=digest(gone), text=gone)
    (warning,) = checks.trusted_documents_are_answered(None, databases=["default"])
    assert warning.id == "api.W002"
    expected = f"A trusted document is not answered any more: {id_of(gone)[:19]}… (Gone): Cannot query field 'oldField'"
    assert warning.msg.startswith(expected)
    assert checks.trusted_documents_are_answered(None) == []
