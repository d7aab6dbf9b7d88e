"""Attribute groups become objects; facts get money, tools and versions as values."""

import django.core.validators
import django.db.models.deletion
import modelsearch.index
from django.db import migrations, models
from django.utils import timezone


def make_groups(apps, schema_editor):
    """One group for each text, in the order in which the attributes stood; and dates that are still to come stay
    allowed where there are some.
    """
    Attribute = apps.get_model("content", "Attribute")
    Group = apps.get_model("content", "AttributeGroup")
    Fact = apps.get_model("content", "Fact")
    groups = {}
    for attribute in Attribute.objects.order_by("sort_order", "group_label", "label", "pk"):
        label = " ".join(attribute.group_label.split())
        if label and label not in groups:
            groups[label] = Group.objects.create(label=label, sort_order=len(groups))
        attribute.group = groups.get(label)
        attribute.save(update_fields=["group"])
    # Dates are kept as text that sorts by day.
    today = timezone.localdate().isoformat()
    future = Fact.objects.filter(attribute__data_type="date", value__gt=today)
    Attribute.objects.filter(pk__in=future.values("attribute")).update(may_be_future=True)
    _check_now(schema_editor)


def keep_labels(apps, schema_editor):
    # A row that is a whole group has no form before this.
    apps.get_model("content", "ComparisonAttribute").objects.filter(attribute=None).delete()
    for attribute in apps.get_model("content", "Attribute").objects.exclude(group=None).select_related("group"):
        attribute.group_label = attribute.group.label
        attribute.save(update_fields=["group_label"])
    _check_now(schema_editor)


def _check_now(schema_editor):
    # PostgreSQL alters no table whose rows still wait for their foreign keys to be checked.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0001_initial"),
    ]

    operations = [
        # The order by group comes back at the end, when the group is an object of its own.
        migrations.AlterModelOptions("attribute", {"ordering": ["sort_order", "label", "pk"]}),
        migrations.AlterModelOptions("fact", {"ordering": ["tool", "qualifier", "pk"]}),
        migrations.CreateModel(
            name="AttributeGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "label",
                    models.CharField(
                        help_text="As readers see it above the rows of a matrix: “Packaging”.",
                        max_length=120,
                        unique=True,
                    ),
                ),
                (
                    "sort_order",
                    models.IntegerField(
                        default=0, help_text="Groups with lower numbers come first.", verbose_name="order"
                    ),
                ),
            ],
            options={
                "ordering": ["sort_order", "label"],
            },
            bases=(modelsearch.index.Indexed, models.Model),
        ),
        migrations.AddField(
            model_name="attribute",
            name="better",
            field=models.CharField(
                choices=[("higher", "Higher is better"), ("lower", "Lower is better"), ("neither", "Neither")],
                default="neither",
                help_text="For numbers, money, dates and versions only: whether a reader wants more of it or less.",
                max_length=20,
                verbose_name="which is better",
            ),
        ),
        migrations.AddField(
            model_name="attribute",
            name="may_be_future",
            field=models.BooleanField(
                default=False,
                help_text="For dates only: tick it for “Supported until”, not for “Latest release”.",
                verbose_name="may lie in the future",
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="problem",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Why it would be refused today; its attribute may have changed since it was published.",
                max_length=500,
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="since",
            field=models.CharField(
                blank=True,
                help_text="The first version of the tool for which it holds.",
                max_length=60,
                verbose_name="since version",
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="until",
            field=models.CharField(
                blank=True,
                help_text="The last version of the tool for which it holds.",
                max_length=60,
                verbose_name="until version",
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="value_tool",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The tool that the value names; the value itself keeps its name.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="named_by_facts",
                to="content.toolpage",
            ),
        ),
        migrations.AlterField(
            model_name="attribute",
            name="data_type",
            field=models.CharField(
                choices=[
                    ("boolean", "Yes or no"),
                    ("choice", "One of a list"),
                    ("number", "Number"),
                    ("money", "Amount of money"),
                    ("text", "Text"),
                    ("date", "Date"),
                    ("version", "Version"),
                    ("url", "Web address"),
                    ("tool", "Another tool"),
                ],
                default="boolean",
                max_length=20,
                verbose_name="type of value",
            ),
        ),
        migrations.AlterField(
            model_name="attribute",
            name="sort_order",
            field=models.IntegerField(
                default=0, help_text="Lower numbers come first inside the group.", verbose_name="order"
            ),
        ),
        migrations.AlterField(
            model_name="attribute",
            name="ttl_days",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="So long a verified fact is taken as current. Leave empty if the answer cannot change.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(36500)],
                verbose_name="days until stale",
            ),
        ),
        migrations.AlterField(
            model_name="attribute",
            name="unit",
            field=models.CharField(
                blank=True,
                help_text="For numbers and money only, shown after the value: “MB”, “stars”, “per month”.",
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="comparisonattribute",
            name="attribute",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="comparison_entries",
                to="content.attribute",
            ),
        ),
        migrations.AddField(
            model_name="comparisonattribute",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="comparison_entries",
                to="content.attributegroup",
                verbose_name="or a whole group",
            ),
        ),
        migrations.RenameField("attribute", "group", "group_label"),
        migrations.AddField(
            model_name="attribute",
            name="group",
            field=models.ForeignKey(
                blank=True,
                help_text="Attributes of one group stand together. Those without a group come last.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attributes",
                to="content.attributegroup",
            ),
        ),
        migrations.RunPython(make_groups, keep_labels),
        migrations.RemoveField("attribute", "group_label"),
        migrations.AlterModelOptions(
            name="attribute",
            options={
                "ordering": [
                    models.OrderBy(models.F("group__sort_order"), nulls_last=True),
                    models.OrderBy(models.F("group__label"), nulls_last=True),
                    "sort_order",
                    "label",
                    "pk",
                ]
            },
        ),
        migrations.AlterModelOptions(
            name="fact",
            options={
                "ordering": [
                    "tool",
                    models.OrderBy(models.F("attribute__group__sort_order"), nulls_last=True),
                    models.OrderBy(models.F("attribute__group__label"), nulls_last=True),
                    "attribute__sort_order",
                    "attribute__label",
                    "attribute__pk",
                    "qualifier",
                    "pk",
                ]
            },
        ),
        migrations.AddConstraint(
            model_name="comparisonattribute",
            constraint=models.CheckConstraint(
                condition=models.Q(("attribute", None), ("group", None), _connector="XOR"),
                name="comparison_row_is_an_attribute_or_a_group",
            ),
        ),
    ]
