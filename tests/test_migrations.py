"""Migrations that a running site survives: the last release still works on the new tables, nobody waits for a lock, and
each can be taken back.

The old release serves while `migrate` runs, and again after a rollback (docs/runbook.md).
"""

import pytest
from django.contrib.postgres.operations import NotInTransactionMixin
from django.core.management import call_command
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader

from tests import factories

LOADER = MigrationLoader(None)
OURS = sorted(key for key in LOADER.disk_migrations if key[0] in ("api", "cms", "content"))
BREAKING = (
    operations.RemoveField,
    operations.DeleteModel,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
    operations.RemoveConstraint,
)
"""What the release before asks for is not there any more."""
LOCKING = operations.AddIndex, operations.AddConstraint
"""Nobody writes to the table until all its rows were read."""
ACCEPTED = {
    ("api", "0002_content"): "before the first release",
    ("api", "0003_slimmer_indexes"): "before the first release",
    ("api", "0005_parent"): "before the first release",
    ("api", "0008_caching"): "before the first release",
    ("api", "0009_preview_addresses"): "before the first release",
    ("content", "0002_fact_ledger"): "before the first release",
    ("content", "0003_page_types"): "before the first release",
    ("content", "0004_snippets"): "before the first release",
    ("content", "0006_freshness"): "before the first release",
    ("content", "0007_private_files"): "before the first release",
    ("content", "0009_fact_by_expiry"): "before the first release",
}
"""Each with its reason, such as: the table never has more than a few hundred rows."""


def faults(migration, before):
    """What each operation would do to a site that is running; `before` is the state of the models."""
    new = {each.name_lower for each in migration.operations if isinstance(each, operations.CreateModel)}
    found = []
    for each in migration.operations:
        name = each.describe()
        table = getattr(each, "model_name", getattr(each, "name", "")).lower()
        if isinstance(each, BREAKING):
            found.append(f"{name}: the last release needs it; let a release pass that does not")
        elif isinstance(each, operations.AddField) and table not in new and not has_default(each.field):
            found.append(f"{name}: the last release inserts rows without it; give it null=True or a db_default")
        elif (
            isinstance(each, operations.AddField) and isinstance(each.field, models.GeneratedField) and table not in new
        ):
            found.append(f"{name}: all rows are rewritten")
        elif isinstance(each, operations.AlterField) and narrows(
            before.models[migration.app_label, each.model_name_lower], each
        ):
            found.append(f"{name}: rows are rewritten, or those of the last release refused")
        elif isinstance(each, LOCKING) and not isinstance(each, NotInTransactionMixin) and table not in new:
            found.append(f"{name}: locks the table while it is read")
        if not each.reversible:
            found.append(f"{name}: there is no way back")
    return found


def has_default(field):
    return field.null or field.has_db_default() or isinstance(field, models.ManyToManyField | models.GeneratedField)


def narrows(model, operation):
    """Whether a column gets another type, or takes less than before."""
    old, new = model.fields.get(operation.name), operation.field
    if old is None:
        return False
    length = getattr(old, "max_length", None) or 0, getattr(new, "max_length", None) or 0
    return (
        old.get_internal_type() != new.get_internal_type()
        or (old.null and not new.null)
        or (new.unique and not old.unique)
        or length[1] < length[0]
    )


@pytest.mark.parametrize("key", OURS, ids=".".join)
def test_a_running_site_survives(key):
    found = faults(LOADER.disk_migrations[key], LOADER.project_state(key, at_end=False))
    assert bool(found) == (key in ACCEPTED), "\n".join(found)


def test_what_narrows_a_column_or_has_no_way_back_is_found():
    migration = Migration("0002_more", "cms")
    migration.dependencies = [("cms", "0001_initial")]
    name = models.CharField(max_length=20, primary_key=True)
    migration.operations = [operations.AlterField("heartbeat", "name", name), operations.RunPython(print)]
    state = LOADER.project_state(("cms", "0001_initial"))
    assert [fault.partition(": ")[2] for fault in faults(migration, state)] == [
        "rows are rewritten, or those of the last release refused",
        "there is no way back",
    ]


@pytest.mark.django_db(transaction=True)
def test_every_migration_is_taken_back_and_applied_again(migrate_to, graphql):
    factories.ArticlePageFactory(slug="kept", body=factories.every_block())
    ask = '{ article(slug: "kept") { title path body { __typename } } }'
    before = graphql(ask)["data"]
    for app in ("api", "content", "cms"):
        migrate_to(app, "0001_initial")
    call_command("migrate", verbosity=0)
    call_command("migrate", check_unapplied=True, verbosity=0)
    assert graphql(ask)["data"] == before
