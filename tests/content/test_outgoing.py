"""Asking other servers: never one that only this machine can reach, and each answer in words."""

import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from content import outgoing
from content.outgoing import Refused, Unreachable, is_public, status_of


class Server(BaseHTTPRequestHandler):
    """Answers "/200" with 200, redirects "/to/…" to what follows, and "/round" to itself."""

    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        if self.path.startswith("/to/"):
            self.answer(302, self.path.removeprefix("/to/"))
        elif self.path == "/round":
            self.answer(302, "/round")
        else:
            self.answer(int(self.path.strip("/").partition("?")[0]))

    def answer(self, status, location=None):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(running):
    Server.asked = []
    return running


@pytest.fixture(scope="module")
def running():
    running = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=running.serve_forever, args=[0.02])
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def loopback(monkeypatch):
    """Only here may the address 127.0.0.1 be asked."""
    monkeypatch.setattr(outgoing, "is_public", lambda address: address == "127.0.0.1" or is_public(address))
    monkeypatch.setattr(outgoing, "is_allowed_port", lambda port: True)


@pytest.mark.parametrize("status", [200, 204, 404, 410, 500])
def test_the_status_is_told(server, loopback, status):
    assert status_of(f"{server}/{status}?a=b#c") == status
    assert Server.asked == [f"/{status}?a=b"]


def test_redirects_are_followed(server, loopback):
    assert status_of(f"{server}/to//to//404") == 404
    with pytest.raises(Unreachable, match="redirects more than five times"):
        status_of(f"{server}/round")


def test_a_redirect_to_a_private_address_is_refused(server, loopback):
    with pytest.raises(Refused):
        status_of(f"{server}/to/http://169.254.169.254/latest/")
    with pytest.raises(Refused):
        status_of(f"{server}/to/file:///etc/passwd")


def test_nobody_there_is_unreachable(server, loopback):
    port = int(server.rpartition(":")[2])
    free = port + 1 if port < 65535 else port - 1
    with pytest.raises(Unreachable, match="could not be reached"):
        status_of(f"http://127.0.0.1:{free}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://user@127.0.0.1/",
        "http://93.184.216.34:22/",
        "https://93.184.216.34:8443/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "javascript:alert(1)",
        "//127.0.0.1/",
        "http:///",
        "",
    ],
)
def test_what_is_not_of_the_public_web_is_not_asked(server, monkeypatch, url):
    def connect(*args, **kwargs):
        raise AssertionError("a connection was made")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises((Refused, Unreachable)) as refusal:
        status_of(url)
    assert "AssertionError" not in repr(refusal.value.__cause__)
    assert Server.asked == []


@pytest.fixture
def listener():
    """Takes connections on every address of this machine, and keeps who came."""
    listening = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    listening.settimeout(0.01)

    def came():
        found = []
        try:
            while True:
                connection, address = listening.accept()
                connection.close()
                found.append(address)
        except TimeoutError:
            return found

    yield listening.getsockname()[1], came
    listening.close()


DISGUISES = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.01",
    "0",
    "0.0.0.0",
    "127.255.255.254",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[::1%25lo]",
    "\u2460\u2461\u2466.0.0.1",
    "127\u30020.0.1",
    "%31%32%37.0.0.1",
    "user:password@127.0.0.1",
    "example.com@127.0.0.1",
    "example.com%2f@127.0.0.1",
]


@pytest.mark.parametrize("ask", [status_of, lambda url: outgoing.post(url, b"{}", {})], ids=["get", "post"])
@pytest.mark.parametrize("host", DISGUISES)
def test_no_disguise_reaches_this_machine(listener, monkeypatch, host, ask):
    monkeypatch.setattr(outgoing, "is_allowed_port", lambda port: True)
    port, came = listener
    with pytest.raises((Refused, Unreachable)) as refusal:
        ask(f"http://{host}:{port}/")
    assert came() == []
    assert str(refusal.value) in ("it is not in the public web", "there is no such name", "this is no web address")


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]", "[::1]"])
def test_they_would_reach_it(listener, monkeypatch, host):
    monkeypatch.setattr(outgoing, "is_allowed_port", lambda port: True)
    monkeypatch.setattr(outgoing, "is_public", lambda address: True)
    port, came = listener
    with pytest.raises(Unreachable):
        status_of(f"http://{host}:{port}/")
    assert len(came()) == 1


@pytest.mark.parametrize("port", [22, 8080, 65536])
def test_no_other_port_is_asked(port):
    with pytest.raises((Refused, Unreachable)):
        outgoing.post(f"http://93.184.216.34:{port}/", b"{}", {})


def test_a_name_of_which_one_address_is_private_is_refused(listener, monkeypatch):
    port, came = listener
    monkeypatch.setattr(outgoing, "is_allowed_port", lambda port: True)
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    with pytest.raises(Refused, match="not in the public web"):
        outgoing.post("http://two.example/", b"{}", {})
    assert came() == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("255.255.255.255", False),
        ("fe80::1%eth0", False),
        ("::ffff:93.184.216.34", True),
        ("::127.0.0.1", False),
        ("::93.184.216.34", False),
        ("64:ff9b:1::5db8:d822", False),
        ("2001:0:53aa:64c:0:fbff:80ff:fffe", False),
        ("2002:5db8:d822::1", True),
        ("2606:2800::5efe:127.0.0.1", False),
        ("2606:2800::200:5efe:10.0.0.1", False),
        ("fec0::1", False),
        ("5f00::1", False),
        ("2001:db8::1", False),
        ("ff0e::1", False),
        ("198.18.0.1", False),
        ("240.0.0.1", False),
    ],
)
def test_an_address_hidden_in_another_is_found(address, public):
    assert is_public(address) is public


def test_the_answer_of_the_name_is_the_address_that_is_asked(server, loopback, monkeypatch):
    """A name that resolves differently the second time gains nothing: it is resolved once."""
    real, answers = socket.getaddrinfo, []

    def resolve(host, port, *args, **kwargs):
        if host == "rebinding.example":
            answers.append(host)
            host = "127.0.0.1"
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert status_of(server.replace("127.0.0.1", "rebinding.example") + "/200") == 200
    assert answers == ["rebinding.example"]


@contextmanager
def secure_server(folder, name):
    """The address of a server behind a certificate for this name that it has signed itself."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    how = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(*how))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    Server.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True)
        thread = threading.Thread(target=running.serve_forever, args=[0.02])
        thread.start()
        try:
            yield running.server_port
        finally:
            running.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("name", "is_known", "is_trusted"),
    [("news.example", True, True), ("news.example", False, False), ("other.example", True, False)],
    ids=["as it should be", "of an unknown authority", "of another name"],
)
def test_nothing_is_sent_to_whom_the_certificate_is_not_of(tmp_path, loopback, monkeypatch, name, is_known, is_trusted):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **named: resolve("127.0.0.1", *rest, **named))
    with secure_server(tmp_path, name) as port:
        if is_known:
            monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "certificate.pem"))
        address = f"https://news.example:{port}/200"
        if is_trusted:
            assert status_of(address) == 200
            assert Server.asked == ["/200"]
        else:
            with pytest.raises(Unreachable, match="its certificate cannot be trusted"):
                status_of(address)
            assert Server.asked == []
