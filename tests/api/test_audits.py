"""The audits of GraphQL over HTTP (npm `graphql-http`), asked of the real server."""

import json
import subprocess
from pathlib import Path

import pytest

from cms.bootstrap import node

AUDITS = Path(__file__).with_name("audits.mjs")


@pytest.mark.django_db(transaction=True)
def test_all_61_audits_of_graphql_over_http_pass(live_server, settings):
    settings.DEBUG = True  # four of them ask for a type by introspection
    done = subprocess.run(
        [node(), AUDITS, f"{live_server.url}/graphql"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [f"{each['id']} {each['name']}: {each['reason']}" for each in results if each["status"] != "ok"] == []
    assert len(results) == len({each["id"] for each in results}) == 61
