"""What strangers send: whatever cannot be answered is refused with a JSON error of the closed list, never with a 500, and
nothing that was sent changes anything or reaches a log as it is.
"""

import base64
import io
import json
import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import errors
from api.documents.models import Document, Event
from tests import factories

pytestmark = pytest.mark.django_db

JSON, GRAPHQL_JSON = "application/json", "application/graphql-response+json"
CODES = {value for name, value in vars(errors).items() if name.isupper() and isinstance(value, str)}
BY_PATH = "query ($path: String!) { page(path: $path) { id } }"


def with_query(value):
    return b'{"query": ' + value + b"}"


def beside_query(value):
    return b'{"query": "{ __typename }", ' + value + b"}"


def with_path(value):
    return json.dumps({"query": BY_PATH}).encode()[:-1] + b', "variables": {"path": ' + value + b"}}"


BODIES = {
    "no JSON": b"{",
    "nothing": b"",
    "white space": b" \n ",
    "null": b"null",
    "true": b"true",
    "a text": b'"{ __typename }"',
    "a number": b"5",
    "a list": b"[]",
    "a batch": b'[{"query": "{ __typename }"}]',
    "NaN": b"NaN",
    "an object without a query": b"{}",
    "a name misspelt": b'{"qeury": "{ __typename }"}',
    "an object that does not end": b'{"query": "{ __typename }"',
    "two objects": b'{"query": "{ __typename }"}{"query": "{ __typename }"}',
    "a comma too many": b'{"query": "{ __typename }",}',
    "single quotes": b"{'query': '{ __typename }'}",
    "a form": b"query=%7B__typename%7D",
    "a GraphQL document": b"{ __typename }",
    "HTML": b"<script>alert(1)</script>",
    "a comment": b'{"query": "{ __typename }" /* so */}',
    "a line break inside a text": b'{"query": "{\n__typename }"}',
    "a query that is null": with_query(b"null"),
    "a query that is a number": with_query(b"5"),
    "a query that is false": with_query(b"false"),
    "a query that is a list": with_query(b'["{ __typename }"]'),
    "a query that is an object": with_query(b'{"a": 1}'),
    "an empty query": with_query(b'""'),
    "a query of white space": with_query(b'" \\n\\t "'),
    "a query that is a comment": with_query(b'"# nothing"'),
    "a query of half a surrogate pair": with_query(b'"\\ud800"'),
    "a query of half a pair in a text": with_query(b'"{ page(path: \\"\\udc00\\") { id } }"'),
    "a query with an escaped half of a pair": with_query(b'"{ page(path: \\"\\\\ud800\\") { id } }"'),
    "a query with the halves in the wrong order": with_query(b'"{ page(path: \\"\\udc00\\ud800\\") { id } }"'),
    "a query that is NUL": with_query(b'"\\u0000"'),
    "a query with NUL in a comment": with_query(b'"{ __typename } # \\u0000"'),
    "a query with an escaped NUL": with_query(b'"{ page(path: \\"\\\\u0000\\") { id } }"'),
    "a query with NUL in braces": with_query(b'"{ page(path: \\"a\\\\u{000}\\") { id } }"'),
    "a query with NUL after a backslash": with_query(b'"{ page(path: \\"\\\\\\\\\\\\u0000\\") { id } }"'),
    "a number of 5000 digits": with_query(b"9" * 5000),
    "a variable of 5000 digits": with_path(b"9" * 5000),
    "a literal of 5000 digits": with_query(b'"{ tools(first: ' + b"9" * 5000 + b') { totalCount } }"'),
    "a variable of 4000 digits": with_path(b"9" * 4000),
    "a variable that is NaN": with_path(b"NaN"),
    "a variable that is infinite": with_path(b"-Infinity"),
    "a variable too large to be finite": with_path(b"1e999"),
    "a variable with NUL": with_path(b'"/a\\u0000b/"'),
    "a variable with half a pair": with_path(b'"/a\\ud800b/"'),
    "a variable with the other half": with_path(b'"\\udfff"'),
    "a variable of another type": with_path(b"5"),
    "a variable that is a list": with_path(b'["/", "/"]'),
    "a variable that is null": with_path(b"null"),
    "half a pair as a variable's name": beside_query(b'"variables": {"\\ud800": 1}'),
    "half a pair deep in a variable": beside_query(b'"variables": {"a": [[{"b": "\\ud800"}]]}'),
    "variables that are a list": beside_query(b'"variables": []'),
    "variables that are a text": beside_query(b'"variables": "{}"'),
    "variables that are a number": beside_query(b'"variables": 0'),
    "variables that are false": beside_query(b'"variables": false'),
    "variables 100,000 deep": beside_query(b'"variables": ' + b"[" * 90_000),
    "extensions that are a list": beside_query(b'"extensions": []'),
    "extensions that are a text": beside_query(b'"extensions": "x"'),
    "extensions that are a number": beside_query(b'"extensions": 1'),
    "extensions that are true": beside_query(b'"extensions": true'),
    "NaN deep in extensions": beside_query(b'"extensions": {"a": [NaN]}'),
    "infinity in extensions": beside_query(b'"extensions": {"a": Infinity}'),
    "an operation name that is a list": beside_query(b'"operationName": []'),
    "an operation name that is a number": beside_query(b'"operationName": 0'),
    "an operation name that is an object": beside_query(b'"operationName": {}'),
    "an operation name that nothing has": beside_query(b'"operationName": "Other"'),
    "an operation name of 50,000 characters": beside_query(b'"operationName": "' + b"n" * 50_000 + b'"'),
    "an operation name of control characters": beside_query(b'"operationName": "\\r\\n\\u001b[31m"'),
    "an operation name with half a pair": beside_query(b'"operationName": "\\ud800"'),
    "a document's id that is a number": b'{"documentId": 5}',
    "a document's id of another form": b'{"documentId": "5"}',
    "two queries": b'{"query": "{ __typename }", "query": "{ site { name } }"}',
    "a variable twice": beside_query(b'"variables": {"a": 1, "a": 2}'),
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"query": "{ __typename }"}'.encode("utf-16-le"),
    "UTF-32": '{"query": "{ __typename }"}'.encode("utf-32"),
    "UTF-8 with a mark": '{"query": "{ __typename }"}'.encode("utf-8-sig"),
    "Latin-1": '{"query": "{ __typename } # é"}'.encode("latin-1"),
    "no encoding at all": b'{"query": "\xff\xfe"}',
    "an overlong slash": b'{"query": "\xc0\xaf"}',
    "half a pair in UTF-8": b'{"query": "{ __typename } # \xed\xa0\x80"}',
    "a list 100,000 deep": b"[" * 100_000,
    "objects 10,000 deep": b'{"a":' * 10_000,
    "a query that does not end": with_query(b'"{ site {"'),
    "5,000 open braces": with_query(b'"' + b"{" * 5000 + b'"'),
    "400 levels": with_query(b'"' + b"{ a" * 400 + b"}" * 400 + b'"'),
    "an unknown field": with_query(b'"{ nothingLikeThat }"'),
    "a variable that is not used": with_query(b'"query ($first: Int) { __typename }"'),
    "a choice of operations": with_query(b'"query A { __typename } query B { __typename }"'),
    "a mutation": with_query(b'"mutation { publish }"'),
    "a mutation of nothing": with_query(b'"mutation { __typename }"'),
    "a subscription": with_query(b'"subscription { changes }"'),
    "a mutation beside a query": with_query(b'"mutation A { publish } query B { __typename }"'),
    "a definition of a type": with_query(b'"{ __typename } type Query { a: Int }"'),
    "introspection": with_query(b'"{ __schema { types { name } } }"'),
    "introspection of one type": with_query(b'"{ __type(name: \\"Tool\\") { name } }"'),
    "a long body": with_query(b'"#' + b"x" * 200_000 + b'"'),
    "a body of megabytes": b" " * 3_000_000,
}


def assert_refused(response, *statuses):
    """A JSON error of the closed list, for nobody else's eyes, and no word of how we are made."""
    assert response.status_code in (statuses or range(400, 500)), response.content[:500]
    assert response["Content-Type"] in (f"{JSON}; charset=utf-8", f"{GRAPHQL_JSON}; charset=utf-8")
    assert response["Cache-Control"] == "private, no-store"
    answer = response.json()
    assert set(answer) == {"errors"}
    assert answer["errors"]
    for error in answer["errors"]:
        assert error["extensions"]["code"] in CODES - {errors.INTERNAL}
        assert 5 < len(error["message"]) < 5_500
    for word in (b"Traceback", b'File "', b"site-packages", b"psycopg", b"set_int_max_str_digits", b"Exception"):
        assert word not in response.content
    return answer["errors"]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_cannot_be_answered_is_refused(client, body):
    headers = {"accept": GRAPHQL_JSON}
    assert_refused(client.generic("POST", "/graphql", body, content_type=JSON, headers=headers))


ADDRESSES = {
    "nothing": "",
    "no query": "variables={}",
    "an empty query": "query=",
    "bytes that are no text": "query=%7B__typename%7D%23%FF",
    "half a pair": "query=%7B__typename%7D%23%ED%A0%80",
    "letters that are not encoded": "query={__typename}#é".encode().decode("latin-1"),
    "NUL": "query=%00",
    "NUL in a text": "query=%7Bpage(path:%22%00%22)%7Bid%7D%7D",
    "NUL that is escaped in a text": "query=%7Bpage(path:%22%5Cu0000%22)%7Bid%7D%7D",
    "NUL in a variable": "query=%7B__typename%7D&variables=%7B%22a%22:%22%00%22%7D",
    "NUL that is escaped in a variable": "query=%7B__typename%7D&variables=%7B%22a%22:%22%5Cu0000%22%7D",
    "half a pair in a variable": "query=%7B__typename%7D&variables=%7B%22a%22:%22%5Cud800%22%7D",
    "two queries": "query=%7B__typename%7D&query=%7Bsite%7Bname%7D%7D",
    "variables that are no JSON": "query=%7B__typename%7D&variables=x",
    "variables that are a list": "query=%7B__typename%7D&variables=[]",
    "extensions that are a list": "query=%7B__typename%7D&extensions=[]",
    "extensions that are no JSON": "query=%7B__typename%7D&extensions={",
    "a mutation": "query=mutation%7Bpublish%7D",
    "a hundred parameters": "&".join(f"a{number}=" for number in range(100)) + "&query=%7B__typename%7D",
    "line breaks in the name of the operation": "query=%7B__typename%7D&operationName=a%0D%0Ab%1B",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_an_address_that_cannot_be_answered_is_refused(client, address):
    # Not through the client's parameters, which would encode it.
    headers = {"accept": GRAPHQL_JSON}
    assert_refused(client.generic("GET", "/graphql", QUERY_STRING=address, headers=headers))


@pytest.mark.parametrize(
    "query", ["mutation { publish }", "subscription { a }", "query A { __typename } mutation B { b }"]
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON])
def test_what_is_no_query_is_no_matter_for_get(client, query, accept):
    response = client.get("/graphql", {"query": query}, headers={"accept": accept})
    (error,) = assert_refused(response, 405)
    assert error["message"] == "Only queries are served."
    assert response["Allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize("kind", ["mutation", "subscription"])
def test_what_is_no_query_is_refused_in_words(client, kind):
    response = client.post(
        "/graphql", {"query": f"{kind} {{ a }}"}, content_type=JSON, headers={"accept": GRAPHQL_JSON}
    )
    (error,) = assert_refused(response, 400)
    assert error["message"] == f"The {kind} operation is not supported by the schema."


TYPES = [
    "",
    "text/plain",
    "text/json",
    "application/graphql",
    "application/graphql+json",
    "application/graphql-response+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application/json, text/plain",
    "application/json; charset=utf-16",
    "application/json; charset=latin-1",
    "application/json; charset=utf-7",
    "application/json; charset=nothing-like-that",
    'application/json; charset="',
    "application",
    ";",
    "*/*",
]


@pytest.mark.parametrize("content_type", TYPES)
def test_a_body_of_another_type_or_encoding_is_refused(client, content_type):
    body = b'{"query": "{ __typename }"}'
    response = client.generic("POST", "/graphql", body, content_type=content_type or None)
    assert_refused(response, 415)
    assert response["Accept"] == JSON


def test_a_compressed_body_is_refused(client):
    headers = {"content-encoding": "gzip"}
    assert_refused(client.post("/graphql", {"query": "{ __typename }"}, content_type=JSON, headers=headers), 415)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-16", "text/plain; charset=utf-7", "x; charset=x"]
)
def test_an_address_is_read_as_utf_8_whatever_the_type_of_no_body(client, content_type):
    query = {"query": '{ __typename } # "é"'}
    assert client.get("/graphql", query, CONTENT_TYPE=content_type).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY", "GE", "POST, GET"])
def test_another_method_is_refused(client, method):
    response = client.generic(method, "/graphql", b'{"query": "{ __typename }"}', content_type=JSON)
    assert_refused(response, 405)
    assert response["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_a_body_that_ends_early_is_refused(client):
    class Torn(io.RawIOBase):
        def read(self, *_):
            raise OSError("the client is gone")

    assert_refused(client.post("/graphql", content_type=JSON, CONTENT_LENGTH=10, **{"wsgi.input": Torn()}), 400)


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


CURSORS = {
    "nothing": "",
    "no base64": "x",
    "no JSON": "AAAA",
    "another order's": cursor('["published-asc", "2026-01-01T00:00:00+00:00", "page:1"]'),
    "a moment outside the calendar": cursor('["published-desc", "0001-01-01T00:00:00+23:00", "page:1"]'),
    "a date of no calendar": cursor('["published-desc", "2026-13-01", "page:1"]'),
    "a path with NUL": cursor('["path", "\\u0000", "page:1"]'),
    "no list": cursor("5"),
    "a list of nothing": cursor("[]"),
    "NUL": cursor('["title", "\\u0000", "page:1"]'),
    "a number for a title": cursor('["title", 5, "page:1"]'),
    "NUL in a key": cursor('["title", "a", "page:\\u0000"]'),
    "half a pair": cursor('["title", "\\ud800", "page:1"]'),
    "lists without end": cursor("[" * 1_400),
    "infinity": cursor('["generation", Infinity, 1]'),
    "numbers of 30 digits": cursor('["generation", ' + "9" * 30 + ", 1]"),
    "a number below zero": cursor('["generation", 1, -' + "9" * 30 + "]"),
    "not ASCII": "é",
}


@pytest.mark.parametrize("root", ["tools", "articles", "changes", "topics", "pages"])
@pytest.mark.parametrize("after", CURSORS.values(), ids=CURSORS.keys())
def test_a_cursor_that_is_none_is_refused(client, root, after):
    query = f"query ($after: String) {{ {root}(after: $after) {{ nodes {{ id }} }} }}"
    response = client.post("/graphql", {"query": query, "variables": {"after": after}}, content_type=JSON)
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert response["Cache-Control"] == "private, no-store"


def test_a_cursor_of_a_moment_without_an_offset_is_taken_for_utc(client):
    after = cursor('["published-desc", "2026-01-01", "page:1"]')
    query = f'{{ articles(after: "{after}") {{ nodes {{ id }} }} }}'
    assert client.post("/graphql", {"query": query}, content_type=JSON).json()["data"] == {"articles": {"nodes": []}}


def test_an_argument_may_hold_every_character_that_can_be_stored(client):
    path = "/\x01\r\n\x1b \\u0000 é 🏃 \uffff \ufdd0 '\"; -- %00/"
    for body in (
        {"query": BY_PATH, "variables": {"path": path}},
        {"query": f"{{ page(path: {json.dumps(path)}) {{ id }} }}"},
    ):
        assert client.post("/graphql", body, content_type=JSON).json()["data"] == {"page": None}


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01",
    ],
)
@pytest.mark.parametrize("name", ["publishedAfter", "publishedBefore"])
def test_every_moment_can_be_asked_for(client, moment, name):
    query = f'{{ articles(filter: {{{name}: "{moment}"}}) {{ totalCount nodes {{ id }} }} }}'
    answer = client.post("/graphql", {"query": query}, content_type=JSON).json()
    assert answer.get("data") or [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"], (
        answer
    )


@pytest.fixture
def told(caplog):
    """Every message that was logged, as one line of it would read."""
    caplog.set_level(logging.DEBUG)
    return lambda: [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]


@pytest.mark.parametrize("poison", ["a\r\nb", "\x1b[31mred", "a\x00b", "a\u2028b", "\x7f\x9b1m"])
def test_nothing_that_was_sent_breaks_a_line_of_the_log(client, told, poison, monkeypatch):
    def broken(*_):
        raise RuntimeError(poison)

    monkeypatch.setattr("api.documents.read.Reader.get", broken)
    document = {"query": f"query ($a: ID!) {{ node(id: $a) {{ id }} }} # {poison}", "variables": {"a": poison}}
    client.post("/graphql", {**document, "operationName": poison}, content_type=JSON)
    client.post("/graphql", document, content_type=JSON)
    client.get("/graphql", {"query": poison, "operationName": poison, "variables": poison})
    client.get("/graphql", {"query": "{ node(id: 1) { id } }", poison: poison})
    client.get(f"/graphql/{poison}/")
    for name in ("accept", "authorization", "content-type", "user-agent", "referer", "origin", "x-request-id"):
        client.get("/graphql", {"query": "{ __typename }"}, headers={name: poison})
    messages = told()
    assert any("A resolver failed" in message for message in messages)
    assert [message for message in messages if not message.isprintable()] == []


@pytest.mark.parametrize(
    "query", ["{ site { name } tools { totalCount } preview { path } }", "{ nothingLikeThat }", "{"]
)
def test_a_session_cookie_changes_nothing(admin_client, client, query):
    factories.ToolPageFactory()
    for ask in ("get", "post"):
        extra = {"content_type": JSON} if ask == "post" else {}
        signed_in, anonymous = (
            getattr(each, ask)("/graphql", {"query": query}, **extra) for each in (admin_client, client)
        )
        assert signed_in.content == anonymous.content
        # The second one may have been kept from the first.
        own = {"Cache-Status": "", "X-Request-ID": ""}
        assert {**signed_in.headers, **own} == {**anonymous.headers, **own}
        assert not signed_in.cookies
        assert "Set-Cookie" not in signed_in
        assert "cookie" not in signed_in["Vary"].lower()


@pytest.mark.parametrize("query", ["{ site { name } tools { totalCount nodes { id } } }", "mutation { publish }", "{"])
def test_get_only_reads(client, query):
    factories.ToolPageFactory()
    before = list(Document.objects.values()), list(Event.objects.values())
    with CaptureQueriesContext(connection) as queries:
        client.get("/graphql", {"query": query})
    assert [each["sql"] for each in queries if not each["sql"].startswith("SELECT")] == []
    assert (list(Document.objects.values()), list(Event.objects.values())) == before


def test_an_upgrade_to_a_websocket_is_not_offered(client):
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "eCBvZiB4",
        "sec-websocket-protocol": "graphql-transport-ws",
    }
    response = client.get("/graphql", {"query": "{ __typename }"}, headers=headers)
    assert (response.status_code, response.json()["data"]) == (200, {"__typename": "Query"})
    assert "Upgrade" not in response
    assert "Sec-WebSocket-Accept" not in response
