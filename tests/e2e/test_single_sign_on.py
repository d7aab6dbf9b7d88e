"""Signing in by a provider that is not ours: somebody who has never been here, with nothing but their group."""

import json
import re
import shutil
import sys

import pytest
from playwright.sync_api import expect

from tests import debian
from tests.e2e.site import untouched
from tests.ports import free_port

GRACE = {
    "sub": "grace-1906",
    "email": "grace@example.com",
    "email_verified": True,
    "preferred_username": "grace",
    "given_name": "Grace",
    "family_name": "Hopper",
    "groups": ["cms-writers"],
}


@pytest.fixture(scope="module")
def cms(site, tmp_path_factory):
    """Where nobody signs in by a password."""
    folder, port = tmp_path_factory.mktemp("single-sign-on"), free_port()
    shutil.copy(site.var / "demo.sqlite3", folder / "db.sqlite3")
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--user-claims", json.dumps(GRACE)]
    settings = {
        "OIDC_ISSUER": f"http://localhost:{port}",
        "OIDC_CLIENT_ID": "toolshelf",
        "OIDC_CLIENT_SECRET": "any",
        "OIDC_NAME": "Example ID",
        "OIDC_GROUPS": "cms-writers=Writers, cms-admins=superuser",
        "OIDC_ONLY": "on",
    }
    with (
        debian.serving(command, port, folder / "provider.log", {}),
        untouched(site, folder / "db.sqlite3", **settings) as cms,
    ):
        yield cms


def test_a_writer_comes_in_with_nothing_but_a_group(cms, page):
    refused = []
    page.on("console", lambda message: "Content Security" in message.text and refused.append(message.text))
    page.goto(f"{cms.cms}/admin/pages/")
    expect(page.locator("input[type=password]")).to_have_count(0)
    page.get_by_role("link", name="Sign in with Example ID").click()
    page.get_by_role("button", name="grace-1906").click()
    page.wait_for_url(re.compile(r"/admin/pages/\d*/?$"))
    page.goto(f"{cms.cms}/admin/account/")
    expect(page.locator("[name$='first_name']")).to_have_value("Grace")
    expect(page.get_by_text("Password", exact=True)).to_have_count(0)
    page.goto(f"{cms.cms}/admin/users/")
    expect(page).to_have_url(f"{cms.cms}/admin/")
    assert refused == []


def test_who_cancels_is_back_where_they_began(cms, page):
    page.goto(f"{cms.cms}/admin/login/")
    page.get_by_role("link", name="Sign in with Example ID").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("You are not signed in by Example ID. It was cancelled")).to_be_visible()
