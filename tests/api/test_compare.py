"""Any tools side by side: the comparison that editors have written, or one put together from the facts."""

import pytest

from content.changes import changes
from content.models.attribute import AttributeGroup
from tests import factories as make

pytestmark = pytest.mark.django_db

COMPARE = """query ($tools: [String!]!) { compare(tools: $tools) { id title path seo { noindex canonicalUrl jsonLd } breadcrumbs { path }
  translations { path } tools { name } entries { note tool { name } } attributes { key } verdicts { reason } body { id }
  matrix { attribute { key } cells { tool { name } fact { state display } } } } }"""


@pytest.fixture
def tools():
    return [make.ToolPageFactory(title=name, slug=name.lower()) for name in ("Django", "Flask", "Bottle")]


def compare(graphql, *slugs):
    return graphql(COMPARE, {"tools": slugs})["data"]["compare"]


def test_tools_that_nobody_compared_are_put_together_from_their_facts(graphql, tools):
    django, flask, _ = tools
    group = AttributeGroup.objects.create(label="Licence", sort_order=1)
    licence = make.AttributeFactory(key="licence", data_type="text", group=group)
    typed = make.AttributeFactory(key="typed", label="Typed")
    make.AttributeFactory(key="nobody-answers", group=group)
    make.FactFactory(tool=flask, attribute=typed, state="no")
    make.FactFactory(tool=django, attribute=licence, value="BSD")
    found = compare(graphql, "flask", "django")
    assert (found["id"], found["title"], found["path"]) == (
        "compare:flask,django",
        "Flask vs. Django",
        "/compare?tools=flask,django",
    )
    assert (found["seo"]["noindex"], found["breadcrumbs"], found["translations"]) == (True, [{"path": "/"}], [])
    assert [each["name"] for each in found["tools"]] == ["Flask", "Django"]
    assert found["entries"] == [{"note": None, "tool": {"name": name}} for name in ("Flask", "Django")]
    assert [
        [row["attribute"]["key"], *(cell["fact"]["display"] for cell in row["cells"])] for row in found["matrix"]
    ] == [
        ["licence", "Unknown", "BSD"],
        ["typed", "No", "Unknown"],
    ]
    assert (found["verdicts"], found["body"]) == ([], [])


def test_editors_comparison_of_the_same_tools_comes_first(graphql, tools):
    django, flask, bottle = tools
    make.ComparisonPageFactory(title="All three", tools=[django, flask, bottle])
    assert compare(graphql, "django", "flask")["id"] == "compare:django,flask"
    written = make.ComparisonPageFactory(title="Two", tools=[flask, django])
    assert compare(graphql, "django", "flask")["id"] == f"page:{written.pk}"
    with changes():
        bottle.unpublish()
    newest = make.ComparisonPageFactory(title="Two and what nobody sees", tools=[django, flask, bottle])
    assert compare(graphql, "django", "flask")["id"] == f"page:{newest.pk}", "a reader sees the same two tools in it"


def test_a_tool_that_is_not_public_is_as_one_that_is_not_there(graphql, tools):
    draft = make.ToolPageFactory(slug="draft", live=False)
    assert compare(graphql, "django", draft.slug) is None
    assert compare(graphql, "django", "no-such-tool") is None


@pytest.mark.parametrize("slugs", [[], ["django"], ["django", "django"], list("abcdefg")])
def test_fewer_than_two_or_more_than_six_or_equal_tools_are_refused(graphql, tools, slugs):
    (error,) = graphql(COMPARE, {"tools": slugs})["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "`tools` takes 2 to 6 different slugs."
