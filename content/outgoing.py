"""Asking other people's servers, and never one that only this machine can reach.

An address that an editor typed may name the loopback, a private network or the cloud's metadata service, directly or
by a name that resolves to it. So the name is resolved once, every address it has must be public, the connection goes
to just that address, and each redirect is looked at in the same way.
"""

import ipaddress
import socket
from urllib.parse import urljoin

import certifi
import urllib3

AGENT = "Toolshelf link check"
REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
TIMEOUT = urllib3.Timeout(connect=5, read=10)


class Refused(Exception):
    """No connection was made: the address is none of the public web."""


class Unreachable(Exception):
    """There was no answer: no such name, no connection, no certificate to trust, or not in time."""


def status_of(url: str) -> int:
    """The HTTP status to which this address leads, redirects followed; the body is not read.

    Raises Refused or Unreachable, both with a reason in words.
    """
    for _ in range(REDIRECTS + 1):
        status, location = _ask(url)
        if location is None:
            return status
        url = urljoin(url, location)
    raise Unreachable("it redirects more than five times")


def _ask(url: str) -> tuple[int, str | None]:
    """One request: the status, and where a redirect leads."""
    try:
        parsed = urllib3.util.parse_url(url)
    except urllib3.exceptions.LocationParseError:
        raise Refused("this is no web address") from None
    scheme, host, port = parsed.scheme or "", parsed.hostname or "", parsed.port or PORTS.get(parsed.scheme or "", 0)
    if scheme not in PORTS or not host or not is_allowed_port(port):
        raise Refused("only http and https on their usual ports are asked")
    pool = _pool(scheme, host.strip("[]"), public_address(host.strip("[]"), port), port)
    headers = {"Host": parsed.netloc or host, "User-Agent": AGENT, "Accept": "*/*"}
    try:
        answer = pool.urlopen(
            "GET",
            parsed.request_uri,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            timeout=TIMEOUT,
        )
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise Unreachable(_in_words(error)) from error
    status, location = answer.status, answer.headers.get("Location")
    answer.close()
    pool.close()
    return status, location if location and status in (301, 302, 303, 307, 308) else None


def _pool(scheme: str, host: str, address: str, port: int) -> urllib3.HTTPConnectionPool:
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port)
    return urllib3.HTTPSConnectionPool(
        address, port, cert_reqs="REQUIRED", ca_certs=certifi.where(), server_hostname=host, assert_hostname=host
    )


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
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if hidden is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(str(hidden))
    return ip.is_global and not ip.is_multicast


def is_allowed_port(port: int) -> bool:
    return port in PORTS.values()


def _in_words(error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.SSLError):
        return "its certificate cannot be trusted"
    is_refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    if isinstance(error, urllib3.exceptions.TimeoutError) and not is_refused:
        return "it did not answer in time"
    return "it could not be reached"
