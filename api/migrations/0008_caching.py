from django.db import migrations, models
from django.utils import timezone


def find_expiries(apps, schema_editor):
    """As `api.documents.publishing.next_expiries` finds them from the next change on."""
    generation = apps.get_model("api", "Generation").objects.first()
    if generation is None:
        return
    documents = apps.get_model("api", "Document").objects.filter(layer=0, valid_to=None, tombstone=False)
    facts = apps.get_model("content", "Fact").objects.all()
    now = timezone.now()
    moments = {
        *documents.filter(expires_at__gt=now).order_by("expires_at").values_list("expires_at", flat=True)[:50],
        *facts.filter(expire_at__gt=now).order_by("expire_at").values_list("expire_at", flat=True)[:50],
    }
    generation.expiries = [each.isoformat() for each in sorted(moments)[:50]]
    generation.save()


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0007_unfound_searches"),
        ("content", "0008_image_sizes"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="sites_changed",
            field=models.BooleanField(
                default=False,
                help_text="Whether sites came or went, or have other addresses or languages.",
            ),
        ),
        migrations.AddField(
            model_name="generation",
            name="expiries",
            field=models.JSONField(
                default=list,
                help_text="The next moments at which something public stops being visible, the soonest first.",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(
                    ("tombstone", False), ("valid_to", None), models.Q(("expires_at", None), _negated=True)
                ),
                fields=["expires_at"],
                name="document_by_expiry",
            ),
        ),
        migrations.CreateModel(
            name="Purged",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=500, unique=True)),
                ("generation", models.BigIntegerField(help_text="The last change that it was told.")),
                ("repeated", models.BigIntegerField(help_text="The last change that it was told a second time.")),
            ],
        ),
        migrations.RunPython(find_expiries, migrations.RunPython.noop, elidable=True),
    ]
