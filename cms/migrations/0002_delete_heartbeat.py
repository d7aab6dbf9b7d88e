from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cms", "0001_initial")]

    operations = [migrations.DeleteModel(name="Heartbeat")]
