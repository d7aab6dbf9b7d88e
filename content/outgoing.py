"""Asking other people's servers, and never one that only this machine can reach.

An address that an editor typed may name the loopback, a private network or the cloud's metadata service, directly or
by a name that resolves to it. So the name is resolved once, every address it has must be public, the connection goes
to just that address, and each redirect is looked at in the same way.
"""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from threading import Event, Timer
from urllib.parse import urljoin

import certifi
import urllib3
from urllib3.util.ssl_match_hostname import CertificateError

AGENT = "Toolshelf link check"
REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
TO_CONNECT, TO_READ = 5.0, 10.0
"""Seconds of silence."""
LONGEST = 20.0
"""Seconds that one request may take, however slowly the answer comes."""
LATE = "it did not answer in time"
EXCERPT = 500
"""Characters of an answer."""
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOCAL = ("localhost", "local", "internal")
"""Ends of names that are nowhere in the public web (RFC 6761, RFC 6762; ICANN has set the last aside in 2024)."""
ISATAP = {0x00005EFE, 0x02005EFE}


class Refused(Exception):
    """No connection was made: the address is none of the public web."""


class Unreachable(Exception):
    """There was no answer: no such name, no connection, no certificate to trust, or not in time."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str | None
    """Where a redirect leads."""
    excerpt: str
    """How the body begins; empty unless it was asked for."""


def status_of(url: str) -> int:
    """The HTTP status to which this address leads, redirects followed; the body is not read.

    Raises Refused or Unreachable, both with a reason in words.
    """
    for _ in range(REDIRECTS + 1):
        answer = _ask("GET", url, {"User-Agent": AGENT, "Accept": "*/*"})
        if answer.location is None:
            return answer.status
        url = urljoin(url, answer.location)
    raise Unreachable("it redirects more than five times")


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send this and tell what was answered; a redirect is not followed. Raises as `status_of` does."""
    return _ask("POST", url, headers, body)


def check(url: str) -> None:
    """Raises Refused for what is never asked, as far as the address itself says: a name is not resolved."""
    _, host, _ = _parsed(url)
    try:
        is_elsewhere = is_public(host)
    except ValueError:
        name = host.lower().rstrip(".")
        is_elsewhere = "." in name and name.rpartition(".")[2] not in LOCAL
    if not is_elsewhere:
        raise Refused("it is not in the public web")


def _parsed(url: str) -> tuple[urllib3.util.Url, str, int]:
    """The parts of an address, its host without brackets, and the port."""
    try:
        parsed = urllib3.util.parse_url(url)
    except urllib3.exceptions.LocationParseError:
        raise Refused("this is no web address") from None
    scheme = parsed.scheme or ""
    host, port = (parsed.hostname or "").strip("[]"), parsed.port or PORTS.get(scheme, 0)
    if scheme not in PORTS or not host or not is_allowed_port(port):
        raise Refused("only http and https on their usual ports are asked")
    return parsed, host, port


def _ask(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """One request, to an address that was looked at."""
    parsed, host, port = _parsed(url)
    connection = _connection(parsed.scheme or "", host, public_address(host, port), port)
    is_late = Event()
    end = Timer(LONGEST, _hang_up, [connection, is_late])
    end.start()
    try:
        connection.connect()
        connection.timeout = TO_READ
        headers = {**headers, "Host": parsed.netloc or host}
        connection.request(method, parsed.request_uri, body=body, headers=headers, preload_content=False)
        answer = connection.getresponse()
        location = answer.headers.get("Location") if answer.status in (301, 302, 303, 307, 308) else None
        found = Answer(answer.status, location, "" if body is None else _excerpt(answer))
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        raise Unreachable(LATE if is_late.is_set() else _in_words(error)) from error
    finally:
        end.cancel()
        connection.close()
    if is_late.is_set():
        raise Unreachable(LATE)
    return found


def _connection(scheme: str, host: str, address: str, port: int) -> urllib3.connection.HTTPConnection:
    if scheme == "http":
        return urllib3.connection.HTTPConnection(address, port, timeout=TO_CONNECT)
    return urllib3.connection.HTTPSConnection(
        address,
        port,
        timeout=TO_CONNECT,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        server_hostname=host,
        assert_hostname=host,
    )


def _hang_up(connection: urllib3.connection.HTTPConnection, is_late: Event) -> None:
    is_late.set()
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _excerpt(answer: urllib3.response.HTTPResponse) -> str:
    """How the body begins: what has come first of it, without what no text field takes."""
    try:
        text = answer.read1(4 * EXCERPT, decode_content=False).decode(errors="replace")
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError):
        return ""
    return "".join(each for each in text[:EXCERPT] if each.isprintable() or each in "\n\t")


def public_address(host: str, port: int) -> str:
    """The address to connect to. Raises Refused when any address of the name is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("there is no such name") from None
    addresses = [str(each[4][0]) for each in found]
    if not all(is_public(address) for address in addresses):
        raise Refused("it is not in the public web")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is of the public internet, IPv4 hidden in IPv6 included."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = _hidden_in(ip)
        if hidden is not None and not is_public(str(hidden)):
            return False
        if hidden is None and ip not in GLOBAL_UNICAST:
            return False
        if ip.ipv4_mapped or ip in NAT64:
            return True
    return ip.is_global and not ip.is_multicast


def _hidden_in(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which a packet would be handed on."""
    if ip in NAT64 or int(ip) >> 32 & 0xFFFFFFFF in ISATAP:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def is_allowed_port(port: int) -> bool:
    return port in PORTS.values()


def _in_words(error: Exception) -> str:
    if isinstance(error, ssl.SSLError | CertificateError | urllib3.exceptions.SSLError):
        return "its certificate cannot be trusted"
    is_refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError) and not is_refused:
        return LATE
    return "it could not be reached"
