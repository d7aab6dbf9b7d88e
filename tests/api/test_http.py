"""GraphQL over HTTP: what cannot be read is refused with a clear error and a code, and nothing is a 500."""

import json

import pytest

pytestmark = pytest.mark.django_db

BODIES = {
    "not JSON": b"{",
    "empty": b"",
    "null": b"null",
    "a text": b'"{ site { name } }"',
    "a number": b"5",
    "a list": b"[]",
    "an object without a query": b"{}",
    "a query that is null": b'{"query": null}',
    "a query that is a number": b'{"query": 5}',
    "an empty query": b'{"query": "  "}',
    "variables that are a list": b'{"query": "{ __typename }", "variables": []}',
    "variables that are a text": b'{"query": "{ __typename }", "variables": "x"}',
    "an operation name that is a list": b'{"query": "{ __typename }", "operationName": []}',
    "not UTF-8": b'{"query": "\xff\xfe"}',
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "a number of 5000 digits": b'{"query": ' + b"9" * 5000 + b"}",
    "a list 100,000 deep": b"[" * 100_000,
    "a lone surrogate": b'{"query": "\\ud800"}',
    "a NUL": b'{"query": "\\u0000"}',
}


def codes(response):
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_cannot_be_read_is_refused(client, body):
    response = client.generic("POST", "/graphql", body, content_type="application/json")
    assert 400 <= response.status_code < 500
    assert response["Content-Type"].startswith("application/json")
    assert set(response.json()) == {"errors"}
    assert codes(response)[0] in ("BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED")
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ site {", "GRAPHQL_PARSE_FAILED"),
        ("{ nothingLikeThat }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { publish }", "GRAPHQL_VALIDATION_FAILED"),
        ("{" * 5000, "GRAPHQL_PARSE_FAILED"),
        ("{ a" * 400 + "}" * 400, "LIMIT_EXCEEDED"),
        ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
        ("query ($first: Int) { tools(first: 1) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_a_query_that_cannot_be_run_is_refused(client, query, code):
    response = client.post("/graphql", {"query": query}, content_type="application/json")
    assert response.status_code == 400
    assert set(response.json()) == {"errors"}
    assert codes(response)[0] == code


def test_a_variable_that_does_not_fit_is_named(client):
    body = {"query": "query ($path: String!) { page(path: $path) { title } }", "variables": {"path": 5}}
    response = client.post("/graphql", body, content_type="application/json")
    assert response.status_code == 400
    assert codes(response) == ["BAD_USER_INPUT"]
    assert "$path" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("address", ["/graphql", "/graphql/"])
def test_both_addresses_answer_get_and_post(client, address):
    expected = {"data": {"__typename": "Query"}, "extensions": {"cost": {"cost": 1, "limit": 50_000}}}
    assert client.get(address, {"query": "{ __typename }"}).json() == expected
    assert client.post(address, {"query": "{ __typename }"}, content_type="application/json").json() == expected


def test_get_takes_variables(client):
    query = "query Which($path: String!) { page(path: $path) { title } }"
    given = {"query": query, "variables": json.dumps({"path": "/none/"}), "operationName": "Which"}
    assert client.get("/graphql", given).json()["data"] == {"page": None}


def test_other_methods_and_types_are_refused(client):
    put = client.put("/graphql", {"query": "{ __typename }"}, content_type="application/json")
    assert (put.status_code, put["Allow"]) == (405, "GET, POST, OPTIONS")
    form = client.post("/graphql", {"query": "{ __typename }"})
    assert form.status_code == 415
    assert codes(form) == ["BAD_USER_INPUT"]


def test_a_body_that_is_too_long_is_refused(client):
    response = client.post("/graphql", {"query": "#" * 200_000 + "{ __typename }"}, content_type="application/json")
    assert response.status_code == 413
    assert codes(response) == ["LIMIT_EXCEEDED"]


def test_the_answer_has_the_type_that_was_asked_for(client):
    asked = "application/graphql-response+json"
    response = client.post("/graphql", {"query": "{ __typename }"}, content_type="application/json", HTTP_ACCEPT=asked)
    assert response["Content-Type"] == f"{asked}; charset=utf-8"


def test_introspection_and_the_query_page_are_for_development_only(client, settings):
    query = {"query": "{ __schema { types { name } } }"}
    refused = client.post("/graphql", query, content_type="application/json")
    assert (refused.status_code, codes(refused)[0]) == (400, "GRAPHQL_VALIDATION_FAILED")
    assert client.get("/graphql", HTTP_ACCEPT="text/html").status_code == 400
    settings.DEBUG = True
    assert "errors" not in client.post("/graphql", query, content_type="application/json").json()
    assert b"GraphiQL" in client.get("/graphql", HTTP_ACCEPT="text/html").content


@pytest.mark.parametrize(
    ("origin", "may_send_tokens"), [("https://reader.example", True), ("https://else.example", False)]
)
def test_any_origin_may_ask_and_only_our_own_may_send_a_token(client, settings, origin, may_send_tokens):
    settings.BEARER_ORIGINS = ["https://reader.example"]
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    preflight = client.options("/graphql", headers=headers)
    assert preflight["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in preflight
    allowed = preflight["Access-Control-Allow-Headers"].split(", ")
    assert "content-type" in allowed
    assert ("authorization" in allowed) == may_send_tokens
    assert client.get("/graphql", {"query": "{ __typename }"}, headers=headers)["Access-Control-Allow-Origin"] == "*"


def test_what_we_did_not_foresee_is_told_without_its_words(client, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("api.documents.read.Reader.get", broken)
    response = client.post("/graphql", {"query": '{ node(id: "page:1") { id } }'}, content_type="application/json")
    assert codes(response) == ["INTERNAL"]
    assert "hunter2" not in response.content.decode()


def test_a_session_cookie_changes_nothing(admin_client, client):
    query = {"query": "{ site { name } tools { totalCount } preview { path } }"}
    with_cookie = admin_client.post("/graphql", query, content_type="application/json")
    without = client.post("/graphql", query, content_type="application/json")
    assert with_cookie.content == without.content
    assert not with_cookie.cookies


@pytest.mark.parametrize(("first", "ok"), [(0, False), (1, True), (100, True), (101, False), (-1, False)])
def test_a_page_has_1_to_100_entries(client, first, ok):
    response = client.post(
        "/graphql", {"query": f"{{ tools(first: {first}) {{ nodes {{ id }} }} }}"}, content_type="application/json"
    )
    if ok:
        assert response.json()["data"] == {"tools": {"nodes": []}}
    else:
        assert codes(response) == ["BAD_USER_INPUT"]
        assert response.json()["errors"][0]["message"] == f"`first` is 1 to 100, not {first}."


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "WyJ0aXRsZSIsIDUsICJhIl0=", "\ud83d", "W10="])
def test_a_cursor_that_is_none_is_refused(client, cursor):
    body = {"query": "query ($after: String) { tools(after: $after) { nodes { id } } }", "variables": {"after": cursor}}
    assert codes(client.post("/graphql", body, content_type="application/json")) == ["BAD_USER_INPUT"]
    feed = {
        "query": "query ($after: String) { changes(after: $after) { nodes { id } } }",
        "variables": body["variables"],
    }
    assert codes(client.post("/graphql", feed, content_type="application/json")) == ["BAD_USER_INPUT"]
