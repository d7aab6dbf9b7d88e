from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0006_freshness")]

    operations = [
        migrations.CreateModel(
            name="DiscardedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
            ],
        ),
        migrations.AddIndex("customimage", models.Index(fields=["file"], name="image_by_file")),
        migrations.AddIndex("rendition", models.Index(fields=["file"], name="rendition_by_file")),
    ]
