"""GraphQL over HTTP: what cannot be read is refused with a clear error and a code, and nothing is a 500."""

import json

import pytest

pytestmark = pytest.mark.django_db


def codes(response):
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize("address", ["/graphql", "/graphql/"])
def test_both_addresses_answer_get_and_post(client, address):
    expected = {"data": {"__typename": "Query"}, "extensions": {"cost": {"cost": 1, "limit": 50_000}}}
    assert client.get(address, {"query": "{ __typename }"}).json() == expected
    assert client.post(address, {"query": "{ __typename }"}, content_type="application/json").json() == expected


def test_get_takes_variables(client):
    query = "query Which($path: String!) { page(path: $path) { title } }"
    given = {"query": query, "variables": json.dumps({"path": "/none/"}), "operationName": "Which"}
    assert client.get("/graphql", given).json()["data"] == {"page": None}


JSON, GRAPHQL_JSON = "application/json", "application/graphql-response+json"
ACCEPTED = [
    (None, JSON),
    ("", JSON),
    ("*/*", JSON),
    ("application/*", JSON),
    (JSON, JSON),
    (GRAPHQL_JSON, GRAPHQL_JSON),
    (f"{GRAPHQL_JSON}, {JSON}", GRAPHQL_JSON),
    (f"{JSON}, {GRAPHQL_JSON}", JSON),
    (f"{JSON};q=0.9, {GRAPHQL_JSON}", GRAPHQL_JSON),
    (f"{GRAPHQL_JSON};q=0.8, {JSON};q=0.9", JSON),
    (f"{GRAPHQL_JSON}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL_JSON),
    (f"{GRAPHQL_JSON};charset=UTF-8", GRAPHQL_JSON),
    ("Application/GraphQL-Response+JSON", GRAPHQL_JSON),
    (f"*/*, {GRAPHQL_JSON}", GRAPHQL_JSON),
    (f"*/*, {GRAPHQL_JSON};q=0.5", JSON),
    (f"*/*, {JSON};q=0", GRAPHQL_JSON),
    ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
    (f"text/event-stream, {JSON}", JSON),
    ("text/html", None),
    ("image/*", None),
    (f"{JSON};q=0", None),
    (f"{JSON}; charset=utf-16", None),
    ("nonsense", None),
    (",;,=", None),
]


@pytest.mark.parametrize(("accept", "expected"), ACCEPTED)
def test_the_answer_has_the_type_that_the_client_likes_best(client, accept, expected):
    headers = {} if accept is None else {"accept": accept}
    response = client.get("/graphql", {"query": "{ __typename }"}, headers=headers)
    assert "Accept" in response["Vary"]
    assert response["Content-Type"] == f"{expected or JSON}; charset=utf-8"
    if expected:
        assert response.json()["data"] == {"__typename": "Query"}
    else:
        assert (response.status_code, codes(response)) == (406, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), ("*/*", 200), (GRAPHQL_JSON, 400)])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{ site {"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothingLikeThat }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_USER_INPUT"),
        (
            {"query": "query ($path: String!) { page(path: $path) { title } }", "variables": {"path": 5}},
            "BAD_USER_INPUT",
        ),
    ],
)
def test_only_the_newer_type_tells_by_its_status_that_nothing_was_executed(client, accept, status, body, code):
    response = client.post("/graphql", body, content_type=JSON, headers={"accept": accept})
    assert response.status_code == status
    assert set(response.json()) == {"errors"}
    assert codes(response)[0] == code
    assert response["Cache-Control"] == "private, no-store"


def test_a_field_that_failed_is_a_200_with_data(client, monkeypatch):
    monkeypatch.setattr("api.documents.read.Reader.get", lambda *_: 1 / 0)
    for accept in (JSON, GRAPHQL_JSON):
        response = client.get("/graphql", {"query": '{ node(id: "page:1") { id } }'}, headers={"accept": accept})
        assert (response.status_code, codes(response)) == (200, ["INTERNAL"])
        assert response.json()["data"] == {"node": None}


@pytest.mark.parametrize("content_type", [f"{JSON}; charset=utf-8", f'{JSON};charset="UTF-8"', f"{JSON}; charset=utf8"])
def test_a_body_in_utf_8_may_say_so(client, content_type):
    body = json.dumps({"query": "{ __typename } # Straße 🏃"}, ensure_ascii=False).encode()
    answer = client.generic("POST", "/graphql", body, content_type=content_type).json()
    assert answer["data"] == {"__typename": "Query"}


def test_head_is_get_without_the_body(client):
    got, head = (ask("/graphql", {"query": "{ __typename }"}) for ask in (client.get, client.head))
    assert (head.status_code, head.content) == (200, b"")
    assert (got["Cache-Status"], head["Cache-Status"]) == ("toolshelf; fwd=miss", "toolshelf; hit")
    own = {name: head[name] for name in ("Cache-Status", "X-Request-ID")}
    assert head.headers == {**got.headers, **own}


def test_options_says_what_there_is(client):
    response = client.options("/graphql")
    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_introspection_and_the_query_page_are_for_development_only(client, settings):
    query = {"query": "{ __schema { types { name } } }"}
    refused = client.post("/graphql", query, content_type=JSON)
    assert codes(refused) == ["GRAPHQL_VALIDATION_FAILED"] * 2
    assert "data" not in refused.json()
    page = client.get("/graphql", HTTP_ACCEPT="text/html, */*;q=0.8")
    assert (page.status_code, page["Content-Type"]) == (400, "application/json; charset=utf-8")
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


def test_a_fault_before_anything_was_executed_is_told_in_json_too(client, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("api.views.Reader", broken)
    response = client.get("/graphql", {"query": "{ __typename }"})
    assert (response.status_code, codes(response)) == (500, ["INTERNAL"])
    assert (response["Content-Type"], response["Cache-Control"]) == (f"{JSON}; charset=utf-8", "private, no-store")
    assert "hunter2" not in response.content.decode()


def test_what_we_did_not_foresee_is_told_without_its_words(client, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("api.documents.read.Reader.get", broken)
    response = client.post("/graphql", {"query": '{ node(id: "page:1") { id } }'}, content_type="application/json")
    assert codes(response) == ["INTERNAL"]
    assert "hunter2" not in response.content.decode()


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
