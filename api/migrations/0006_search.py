"""The tables of search. That of the terms is an index of each database's own kind."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

SQLITE = """
    CREATE VIRTUAL TABLE api_searchtext USING fts5(
        names, near, title, headings, text, code, shown UNINDEXED, tokenize = 'unicode61 remove_diacritics 0'
    )"""
POSTGRESQL = [
    """
    CREATE TABLE api_searchtext (
        rowid bigint PRIMARY KEY, names text NOT NULL, near text NOT NULL, title text NOT NULL, headings text NOT NULL,
        text text NOT NULL, code text NOT NULL, shown text NOT NULL,
        terms tsvector GENERATED ALWAYS AS (
            setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', headings), 'B') ||
            setweight(to_tsvector('simple', text), 'C') || setweight(to_tsvector('simple', code), 'D')) STORED,
        name_terms tsvector GENERATED ALWAYS AS (to_tsvector('simple', names)) STORED,
        near_terms tsvector GENERATED ALWAYS AS (to_tsvector('simple', near)) STORED
    )""",
    "CREATE INDEX search_by_terms ON api_searchtext USING gin (terms)",
    "CREATE INDEX search_by_names ON api_searchtext USING gin (name_terms)",
    "CREATE INDEX search_by_near ON api_searchtext USING gin (near_terms)",
]


def create(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else [SQLITE]:
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE api_searchtext")


class Migration(migrations.Migration):
    dependencies = [("api", "0005_parent")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create, drop)],
            state_operations=[
                migrations.CreateModel(
                    name="SearchText",
                    fields=[
                        (
                            "content",
                            models.OneToOneField(
                                db_column="rowid",
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="search_text",
                                serialize=False,
                                to="api.content",
                            ),
                        ),
                        *(
                            (name, models.TextField(help_text=said))
                            for name, said in {
                                "names": "The words of the title, as they are: for suggestions.",
                                "near": "The words of the title with one letter left out: for misspelt words.",
                                "title": "The terms of the title.",
                                "headings": "The terms of headings and summaries.",
                                "text": "The terms of what is to be read.",
                                "code": "The terms of listings and commands.",
                                "shown": "The text itself but for listings, a line for each passage, to quote from.",
                            }.items()
                        ),
                    ],
                ),
            ],
        ),
    ]
