"""Front ends written for the last release go on working, or the release says what they have to change."""

import pytest
from django.core.management import CommandError, call_command

from api import compatibility
from api.compatibility import faults
from api.management.commands import print_schema

RELEASED = "type Query { article(slug: String!): Article } type Article { title: String! dek: String }"


@pytest.mark.parametrize(
    ("schema", "broken"),
    [
        (RELEASED.replace("dek: String", ""), "Field Article.dek was removed."),
        (
            RELEASED.replace("title: String!", "title: String"),
            "Field Article.title changed type from String! to String.",
        ),
        (
            RELEASED.replace("slug: String!", "slug: String!, site: String!"),
            "A required argument Query.article(site:) was added.",
        ),
    ],
    ids=["removed", "null", "required"],
)
def test_a_breaking_change_has_to_be_declared_with_what_to_ask_instead(schema, broken):
    assert faults(schema, RELEASED, "# nothing\n") == [
        f"Breaking and not declared in api/breaking_changes.txt: {broken}"
    ]
    assert faults(schema, RELEASED, f"# one\n{broken} -> Ask `title`.\n") == []
    with pytest.raises(ValueError, match="what to ask instead"):
        faults(schema, RELEASED, f"{broken} -> \n")


def test_what_is_declared_and_not_broken_is_named():
    told = "Declared in api/breaking_changes.txt, but not broken: Field Article.dek was removed."
    assert faults(RELEASED, RELEASED, "Field Article.dek was removed. -> Ask `title`.") == [told]


@pytest.mark.parametrize(
    "schema",
    [RELEASED + " type Topic { name: String }", RELEASED.replace("dek: String", "dek: String! lead: String")],
    ids=["type", "field"],
)
def test_what_is_added_breaks_nothing(schema):
    assert faults(schema, RELEASED, "") == []


def test_the_check_names_what_breaks_and_the_release_begins_anew(tmp_path, monkeypatch):
    released, declared = tmp_path / "released.graphql", tmp_path / "breaking_changes.txt"
    ours = compatibility.RELEASED.read_text()
    released.write_text(ours.replace("type Query {\n", "type Query {\n  gone: Int\n", 1))
    declared.write_text("# Changes\n")
    monkeypatch.setattr(compatibility, "RELEASED", released)
    monkeypatch.setattr(compatibility, "DECLARED", declared)
    monkeypatch.setattr(print_schema, "FILE", tmp_path / "schema.graphql")
    call_command("print_schema")
    with pytest.raises(CommandError, match="Query.gone was removed"):
        call_command("print_schema", "--check")
    declared.write_text("# Changes\nField Query.gone was removed. -> Nothing.\n")
    call_command("print_schema", "--check")
    call_command("print_schema", "--release")
    assert declared.read_text() == "# Changes\n"
    assert "gone: Int" not in released.read_text()
    call_command("print_schema", "--check")
