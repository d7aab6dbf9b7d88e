"""The schema keeps its contract, says what everything means, and serves every block."""

from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    is_required_argument,
)
from wagtail.blocks import CharBlock, ListBlock, StreamBlock, StructBlock
from wagtail.models import Page

import api
from api import checks
from api.documents import registry
from api.schema import schema
from content.blocks import BodyBlock
from tests import factories

CONTRACT = Path(__file__).parent / "contract.graphql"
contract = build_schema(CONTRACT.read_text())
ours = build_schema((Path(api.__file__).parent / "schema.graphql").read_text())


def promised():
    """Every (type, member, signature) of the contract."""
    for name, kind in contract.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLEnumType):
            yield from ((name, value, "") for value in kind.values)
        elif isinstance(kind, GraphQLUnionType):
            yield from ((name, member.name, "") for member in kind.types)
        elif hasattr(kind, "fields"):
            yield from ((name, field_name, signature(field)) for field_name, field in kind.fields.items())
            yield from ((name, interface.name, "") for interface in getattr(kind, "interfaces", ()))


def signature(field, of=None):
    """With the arguments that must be given and those of another field, so that optional ones may be added."""
    known = getattr(of or field, "args", {})
    arguments = getattr(field, "args", {}).items()
    told = [f"{name}: {each.type}" for name, each in sorted(arguments) if name in known or is_required_argument(each)]
    return f"({', '.join(told)}): {field.type}"


def kept(name):
    kind, wanted = ours.type_map.get(name), getattr(contract.type_map[name], "fields", {})
    if isinstance(kind, GraphQLEnumType):
        return dict.fromkeys(kind.values, "")
    if isinstance(kind, GraphQLUnionType):
        return {member.name: "" for member in kind.types}
    fields = getattr(kind, "fields", {}).items()
    found = {field_name: signature(field, wanted.get(field_name)) for field_name, field in fields}
    return found | {interface.name: "" for interface in getattr(kind, "interfaces", ())}


def test_the_printed_schema_contains_the_contract():
    broken = [f"{name}.{member}{wanted}" for name, member, wanted in promised() if kept(name).get(member) != wanted]
    assert broken == []


def test_the_printed_schema_is_up_to_date():
    call_command("print_schema", "--check")


def test_every_type_and_field_is_described():
    silent = []
    for name, kind in schema._schema.type_map.items():
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLEnumType):
            continue
        if not kind.description and not name.endswith(("Connection", "Edge")):
            silent.append(name)
        silent += [f"{name}.{field}" for field, each in getattr(kind, "fields", {}).items() if not each.description]
    assert silent == []


def test_every_page_type_and_block_has_a_public_class():
    pages = [model for model in apps.get_app_config("content").get_models() if issubclass(model, Page)]
    assert [model.__name__ for model in pages if model not in registry.sources] == []
    assert [
        type(block).__name__ for block in BodyBlock().child_blocks.values() if type(block) not in registry.blocks
    ] == []
    assert checks.every_content_has_a_type(None) == []


def test_a_page_type_without_a_public_class_fails_the_check_with_a_hint(monkeypatch):
    model = apps.get_model("content.ToolPage")
    monkeypatch.delitem(registry.sources, model)
    (error,) = checks.every_content_has_a_type(None)
    assert (error.id, error.obj) == ("api.E001", model)
    assert "api/types/" in error.hint


@pytest.mark.parametrize("name", ["Topic", "Menu", "Fact"])
def test_a_snippet_without_a_public_class_fails_the_check_with_a_hint(monkeypatch, name):
    model = apps.get_model(f"content.{name}")
    monkeypatch.delitem(registry.sources, model, raising=False)
    monkeypatch.delitem(registry.declared, name)
    (error,) = checks.every_content_has_a_type(None)
    assert (error.id, error.obj) == ("api.E004", model)
    assert f"@document({name})" in error.hint


def test_a_block_without_a_public_class_fails_the_check_with_a_hint(monkeypatch):
    block = type(BodyBlock().child_blocks["code"])
    monkeypatch.delitem(registry.blocks, block)
    (error,) = checks.every_content_has_a_type(None)
    assert (error.id, error.obj) == ("api.E002", block)
    assert "api/blocks.py" in error.hint


def test_a_block_inside_a_block_without_a_public_class_fails_the_check_too(monkeypatch):
    class HiddenBlock(StructBlock):
        text = CharBlock()

    inner = StreamBlock([("hidden", HiddenBlock())])
    row = StructBlock([("columns", ListBlock(StructBlock([("cell", inner)])))])
    body = apps.get_model("content.ArticlePage")._meta.get_field("body").stream_block
    monkeypatch.setitem(body.child_blocks, "deep", row)
    monkeypatch.setitem(registry.blocks, StructBlock, StructBlock)
    (error,) = checks.every_content_has_a_type(None)
    assert (error.id, error.obj) == ("api.E002", HiddenBlock)


def test_blocks_that_give_one_field_name_two_types_fail_the_check(monkeypatch):
    types = dict(schema._schema.type_map)
    other = build_schema(
        "interface Block { id: ID! } type Query { x: Other } type Other implements Block { id: ID! code: Int! }"
    )
    monkeypatch.setitem(schema._schema.type_map, "Other", other.type_map["Other"])
    (error,) = checks.blocks_agree_on_their_fields(None)
    assert error.id == "api.E003"
    assert "code" in error.msg
    schema._schema.type_map.clear()
    schema._schema.type_map.update(types)


def selection(kind, depth):
    """Every field of a type, two levels into objects. What has to be chosen is asked for with its first choice."""
    lines = ["__typename"]
    for name, field in kind.fields.items():
        inner = field.type
        chosen = [
            f"{argument}: {next(iter(each.type.of_type.values))}"
            for argument, each in field.args.items()
            if is_required_argument(each)
        ]
        name += f"({', '.join(chosen)})" if chosen else ""
        while hasattr(inner, "of_type"):
            inner = inner.of_type
        if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType):
            if depth:
                lines.append(f"{name} {{ {selection(inner, depth - 1)} }}")
        elif not isinstance(inner, GraphQLUnionType):
            lines.append(name)
    return " ".join(lines)


def every_block_query():
    blocks = schema._schema.get_implementations(schema._schema.type_map["Block"]).objects
    fragments = " ".join(f"... on {block.name} {{ {selection(block, 2)} }}" for block in blocks)
    return f"query ($slug: String!) {{ article(slug: $slug) {{ body {{ __typename id {fragments} }} }} }}"


@pytest.mark.django_db
def test_every_block_is_built_from_its_preview_value_and_read_back(graphql, settings):
    settings.MAX_QUERY_COST = 10**6  # more is asked for than by any front end
    article = factories.ArticlePageFactory(body=factories.every_block())
    answer = graphql(every_block_query(), {"slug": article.slug})
    assert "errors" not in answer
    blocks = answer["data"]["article"]["body"]
    assert [block["__typename"] for block in blocks] == [
        type(block).__name__ for block in BodyBlock().child_blocks.values()
    ]
    assert all(block["id"] for block in blocks)
    shown = {block["__typename"]: block for block in blocks}
    values = {type(block).__name__: block.get_preview_value() for block in BodyBlock().child_blocks.values()}
    assert shown["HeadingBlock"]["text"] == values["HeadingBlock"]["text"]
    assert shown["HeadingBlock"]["anchor"] == "what-a-framework-decides-for-you"
    assert shown["HeadingBlock"]["level"] == 2
    assert "<b>decisions made before you arrive</b>" in shown["RichTextBlock"]["content"]["html"]
    assert shown["CodeBlock"]["code"] == values["CodeBlock"]["code"]
    assert shown["CodeBlock"]["highlightedLines"] == [2, 3]
    assert shown["StepsBlock"]["steps"][0]["tool"]["name"] == values["ToolCardBlock"]["tool"].title
    assert shown["FactBlock"]["fact"]["id"] == f"fact:{values['FactBlock']['fact'].pk}"
    assert len(shown["ComparisonBlock"]["comparison"]["tools"]) == 2
    assert shown["EmbedBlock"]["provider"] == "YouTube"
    assert shown["ImageBlock"]["image"]["alt"] == values["ImageBlock"]["image"].alt
    assert shown["TableBlock"]["columns"] == ["Use case", "Typical tools"]
    assert shown["TableBlock"]["rows"][0]["cells"][1]["text"] == "Celery, RQ, Dramatiq"
    assert shown["CalloutBlock"]["tone"] == "TIP"
    assert shown["ToolCardBlock"]["tool"]["name"] == values["ToolCardBlock"]["tool"].title
