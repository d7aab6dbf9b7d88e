"""SQL: each root field takes the same few statements, however many rows there are.

What is allowed (docs/architecture.md): one for the generation, one for the root, one per level of references, one per
reverse field or list.
"""

import pytest
from wagtail.models import Locale

from api.schema import schema
from content.changes import changes
from content.models.comparison import ComparisonVerdict
from content.models.home import FeaturedPage
from content.models.tool import ToolAlternative
from tests import factories
from tests.api.sql import queries
from tests.api.test_languages import translated, tree_in
from tests.api.test_preview import edited

pytestmark = pytest.mark.django_db

FIELDS = {
    "Tool": """name tagline logo { url } categories { name parent { name parent { name } } } vendor { name logo { url } }
  useCases { name description } alternatives { why tool { name vendor { name logo { url } } } } facts { display attribute { label } source { url } }
  body { __typename } seo { jsonLd }""",
    "Article": """title shortAnswer dek path publishedAt readingMinutes hero { url alt srcset } topics { name } tools { name path logo { url } vendor { name logo { url } } }
  authors { name slug photo { url } organization { name logo { url } } } credits { role person { name } } reviewer { name } disclosure { text } useCases { name }
  takeaways sources { title url } breadcrumbs { title path } seo { title description canonicalUrl jsonLd image { url } } corrections { on text }
  body { __typename id ... on RichTextBlock { content { html } } ... on ToolCardBlock { tool { name path } } ... on ImageBlock { image { url } } }""",
    "Comparison": """title intro tools { name path vendor { name logo { url } } } attributes { label } entries { note tool { name } }
  matrix { attribute { label group } cells { tool { name } fact { id display state sources { url } verifiedOn staleOn attribute { key } } override { text reason } } }
  verdicts { useCase about { name } winner { name vendor { name } } reason } body { __typename }""",
    "Category": "name parent { name parent { name parent { name } } }",
    "Page": "__typename title breadcrumbs { path } ... on Article { authors { organization { logo { url } } } } ... on Tool { vendor { logo { url } } }",
}
TYPES = {"id": "ID!", "both": "[String!]!"}
ROOTS = {
    # What is asked, and the statements that it takes: generation, root, then levels of references.
    "page": ("page(path: $article) { ... on Article { <Article> } }", 2 + 3),
    "resolve": ("resolve(path: $comparison) { ... on Comparison { <Comparison> } }", 2 + 3),
    "article": ("article(slug: $slug) { <Article> }", 2 + 3),
    "tool": ("tool(slug: $tool) { <Tool> }", 2 + 3),
    "comparison": ("comparison(slug: $versus) { <Comparison> }", 2 + 3),
    # The two tools by their slugs, the comparisons of them, then references.
    "compare": ("compare(tools: $both) { <Comparison> }", 3 + 2),
    "articles": ("articles { pageInfo { endCursor } nodes { <Article> } }", 2 + 3),
    "tools": ("tools { nodes { <Tool> } }", 2 + 3),
    "comparisons": ("comparisons(first: 5) { edges { node { <Comparison> } } }", 2 + 3),
    # The attributes, the facts of all tools about them.
    "toolFacets": ("toolFacets { attribute { label groupDetails { label } } answers { display count } }", 2 + 1),
    "topics": ("topics { nodes { name seo { image { url } } } }", 2 + 1),
    "topic": ("topic(slug: $topic) { name seo { image { url } } }", 2 + 1),
    "categories": ("categories { nodes { <Category> } }", 2 + 0),
    "category": ("category(slug: $category) { <Category> }", 2 + 2),
    "person": ("person(slug: $person) { name photo { url } organization { logo { url } } seo { jsonLd } }", 2 + 2),
    "people": ("people { nodes { name photo { url } organization { logo { url } } seo { jsonLd } } }", 2 + 2),
    "pages": ("pages(first: 100) { nodes { <Page> } }", 2 + 3),
    "pageCursors": ("pageCursors(every: 2)", 2),
    # The best ones with their words, references.
    "search": ("search(query: $words) { totalCount nodes { score highlights page { <Page> } } }", 2 + 3),
    "suggestions": ("suggestions(query: $words) { title path }", 2),
    "node": ("node(id: $id) { ... on Article { <Article> } }", 2 + 3),
    "site": (
        "site { name socialImage { url } navigation { label children { label } } footer { path } announcementDetails { text link } }",
        2 + 2,
    ),
    "changes": ("changes { nodes { id path } pageInfo { endCursor } }", 2),
    # Two more for the token: its grant and the rights of its owner.
    "preview": ("preview { object { ... on Tool { <Tool> } } }", 2 + 3 + 2),
}
REVERSE = {
    # Each reverse field and each count adds one, and one more where what it finds is asked for references.
    # One to choose from, one for what was chosen.
    "related": ("articles { nodes { related { reason page { title } } } }", 5),
    "related and its authors": (
        "articles { nodes { related { page { ... on Article { authors { photo { url } } } } } } }",
        6,
    ),
    "usedIn": ("tools { nodes { name usedIn { title path } } }", 3),
    "children": ("categories { nodes { children { name children { name } } } }", 3),
    "pages below one": ('page(path: "/") { children { __typename title path } }', 3),
    "pages below several": (
        "pages(first: 100) { nodes { children(first: 5) { title children(first: 2) { title } } } }",
        4,
    ),
    "translations": ("articles { nodes { title translations { title url } } }", 3),
    "translations of every page": ("pages(first: 100) { nodes { translations { url } } }", 3),
    "totalCount": ("tools { totalCount again: totalCount }", 3),
    "a tool's users and its alternatives' users": (
        "tools { nodes { usedIn { path } alternatives { tool { usedIn { path } } } } }",
        3,
    ),
    "the home page": (
        'page(path: "/") { ... on Home { featured { __typename title path seo { description } } body { __typename } } }',
        3,
    ),
}


def content(count):
    """One of everything, each with `count` of what it refers to."""
    factories.CustomImageFactory()  # for the blocks, which show the oldest one
    organizations = [factories.OrganizationFactory(logo=factories.CustomImageFactory()) for _ in range(count)]
    people = [
        factories.PersonFactory(photo=factories.CustomImageFactory(), organization=each) for each in organizations
    ]
    topics = [factories.TopicFactory(social_image=factories.CustomImageFactory()) for _ in range(count)]
    attributes = factories.AttributeFactory.create_batch(count, is_filter=True)
    use_cases = factories.UseCaseFactory.create_batch(count)
    widest = factories.CategoryFactory()
    wider = factories.CategoryFactory.create_batch(count, parent=widest)
    categories = [factories.CategoryFactory(parent=each) for each in wider]
    tools = [
        factories.ToolPageFactory(
            categories=categories,
            vendor=factories.OrganizationFactory(logo=factories.CustomImageFactory()),
            use_cases=use_cases,
            logo=factories.CustomImageFactory(),
        )
        for _ in range(count)
    ]
    for tool in tools:
        for attribute in attributes:
            factories.FactFactory(tool=tool, attribute=attribute, sources=[factories.SourceFactory()])
        with changes():
            tool.alternatives = [ToolAlternative(tool=each, why="It is smaller.") for each in tools]
            tool.save_revision().publish()
    articles = [
        factories.ArticlePageFactory(
            hero=factories.CustomImageFactory(),
            authors=people,
            reviewer=factories.PersonFactory(),
            disclosure=factories.DisclosureFactory(),
            topics=topics,
            use_cases=use_cases,
            tools=tools,
            takeaways=["Remember this."] * count,
            sources=factories.SourceFactory.create_batch(count),
            body=factories.every_block(),
        )
        for _ in range(count)
    ]
    comparisons = [
        factories.ComparisonPageFactory(tools=tools, attributes=attributes, body=factories.every_block())
        for _ in range(count)
    ]
    with changes():
        for comparison in comparisons:
            comparison.verdicts = [
                ComparisonVerdict(about=use_case, use_case=use_case.name, winner=tools[0], reason="It decides for you.")
                for use_case in use_cases
            ]
            comparison.save_revision().publish()
        home = factories.tree().home
        home.featured = [FeaturedPage(page=page) for page in (*articles, *tools)]
        home.save_revision().publish()
    factories.MenuFactory(pages=[*articles, *tools])
    factories.AnnouncementFactory.create_batch(count, page=articles[0])
    return {
        "article": f"/articles/{articles[0].slug}/",
        "comparison": f"/comparisons/{comparisons[0].slug}/",
        "slug": articles[0].slug,
        "tool": tools[0].slug,
        "versus": comparisons[0].slug,
        "topic": topics[0].slug,
        "category": categories[0].slug,
        "person": people[0].slug,
        "id": f"page:{articles[0].pk}",
    }, {"articles": articles, "tools": tools}


def spent(graphql, roots, variables, token=""):
    found = {}
    for name, (asked, _) in roots.items():
        for kind, fields in FIELDS.items():
            asked = asked.replace(f"<{kind}>", fields)
        used = {each: value for each, value in variables.items() if f"${each})" in asked}
        declared = ", ".join(f"${each}: {TYPES.get(each, 'String!')}" for each in used)
        query = f"query ({declared}) {{ {asked} }}" if used else f"{{ {asked} }}"
        found[name] = queries(graphql, query, used, token=token if name == "preview" else "")
    return found


def test_every_root_field_is_counted():
    assert set(ROOTS) == set(schema._schema.query_type.fields)


@pytest.mark.parametrize("count", [1, 4])
def test_every_root_field_takes_the_same_statements_for_few_and_for_many_rows(graphql, admin_client, settings, count):
    settings.FRONTEND_URL, settings.ADMIN_ORIGINS = "https://reader.example", ["http://testserver"]
    variables, made = content(count)
    tool = made["tools"][0]
    typed = factories.ToolPageFactory(vendor=tool.vendor, logo=tool.logo, categories=list(tool.categories.all()))
    token = edited(admin_client, typed, tagline="As typed")
    variables["words"] = "framework"
    variables["both"] = [tool.slug, typed.slug]
    expected = {name: number for name, (_, number) in ROOTS.items()}
    assert spent(graphql, ROOTS, variables, token) == expected


@pytest.mark.parametrize("count", [1, 4])
def test_a_reverse_field_takes_one_statement_for_all_rows(graphql, settings, count):
    settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES = [("en", "English"), ("de", "German")]
    german = Locale.objects.create(language_code="de")
    variables, made = content(count)
    tree_in(german)
    for article in made["articles"]:
        translated(article, german)
    assert spent(graphql, REVERSE, variables) == {name: number for name, (_, number) in REVERSE.items()}
