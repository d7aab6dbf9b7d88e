from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0010_share_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="Copy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField(help_text="When the backup was taken.")),
            ],
        ),
    ]
