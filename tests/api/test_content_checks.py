"""What a preview gives to the editor's content checks, and that readers get nothing of it."""

import json
import re

import pytest
from django.urls import reverse

from api.admin.content_checks import MARKS
from api.documents.models import Document
from content.changes import changes
from tests import factories
from tests.admin import snippet_form
from tests.api.test_preview import edited, previewed

pytestmark = pytest.mark.django_db

USERBAR = "{ preview { userbar } }"
FACTS = "{ preview { object { ... on Tool { facts { lacksSource } } } } }"


@pytest.fixture(autouse=True)
def _addresses(settings):
    settings.FRONTEND_URL = "https://reader.example"
    settings.ADMIN_ORIGINS = ["http://testserver", "http://admin.example:8000"]
    settings.ALLOWED_HOSTS = ["testserver", "admin.example"]


@pytest.fixture
def tool():
    return factories.ToolPageFactory(title="Django", slug="django")


def configuration(html):
    return json.loads(re.search(r'id="checker-axe-configuration" type="application/json">(.*?)</script>', html)[1])


def test_userbar_comes_from_the_address_that_the_editor_uses(admin_client, graphql, tool):
    for host in ("testserver", "admin.example:8000"):
        admin_client.defaults["HTTP_HOST"] = host
        html = graphql(USERBAR, token=edited(admin_client, tool))["data"]["preview"]["userbar"]
        assert f'data-wagtail-userbar-origin="http://{host}"' in html
        sources = re.findall(r'<(?:script|link)[^>]* ?(?:src|href)="([^"?]*)', html)
        names = ("css/core.css", "js/vendor.js", "js/userbar.js")
        assert sources == [f"http://{host}/static/wagtailadmin/{name}" for name in names]
        assert configuration(html)["spec"]["allowedOrigins"] == [f"http://{host}"]


def test_userbar_has_the_scheme_of_the_admin(admin_client, graphql, settings, tool):
    settings.ADMIN_ORIGINS = ["https://testserver"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    admin_client.defaults |= {"HTTP_HOST": "testserver", "HTTP_X_FORWARDED_PROTO": "https"}
    html = graphql(USERBAR, token=edited(admin_client, tool))["data"]["preview"]["userbar"]
    assert 'data-wagtail-userbar-origin="https://testserver"' in html
    assert 'src="https://testserver/static/wagtailadmin/js/userbar.js' in html
    assert "http://testserver" not in html


def test_userbar_has_no_inline_script(admin_client, graphql, tool):
    html = graphql(USERBAR, token=edited(admin_client, tool))["data"]["preview"]["userbar"]
    for attributes in re.findall(r"<script([^>]*)>", html):
        assert 'src="' in attributes or 'type="application/json"' in attributes
    assert not re.search(r"\son\w+=", html)


def test_userbar_writes_nothing(admin_client, admin_user, client, django_assert_num_queries, tool):
    token = edited(admin_client, tool)
    body = {"query": USERBAR}
    headers = {"authorization": f"Bearer {token}"}
    ask = lambda: client.post("/graphql", body, content_type="application/json", headers=headers)  # noqa: E731
    with django_assert_num_queries(5) as asked:
        assert ask().status_code == 200
    assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)


def test_nobody_without_a_token_gets_a_userbar(graphql, tool):
    assert graphql(USERBAR)["data"] == {"preview": None}


def test_editor_and_front_end_run_the_same_checks_and_trust_each_other_only(admin_client, graphql, tool):
    panel = configuration(admin_client.get(reverse("wagtailadmin_pages:edit", args=[tool.pk])).content.decode())
    bar = configuration(graphql(USERBAR, token=edited(admin_client, tool))["data"]["preview"]["userbar"])
    assert panel["spec"].pop("allowedOrigins") == ["https://reader.example"]
    assert bar["spec"].pop("allowedOrigins") == ["http://testserver"]
    assert panel == bar
    assert {"heading-order", "image-alt", *MARKS} <= set(bar["options"]["runOnly"])
    for mark, (name, text) in MARKS.items():
        assert bar["messages"][mark] == {"error_name": name, "help_text": text}


def test_a_dead_link_is_marked_in_previews_only(admin_client, graphql, tool):
    other = factories.ToolPageFactory(title="Flask", slug="flask")
    text = f'<p>See <a linktype="page" id="{other.pk}">that &amp; <b>this</b></a>.</p>'
    factories.ArticlePageFactory(slug="linking", body=[("rich_text", {"content": text})])
    ask = '{ article(slug: "linking") { body { ... on RichTextBlock { content { html text } } } } }'
    linked = {"html": '<p>See <a href="/tools/flask/">that &amp; <b>this</b></a>.</p>', "text": "See that & this."}
    dead = {"html": "<p>See that &amp; <b>this</b>.</p>", "text": "See that & this."}
    marked = {
        "html": '<p>See <span data-check="dead-link">that &amp; <b>this</b></span>.</p>',
        "text": "See that & this.",
    }
    token = edited(admin_client, tool)
    assert content(graphql(ask)) == content(graphql(ask, token=token)) == linked
    with changes():
        other.unpublish()
    assert content(graphql(ask)) == dead
    assert content(graphql(ask, token=token)) == marked


def content(answer):
    return answer["data"]["article"]["body"][0]["content"]


@pytest.mark.parametrize(
    ("state", "required", "cited", "lacks"),
    [
        ("yes", True, False, True),
        ("no", True, False, True),
        ("yes", True, True, False),
        ("yes", False, False, False),
        ("unknown", True, False, False),
    ],
)
def test_a_fact_lacks_a_source_where_its_attribute_asks_for_one(
    admin_client, graphql, tool, state, required, cited, lacks
):
    attribute = factories.AttributeFactory(source_required=required)
    source = factories.SourceFactory()
    fact = factories.FactFactory(tool=tool, attribute=attribute, state=state, sources=[source])
    address = reverse(type(fact).snippet_viewset.get_url_name("preview_on_edit"), args=[fact.pk])
    form = snippet_form(admin_client, fact, **({} if cited else {"fact_sources-0-DELETE": "on"}))
    token = previewed(admin_client, address, form)
    assert graphql(FACTS, token=token)["data"]["preview"]["object"]["facts"] == [{"lacksSource": lacks}]


def test_facts_published_before_sources_were_counted_answer(graphql, tool):
    factories.FactFactory(tool=tool, state="yes", sources=[])
    content = Document.objects.get(key=f"page:{tool.pk}", valid_to=None).content
    for column in (content.data, content.parts, content.body):
        for fact in column.get("_facts", []):
            assert fact.pop("needs_source") is True
    content.save()
    assert graphql('{ tool(slug: "django") { facts { lacksSource } } }')["data"]["tool"]["facts"] == [
        {"lacksSource": False}
    ]
