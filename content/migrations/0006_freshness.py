"""What is known of the freshness of facts and sources."""

import json
from hashlib import sha256

import django.db.models.deletion
from django.db import migrations, models


def digest(fact):
    value = f"page:{fact.value_tool_id}" if fact.value_tool_id else fact.value
    versions = [fact.since, fact.until] if fact.since or fact.until else []
    return sha256(json.dumps([fact.state, value, fact.qualifier, *versions]).encode()).hexdigest()


def fill_digests(apps, schema_editor):
    model = apps.get_model("content", "Fact")
    batch = []
    for fact in model.objects.order_by("pk").iterator(chunk_size=2000):
        fact.published_digest = digest(fact)
        batch.append(fact)
        if len(batch) == 500:
            model.objects.bulk_update(batch, ["published_digest"])
            batch = []
    model.objects.bulk_update(batch, ["published_digest"])


class Migration(migrations.Migration):
    dependencies = [("content", "0005_roles")]

    operations = [
        migrations.AddField("source", "checked_at", models.DateTimeField("last asked", editable=False, null=True)),
        migrations.AddField("source", "failing_since", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("source", "is_gone", models.BooleanField(default=False, editable=False)),
        migrations.AddField(
            "source", "problem", models.CharField("what happened", blank=True, editable=False, max_length=200)
        ),
        migrations.AddField(
            "fact",
            "published_digest",
            models.CharField(
                default="",
                editable=False,
                help_text="Of the answer on this row, so that the database can tell which verifications are of it.",
                max_length=64,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill_digests, migrations.RunPython.noop),
        migrations.AlterField(
            "comparisontool",
            "tool",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="comparison_entries",
                to="content.toolpage",
            ),
        ),
    ]
