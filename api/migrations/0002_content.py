"""Moves what documents say into rows of their own, so that versions at different places can share them."""

import django.db.models.deletion
from django.db import migrations, models

COPY = [
    """INSERT INTO api_content (id, data, parts, body, targets)
    SELECT id, data, parts, body, targets FROM api_document WHERE NOT tombstone""",
    "UPDATE api_document SET content_id = id WHERE NOT tombstone",
    # Breadcrumbs come from paths now.
    "DELETE FROM api_reference WHERE field LIKE '%.ancestors'",
    "UPDATE api_reference SET content_id = document_id",
]
# Versions that share their content get a copy each, tombstones none.
COPY_BACK = [
    """UPDATE api_document SET data = c.data, parts = c.parts, body = c.body, targets = c.targets
    FROM api_content c WHERE c.id = api_document.content_id AND NOT api_document.tombstone""",
    """INSERT INTO api_reference (content_id, document_id, field, target_key)
    SELECT r.content_id, d.id, r.field, r.target_key
    FROM api_reference r JOIN api_document d ON d.content_id = r.content_id AND NOT d.tombstone""",
    "DELETE FROM api_reference WHERE document_id IS NULL",
]
# What was inserted with its own ids has to move the sequence.
COUNT_ON = (
    "SELECT setval(pg_get_serial_sequence('api_content', 'id'), "
    "(SELECT coalesce(max(id), 0) + 1 FROM api_content), false)"
)
# Before the tables are altered.
SETTLE = ["SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"]


def copy(apps, schema_editor):
    run(schema_editor, COPY, [COUNT_ON, *SETTLE])


def copy_back(apps, schema_editor):
    run(schema_editor, COPY_BACK, SETTLE)


def run(schema_editor, statements, on_postgresql):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [*statements, *(on_postgresql if is_postgresql else [])]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Content",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("data", models.JSONField(default=dict, help_text="Short fields, in every list.")),
                (
                    "parts",
                    models.JSONField(default=dict, help_text="Rows of the object: facts, verdicts, corrections."),
                ),
                ("body", models.JSONField(default=dict, help_text="Streams of blocks.")),
                (
                    "targets",
                    models.JSONField(
                        default=dict, help_text="Keys of other documents, by the field that refers to them."
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="document",
            name="content",
            field=models.ForeignKey(
                help_text="Of a tombstone: what comes back if nobody touches the object, "
                "None if it has to be built anew.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="documents",
                to="api.content",
            ),
        ),
        migrations.AddField(
            model_name="reference",
            name="content",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="references",
                to="api.content",
            ),
        ),
        # So that the way back has a column to fill.
        migrations.AlterField(
            model_name="reference",
            name="document",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="references",
                to="api.document",
            ),
        ),
        migrations.RunPython(copy, copy_back),
        migrations.AlterField(
            model_name="reference",
            name="content",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="references",
                to="api.content",
            ),
        ),
        migrations.RemoveField(model_name="reference", name="document"),
        migrations.RemoveField(model_name="document", name="body"),
        migrations.RemoveField(model_name="document", name="data"),
        migrations.RemoveField(model_name="document", name="parts"),
        migrations.RemoveField(model_name="document", name="targets"),
        migrations.AlterField(
            model_name="document",
            name="digest",
            field=models.CharField(
                help_text="Of every public value but the place: equal digests at one place are the same version.",
                max_length=64,
            ),
        ),
    ]
