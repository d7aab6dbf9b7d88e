import uuid

import django.db.models.deletion
import modelcluster.fields
import modelsearch.index
from django.conf import settings
from django.db import migrations, models
from wagtail.coreutils import get_supported_content_language_variant

import content.models.link
import content.preview


def write_language(apps, schema_editor):
    """What is there was written in the main language; categories were listed by name."""
    for name in ("Category", "Topic"):
        model = apps.get_model("content", name)
        rows = list(model.objects.order_by("name", "pk"))
        if not rows:
            continue
        locale = apps.get_model("wagtailcore", "Locale").objects.get(
            language_code=get_supported_content_language_variant(settings.LANGUAGE_CODE)
        )
        for position, row in enumerate(rows):
            row.locale, row.translation_key = locale, uuid.uuid4()
            if name == "Category":
                row.position = position
        places = ["position"] if name == "Category" else []
        model.objects.bulk_update(rows, ["locale", "translation_key", *places], batch_size=200)
    if schema_editor.connection.vendor == "postgresql":
        # PostgreSQL alters no table whose foreign keys it has still to check.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0003_page_types"),
        ("wagtailcore", "0098_apitoken"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="category",
            options={"ordering": ["position", "pk"], "verbose_name_plural": "categories"},
        ),
        migrations.AddField(
            model_name="category",
            name="depth",
            field=models.IntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="category",
            name="locale",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="wagtailcore.locale",
                verbose_name="locale",
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                help_text="The wider category that this one belongs to. Leave empty for one at the top.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="content.category",
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="position",
            field=models.IntegerField(db_index=True, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="category",
            name="sort_order",
            field=models.IntegerField(
                default=0, help_text="Lower numbers come first; equal ones are ordered by name.", verbose_name="order"
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="translation_key",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="topic",
            name="locale",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="wagtailcore.locale",
                verbose_name="locale",
            ),
        ),
        migrations.AddField(
            model_name="topic",
            name="translation_key",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunPython(write_language, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="category",
            name="locale",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="wagtailcore.locale",
                verbose_name="locale",
            ),
        ),
        migrations.AlterField(
            model_name="category",
            name="translation_key",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AlterField(
            model_name="topic",
            name="locale",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="wagtailcore.locale",
                verbose_name="locale",
            ),
        ),
        migrations.AlterField(
            model_name="topic",
            name="translation_key",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AlterField(
            model_name="category",
            name="slug",
            field=models.SlugField(
                blank=True,
                help_text="The last part of its address in the front end. Made from the name when left empty.",
                max_length=120,
            ),
        ),
        migrations.AlterField(
            model_name="topic",
            name="slug",
            field=models.SlugField(
                blank=True,
                help_text="The last part of its address in the front end. Made from the name when left empty.",
                max_length=120,
            ),
        ),
        migrations.AlterUniqueTogether(
            name="category",
            unique_together={("locale", "slug"), ("translation_key", "locale")},
        ),
        migrations.AlterUniqueTogether(
            name="topic",
            unique_together={("locale", "slug"), ("translation_key", "locale")},
        ),
        migrations.CreateModel(
            name="Menu",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("translation_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("live", models.BooleanField(default=True, editable=False, verbose_name="live")),
                (
                    "has_unpublished_changes",
                    models.BooleanField(default=False, editable=False, verbose_name="has unpublished changes"),
                ),
                (
                    "first_published_at",
                    models.DateTimeField(blank=True, db_index=True, null=True, verbose_name="first published at"),
                ),
                (
                    "last_published_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last published at"),
                ),
                ("go_live_at", models.DateTimeField(blank=True, null=True, verbose_name="go live date/time")),
                ("expire_at", models.DateTimeField(blank=True, null=True, verbose_name="expiry date/time")),
                ("expired", models.BooleanField(default=False, editable=False, verbose_name="expired")),
                ("locked", models.BooleanField(default=False, editable=False, verbose_name="locked")),
                ("locked_at", models.DateTimeField(editable=False, null=True, verbose_name="locked at")),
                (
                    "place",
                    models.CharField(
                        choices=[("main", "Main menu"), ("footer", "Footer")], default="main", max_length=10
                    ),
                ),
                (
                    "latest_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="latest revision",
                    ),
                ),
                (
                    "live_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="live revision",
                    ),
                ),
                (
                    "locale",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtailcore.locale",
                        verbose_name="locale",
                    ),
                ),
                (
                    "locked_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="locked_%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="locked by",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="menus", to="wagtailcore.site"
                    ),
                ),
            ],
            options={
                "ordering": ["site__hostname", "locale__language_code", "-place", "pk"],
                "abstract": False,
            },
            bases=(content.preview.HeadlessPreviewMixin, models.Model),
        ),
        migrations.CreateModel(
            name="MenuEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
                (
                    "address",
                    models.CharField(
                        blank=True,
                        help_text="In place of a page: a path such as /topics/data/, or a whole address such as https://example.org/.",
                        max_length=500,
                        validators=[content.models.link.validate_address],
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        blank=True, help_text="Needed with an address. Without one: the page's title.", max_length=80
                    ),
                ),
                (
                    "is_below",
                    models.BooleanField(
                        default=False,
                        help_text="Puts it into the submenu of the entry above it.",
                        verbose_name="below the entry above",
                    ),
                ),
                (
                    "menu",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="content.menu"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "menu entries",
                "ordering": ["sort_order", "pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PublicationSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "publisher",
                    models.CharField(
                        blank=True,
                        help_text="Who publishes this site, as search engines should name them.",
                        max_length=120,
                    ),
                ),
                (
                    "corrections_email",
                    models.EmailField(
                        blank=True,
                        help_text="Where readers tell of mistakes. Everybody can see it.",
                        max_length=254,
                        verbose_name="address for corrections",
                    ),
                ),
                (
                    "footer_text",
                    models.TextField(
                        blank=True,
                        help_text="One or two sentences at the foot of every page, without formatting.",
                        max_length=400,
                    ),
                ),
                (
                    "site",
                    models.OneToOneField(
                        editable=False, on_delete=django.db.models.deletion.CASCADE, to="wagtailcore.site"
                    ),
                ),
                (
                    "social_image",
                    models.ForeignKey(
                        blank=True,
                        help_text="Shown when a page is shared that has no image of its own, best at 1200 × 630 pixels.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="content.customimage",
                        verbose_name="social image",
                    ),
                ),
            ],
            options={
                "verbose_name": "publication settings",
                "verbose_name_plural": "publication settings",
            },
        ),
        migrations.CreateModel(
            name="SocialProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
                ("name", models.CharField(help_text="As readers know it: “Mastodon”.", max_length=60)),
                ("url", models.URLField(verbose_name="address")),
                (
                    "settings",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profiles",
                        to="content.publicationsettings",
                    ),
                ),
            ],
            options={
                "ordering": ["sort_order", "pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("translation_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("live", models.BooleanField(default=True, editable=False, verbose_name="live")),
                (
                    "has_unpublished_changes",
                    models.BooleanField(default=False, editable=False, verbose_name="has unpublished changes"),
                ),
                (
                    "first_published_at",
                    models.DateTimeField(blank=True, db_index=True, null=True, verbose_name="first published at"),
                ),
                (
                    "last_published_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last published at"),
                ),
                ("go_live_at", models.DateTimeField(blank=True, null=True, verbose_name="go live date/time")),
                ("expire_at", models.DateTimeField(blank=True, null=True, verbose_name="expiry date/time")),
                ("expired", models.BooleanField(default=False, editable=False, verbose_name="expired")),
                ("locked", models.BooleanField(default=False, editable=False, verbose_name="locked")),
                ("locked_at", models.DateTimeField(editable=False, null=True, verbose_name="locked at")),
                (
                    "address",
                    models.CharField(
                        blank=True,
                        help_text="In place of a page: a path such as /topics/data/, or a whole address such as https://example.org/.",
                        max_length=500,
                        validators=[content.models.link.validate_address],
                    ),
                ),
                ("text", models.CharField(help_text="One or two sentences, without formatting.", max_length=240)),
                (
                    "severity",
                    models.CharField(
                        choices=[("info", "Information"), ("warning", "Warning"), ("urgent", "Urgent")],
                        default="info",
                        max_length=10,
                    ),
                ),
                (
                    "latest_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="latest revision",
                    ),
                ),
                (
                    "live_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="live revision",
                    ),
                ),
                (
                    "locale",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtailcore.locale",
                        verbose_name="locale",
                    ),
                ),
                (
                    "locked_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="locked_%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="locked by",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        help_text="Leave empty to show it on every site.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="announcements",
                        to="wagtailcore.site",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "abstract": False,
                "unique_together": {("translation_key", "locale")},
            },
            bases=(content.preview.HeadlessPreviewMixin, models.Model, modelsearch.index.Indexed),
        ),
        migrations.AddConstraint(
            model_name="menu",
            constraint=models.UniqueConstraint(
                fields=("site", "locale", "place"), name="one_menu_per_site_language_and_place"
            ),
        ),
        migrations.AlterUniqueTogether(
            name="menu",
            unique_together={("translation_key", "locale")},
        ),
    ]
