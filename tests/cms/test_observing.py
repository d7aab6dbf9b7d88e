"""What the log says of a request: by the server of production, and field by field."""

import json
import logging
import re
import socket
import time
from contextlib import closing

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from api import observed
from api.trusted import releases
from api.trusted.lookup import id_of
from cms import logs
from cms.env import BASE_DIR
from cms.observing import Statements, job
from tests import factories
from tests.api.test_preview import SHOWN, edited
from tests.api.test_sharing import share
from tests.server import BEHIND_TLS, serving

NAMED = "query ToolNames($first: Int) { tools(first: $first) { nodes { name } } }"
OPERATE = (BASE_DIR / "docs" / "operate.md").read_text()


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), serving(tmp_path_factory.mktemp("observing")) as server:
        yield server


@pytest.fixture
def told(caplog):
    """The fields of each request and job since, in order."""
    caplog.set_level(logging.INFO)
    return lambda: [record.fields for record in caplog.records if record.name in ("request", "job")]


def sent(client, query=NAMED, variables=None, **headers):
    return client.post("/graphql", {"query": query, "variables": variables}, "application/json", headers=headers)


# The line ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_request_is_one_line_of_json(server):
    body = json.dumps({"query": NAMED, "variables": {"first": 7}}).encode()
    headers = {**BEHIND_TLS, "Content-Type": "application/json", "X-Request-ID": "one-line-0001"}
    response, _ = server.ask("/graphql?secret=1", headers, "POST", body)
    assert (response.status, response.getheader("X-Request-ID")) == (200, "one-line-0001")
    (line,) = server.lines("one-line-0001")
    measured = {name: line.pop(name) for name in ("time", "ms", "sql_ms", "sql", "cost")}
    assert line == {
        "level": "info",
        "logger": "request",
        "message": "",
        "request_id": "one-line-0001",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "ToolNames",
        "cache": "miss",
        "perspective": "public",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", measured["time"])
    assert 0 < measured["sql_ms"] < measured["ms"] < 10_000
    assert 2 <= measured["sql"] <= 5, "a new connection may take some of its own"
    assert measured["cost"] > 100


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("0123abcd", True),
        ("a.b-c_" * 10, True),
        ("short", False),
        ("x" * 65, False),
        ("with space", False),
        ("<script>1", False),
        ("né0123456", False),
        ("", False),
    ],
)
@pytest.mark.django_db
def test_an_id_is_kept_if_it_is_one(client, told, given, is_kept):
    answered = sent(client, **{"x-request-id": given})["X-Request-ID"]
    assert (answered == given) is is_kept
    assert is_kept or re.fullmatch("[0-9a-f]{32}", answered)


ENDS = ["\r\nforged: 1", "\x1b[31mred", "\x9b31mred", "\u2028forged", "\x7f\x00"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.django_db
def test_whatever_is_in_it_a_line_stays_one(client, caplog, end):
    caplog.set_level(logging.INFO)
    client.get(f"/nothing{end}")
    sent(client, f"query A {{ __typename }} #{end}", **{"user-agent": end.replace("\r\n", ""), "x-request-id": "a"})
    logging.getLogger("api").error("words %s", end)
    for record in caplog.records:
        for formatter in (logs.JsonFormatter(), logs.ReadableFormatter()):
            assert formatter.format(record).isprintable()
    assert len(caplog.records) == 3


@pytest.mark.parametrize("address", ["/graphql%0D%0Aforged", "/nothing%1B[31m%0Aforged", "/graphql?forged=%C2%9B"])
@pytest.mark.django_db
def test_a_server_that_is_sent_control_characters_writes_one_line(server, address):
    response, _ = server.ask(address, {**BEHIND_TLS, "User-Agent": "forged \x9b", "X-Request-ID": "\x9b0123456"})
    (line,) = server.lines(response.getheader("X-Request-ID"))
    assert line["path"] in ("/graphql\r\nforged", "/nothing\x1b[31m\nforged", "/graphql")
    assert all(line.isprintable() for line in server.log.read_text().splitlines())


@pytest.mark.django_db
def test_what_gunicorn_refuses_and_what_django_cannot_look_at_is_json_too(server):
    with closing(socket.create_connection(("127.0.0.1", server.port))) as connection:
        connection.sendall(b"GET \x1b[31m\x00 nonsense\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    read_by = {**BEHIND_TLS, "Content-Type": "application/json; charset=hex"}
    response, _ = server.ask("/graphql?query=%7B__typename%7D", read_by)
    assert response.status == 400
    deadline = time.monotonic() + 10
    unread = {"gunicorn.error": "Invalid", "request": "A request was refused unread."}
    while unread and time.monotonic() < deadline:
        for line in server.all_lines():
            if line["message"].startswith(unread.get(line["logger"], "-")):
                del unread[line["logger"]]
        time.sleep(0.05)
    assert unread == {}


@pytest.mark.django_db
def test_an_error_has_its_traceback_and_the_id_of_the_request(client, caplog, monkeypatch):
    def fail(*_):
        raise RuntimeError("for ada@example.com")

    monkeypatch.setattr("api.views._answered", fail)
    assert sent(client, **{"x-request-id": "failing-request"}).status_code == 500
    formatter = logs.JsonFormatter()
    mark = logs.request_id.set("failing-request")
    lines = [json.loads(formatter.format(record)) for record in caplog.records]
    logs.request_id.reset(mark)
    assert [line["level"] for line in lines] == ["error", "error"]
    assert lines[0]["exception"].endswith("RuntimeError: for …")
    assert (lines[1]["status"], lines[1]["error"]) == (500, "INTERNAL")


# What is in it -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_kept_answer_has_its_operation_too(client, told, settings):
    releases.trust({id_of(NAMED): NAMED}, label="", keep=1)
    ask = {"documentId": id_of(NAMED)}
    first = client.get("/graphql", ask)
    client.get("/graphql", ask)
    client.get("/graphql", ask, headers={"if-none-match": first["ETag"]})
    settings.RESPONSE_CACHE_MB = 0
    client.get("/graphql", ask)
    assert [each["cache"] for each in told()] == ["miss", "hit", "304", "bypass"]
    assert {(each["operation"], each["document_id"], each["cost"]) for each in told()} == {
        ("ToolNames", id_of(NAMED), told()[0]["cost"])
    }
    assert [each["sql"] for each in told()[1:3]] == [1, 1], "the generation, and nothing else"


@pytest.mark.django_db
def test_a_name_that_is_none_is_left_out(client, told):
    for name in ["x" * 101, "a b", "a\n", "ada@example.com", 7]:
        client.post("/graphql", {"query": "{ __typename }", "operationName": name}, "application/json")
    sent(client, f"query {'x' * 101} {{ __typename }}")
    assert [each.get("operation") for each in told()] == [None] * 6


@pytest.mark.django_db(transaction=True)
def test_perspectives_and_refused_tokens_are_told_without_a_token(admin_client, told, graphql, caplog, settings):
    settings.FRONTEND_URL, settings.ADMIN_ORIGINS = "https://reader.example", ["http://testserver"]
    tool = factories.ToolPageFactory()
    shared, drafted = share(admin_client, tool), edited(admin_client, tool, tagline="As typed")
    for token in (shared, drafted):
        graphql(SHOWN, token=token)
    graphql(SHOWN, token="forged-token", status=401)
    found = [(each["perspective"], each.get("error")) for each in told() if each["path"] == "/graphql"]
    assert found == [("share", None), ("preview", None), ("public", "TOKEN_INVALID")]
    text = "".join(logs.JsonFormatter().format(record) for record in caplog.records)
    assert not [token for token in (shared, drafted, "forged-token") if token in text]


@pytest.mark.django_db
def test_neither_query_nor_variables_nor_names_nor_mails_are_told(admin_client, caplog, admin_user):
    caplog.set_level(logging.INFO)
    sent(admin_client, "query Q($term: String!) { search(query: $term) { totalCount } }", {"term": "hush-hush"})
    sent(admin_client, '{ search(query: "hush-hush") { totalCount } }', authorization="Basic hush-hush")
    admin_user.username = "lovelace"
    admin_user.save()
    admin_client.get("/admin/pages/", {"q": "hush-hush"}, headers={"cookie": "other=hush-hush"})
    admin_client.get("/ada@example.com")
    assert len(caplog.records) == 4
    text = "".join(logs.JsonFormatter().format(record) for record in caplog.records)
    assert '"path": "/\\u2026"' in text
    for secret in ("hush-hush", admin_user.get_username(), admin_user.email, "example.com"):
        assert secret not in text


@pytest.mark.django_db
def test_a_user_of_the_admin_is_told_by_number(admin_client, client, told, admin_user):
    admin_client.get("/admin/")
    sent(admin_client)
    assert [each.get("user") for each in told()] == [admin_user.pk, None], "the API knows no sessions"


@pytest.mark.django_db
def test_the_link_for_a_new_password_is_told_without_its_token(client, told):
    get_user_model().objects.create_user("ada", "ada@example.com", "a long one")
    client.get("/admin/password_reset/confirm/MQ/cpx12-0123456789abcdef/")
    assert told()[0]["path"] == "/admin/password_reset/confirm/MQ/…/"


@pytest.mark.django_db
def test_statements_are_counted(client, told, cold, django_assert_num_queries):
    factories.ToolPageFactory()
    with django_assert_num_queries(2):
        sent(client)
    assert told()[-1]["sql"] == 2


@pytest.mark.django_db
def test_a_job_is_one_line_with_an_id_of_its_own_whatever_becomes_of_it(told):
    with job("tidy", 1) as done, connection.cursor() as cursor:
        inside = logs.request_id.get()
        cursor.execute("SELECT 1")
        done()
    with job("give up", 2):
        pass
    with pytest.raises(RuntimeError), job("fall over", 3):
        raise RuntimeError
    assert [(each["job"], each["attempt"], each["outcome"], each["sql"]) for each in told()] == [
        ("tidy", 1, "done", 1),
        ("give up", 2, "failed", 0),
        ("fall over", 3, "failed", 0),
    ]
    assert (len(inside), logs.request_id.get()) == (32, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail to ada.l+x@mail.example.com, please", "mail to …, please"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer …"),
        ("/preview#token=abc&page=2", "/preview#token=…&page=2"),
        ("postgres://user:word@db:5432/name", "postgres://…@db:5432/name"),
        ("Key (hash)=(" + "aB3-_" * 8 + "xyz) exists", "Key (hash)=(…) exists"),
        ("sha256:" + "0" * 64, "sha256:" + "0" * 64),
        ("2 @ 3, a@b", "2 @ 3, a@b"),
    ],
)
def test_secrets_are_taken_out_of_texts(text, expected):
    assert logs.scrubbed(text) == expected


def test_no_text_takes_long():
    for text in ("a" * 200_000, "@" * 200_000, "a@" * 100_000, "://" * 70_000, "token=" * 30_000):
        began = time.process_time()
        logs.scrubbed(text)
        assert time.process_time() - began < 2


def test_counting_costs_little():
    statements = Statements()
    began = time.process_time()
    for _ in range(10_000):
        statements(lambda *_: None, "SELECT 1", (), False, {})
    assert (time.process_time() - began) / 10_000 < 20e-6
    assert statements.count == 10_000


def test_every_field_is_explained():
    listed = re.findall(r"^\| (`\w+`(?:, `\w+`)*) ", OPERATE, re.MULTILINE)
    explained = {name.strip("`") for names in listed for name in names.split(", ")}
    observation = observed.Observed("a", "b", True, 1, "hit", "public", "c")
    always = {"time", "level", "logger", "message", "request_id", "exception"}
    of_requests = {"method", "path", "status", "ms", "sql", "sql_ms", "user"} | set(observation.fields(200))
    assert always | of_requests | {"job", "attempt", "outcome"} <= explained
