"""One reader's request, in the logs of the front end and of the CMS."""

import json
import re
import time

import pytest
import urllib3

from cms.bootstrap import node
from cms.frontend import Build
from tests import debian
from tests.ports import free_port

pool = urllib3.PoolManager(retries=False)


def asked(address, **headers):
    return pool.request("GET", address, headers=headers, redirect=False)


def lines(log, request_id):
    """Of the front end, as soon as there is one, and a moment later."""
    deadline = time.monotonic() + 20
    while request_id not in log() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    return [json.loads(line) for line in log().splitlines() if line.startswith("{") and request_id in line]


@pytest.mark.parametrize(("path", "status"), [("/tools/", 200), ("/never/written/", 404), ("/_nothing", 404)])
def test_a_request_has_one_id_in_both_logs(site, path, status):
    id = f"from-the-proxy{path.replace('/', '-')}"
    response = asked(f"{site.frontend}{path}?secret=hush-hush", **{"X-Request-ID": id})
    assert (response.status, response.headers["X-Request-ID"]) == (status, id)
    (line,) = lines(lambda: site.log("frontend"), id)
    assert {name: line[name] for name in ("method", "path", "status", "level")} == {
        "method": "GET",
        "path": path,
        "status": status,
        "level": "info",
    }
    in_cms = re.findall(
        rf" request: .*request_id={re.escape(id)} .*path=/graphql status=200 .*perspective=public", site.log("cms")
    )
    assert len(in_cms) == line["asked"]
    assert (line["asked"] >= 1) is (path != "/_nothing"), "what is Astro's own is asked of nobody"
    assert "hush-hush" not in site.log("frontend") + site.log("cms")


def test_ids_that_are_none_and_readers_without_one_get_their_own(site):
    first, second = (
        asked(f"{site.frontend}/tools/", **each).headers["X-Request-ID"] for each in ({}, {"X-Request-ID": "a b"})
    )
    assert re.fullmatch(r"[0-9a-f-]{36}", first)
    assert re.fullmatch(r"[0-9a-f-]{36}", second)
    assert first != second


def test_a_cms_that_is_away_makes_one_line_too(site, tmp_path):
    port, variables = free_port(), {"HOST": "127.0.0.1", "CMS_URL": f"http://127.0.0.1:{free_port()}"}
    command = [node(), Build().folder / "server" / "entry.mjs"]
    with debian.serving(command, port, tmp_path / "frontend.log", variables | {"PORT": str(port)}):
        response = asked(f"http://127.0.0.1:{port}/tools/", **{"X-Request-ID": "nobody-there"})
        assert (response.status, response.headers["X-Request-ID"]) == (503, "nobody-there")
        (line,) = lines((tmp_path / "frontend.log").read_text, "nobody-there")
        assert (line["level"], line["status"], line["asked"]) == ("error", 503, 0)
