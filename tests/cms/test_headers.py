"""What answers tell browsers they may do with them."""

import pytest
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput, AdminPageChooser, AdminTimeInput
from wagtail.admin.widgets.chooser import BaseChooser
from wagtail.models import Site

from tests.factories import tree
from tests.observatory import grade

pytestmark = pytest.mark.django_db


def directives(response):
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def test_admin_frames_the_front_ends_of_all_sites_and_nothing_else(client, settings):
    settings.FRONTEND_URL = "https://www.example.com"
    home = tree().home
    Site.objects.create(hostname="second.example.com", port=443, root_page=home)
    Site.objects.create(hostname="third.example.com", port=8080, root_page=home)
    found = directives(client.get("/admin/login/"))
    assert found["frame-src"] == [
        "'self'",
        "http://third.example.com:8080",
        "https://second.example.com",
        "https://www.example.com",
    ]
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == found["connect-src"] == found["form-action"] == found["frame-ancestors"] == ["'self'"]


def test_answers_of_the_api_may_be_read_anywhere_and_do_nothing(client):
    response = client.get("/graphql", {"query": "{__typename}"})
    assert directives(response) == dict.fromkeys(
        ["default-src", "base-uri", "form-action", "frame-ancestors"], ["'none'"]
    )
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response["Permissions-Policy"]


def test_the_page_to_try_queries_on_brings_its_scripts(client, settings):
    settings.DEBUG = True
    response = client.get("/graphql", headers={"accept": "text/html"})
    assert b"graphiql" in response.content
    assert "Content-Security-Policy" not in response


def test_the_admin_is_for_itself(client):
    response = client.get("/admin/login/")
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("widget", "name", "arguments"),
    [
        (AdminDateInput(), "initDateChooser", "[&quot;id_x&quot;, {&quot;dayOfWeekStart&quot;"),
        (AdminDateTimeInput(), "initDateTimeChooser", "[&quot;id_x&quot;, {&quot;dayOfWeekStart&quot;"),
        (AdminTimeInput(), "initTimeChooser", "[&quot;id_x&quot;, {&quot;format&quot;"),
        (AdminPageChooser(), "PageChooser", "[&quot;id_x&quot;, {&quot;modelNames&quot;"),
    ],
)
def test_widgets_name_what_starts_them(widget, name, arguments):
    html = widget.render("x", None, {"id": "id_x"})
    assert "<script" not in html
    assert f'<template data-controller="start" data-start-name="{name}" data-start-arguments="{arguments}' in html


def test_a_chooser_that_starts_otherwise_is_not_left_out_in_silence():
    class Odd(BaseChooser):
        model = Site
        chooser_modal_url_name = "wagtailadmin_choose_page"

        def render_js_init(self, id_, name, value_data):
            return "first(); second();"

    with pytest.raises(TypeError, match=r"^Odd is started by more than one call\.$"):
        Odd().render("x", None, {"id": "id_x"})


STRICT = {
    "content-security-policy": "default-src 'none'; form-action 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "A+"),
        ({"content-security-policy": ""}, "C"),
        (
            {
                "content-security-policy": "default-src 'none'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
            },
            "B+",
        ),
        ({"strict-transport-security": ""}, "B+"),
        ({"strict-transport-security": "max-age=86400"}, "A+"),
        ({"access-control-allow-credentials": "true"}, "C"),
    ],
)
def test_grades_follow_the_published_rules(changed, expected):
    assert grade(STRICT | changed) == expected
    assert grade(STRICT, ["a=b; Path=/"]) == "C+"
