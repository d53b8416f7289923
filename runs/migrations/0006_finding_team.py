from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    runs = apps.get_model("runs", "Run").objects.filter(pk=OuterRef("run_id"))
    apps.get_model("runs", "RunFinding").objects.update(team_id=Subquery(runs.values("team_id")[:1]))


class Migration(migrations.Migration):
    dependencies = [("runs", "0005_recurrence")]

    operations = [
        migrations.AddField(
            model_name="runfinding",
            name="team",
            field=models.ForeignKey(null=True, on_delete=models.deletion.CASCADE, related_name="+", to="runs.team"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
