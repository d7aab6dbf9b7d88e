"""`content.Worker` says now who is alive. The table stays for a release: until the last process of the release before
has ended, it writes and reads it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cms", "0001_initial")]
    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Heartbeat")])]
