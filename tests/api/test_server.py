"""The server of production, with its settings: what only gunicorn and a socket can show."""

import pytest

from tests.server import BEHIND_TLS, serving

pytestmark = pytest.mark.django_db
QUERY = "/graphql?query=%7B__typename%7D"
ANSWER = b'{"data": {"__typename": "Query"}, "extensions": {"cost": {"cost": 1, "limit": 50000}}}'


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def ask(server):
    return server.ask


def test_it_answers(ask):
    response, content = ask(QUERY)
    assert (response.status, content) == (200, ANSWER)
    assert response.getheader("Set-Cookie") is None
    assert "cookie" not in response.getheader("Vary").lower()


def test_a_front_end_beside_it_asks_without_tls(ask):
    response, content = ask(QUERY, {"Host": "cms.example.com"})
    assert (response.status, content) == (200, ANSWER)


def test_a_forwarding_header_with_underscores_is_ignored(ask):
    response, _ = ask("/admin/login/", {"Host": "cms.example.com", "X_Forwarded_Proto": "https"})
    assert (response.status, response.getheader("Location")) == (301, "https://cms.example.com/admin/login/")
    response, content = ask(
        QUERY, {**BEHIND_TLS, "X_Forwarded_Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )
    assert (response.status, content) == (200, ANSWER)


@pytest.mark.parametrize("header", [{"X-Forwarded-Ssl": "on"}, {"X-Forwarded-Protocol": "ssl"}])
def test_no_other_header_says_that_a_browser_spoke_https(ask, header):
    response, _ = ask("/admin/login/", {"Host": "cms.example.com", **header})
    assert (response.status, response.getheader("Location")) == (301, "https://cms.example.com/admin/login/")


def test_no_header_says_where_the_site_begins(ask):
    response, content = ask(f"/elsewhere{QUERY}", {**BEHIND_TLS, "SCRIPT_NAME": "/elsewhere"})
    assert response.status == 404
    assert b"__typename" not in content


@pytest.mark.parametrize("host", ["evil.example", "cms.example.com.evil.example", "cms.example.com@evil.example"])
def test_another_host_name_is_refused(ask, host):
    response, content = ask(QUERY, {**BEHIND_TLS, "Host": host})
    assert response.status == 400
    assert b"evil" not in content
    assert b"__typename" not in content


@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "idna", "utf-16", "base64", "none"])
def test_no_charset_is_a_server_error(ask, charset):
    response, content = ask(QUERY, {**BEHIND_TLS, "Content-Type": f"application/json; charset={charset}"})
    assert response.status in (200, 400)
    assert content == ANSWER or b'"BAD_USER_INPUT"' in content


def test_there_is_no_page_to_try_queries_on_and_no_introspection(ask):
    response, content = ask("/graphql", {**BEHIND_TLS, "Accept": "text/html, */*;q=0.8"})
    assert (response.status, response.getheader("Content-Type")) == (400, "application/json; charset=utf-8")
    assert b"html" not in content
    for query in ("%7B__schema%7Btypes%7Bname%7D%7D%7D", "%7B__type(name:%22Tool%22)%7Bname%7D%7D"):
        _, content = ask(f"/graphql?query={query}")
        assert b'"GRAPHQL_VALIDATION_FAILED"' in content
        assert b'"data"' not in content


def test_head_has_the_headers_of_get_and_no_body(ask):
    (got, _), (head, content) = ask(QUERY), ask(QUERY, method="HEAD")
    assert (head.status, content) == (200, b"")
    assert head.getheader("Content-Length") == got.getheader("Content-Length") == str(len(ANSWER))


def test_a_websocket_is_not_opened(ask):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "eA==",
    }
    response, content = ask(QUERY, {**BEHIND_TLS, **upgrade})
    assert (response.status, content) == (200, ANSWER)
