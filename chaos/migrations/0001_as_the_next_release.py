"""What a release may do to the largest tables (tests/test_migrations.py): columns with a default, indexes that lock nobody
out, and rows that are filled in, in batches.
"""

from django.db import migrations

BATCH = 500


def fill_in(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM api_document")
        (last,) = cursor.fetchone()
        for first in range(0, last + 1, BATCH):
            cursor.execute(
                "UPDATE api_document SET next_release = left(title, 50) WHERE id >= %s AND id < %s",
                [first, first + BATCH],
            )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("api", "0001_initial"), ("content", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE api_document ADD COLUMN next_release varchar(50) NOT NULL DEFAULT ''",
            "ALTER TABLE api_document DROP COLUMN next_release",
        ),
        migrations.RunSQL(
            "ALTER TABLE wagtailcore_page ADD COLUMN next_release integer NULL",
            "ALTER TABLE wagtailcore_page DROP COLUMN next_release",
        ),
        migrations.RunSQL(
            "CREATE TABLE next_release (id bigserial PRIMARY KEY, page_id integer NOT NULL "
            "REFERENCES wagtailcore_page DEFERRABLE INITIALLY DEFERRED)",
            "DROP TABLE next_release",
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY next_release_index ON api_document (next_release, id)",
            "DROP INDEX CONCURRENTLY next_release_index",
        ),
    ]
