from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("runs", "0006_finding_team")]

    operations = [
        migrations.AlterField(
            model_name="runfinding",
            name="team",
            field=models.ForeignKey(on_delete=models.deletion.CASCADE, related_name="+", to="runs.team"),
        ),
        migrations.AddIndex(
            model_name="runfinding",
            index=models.Index(fields=["team", "fingerprint", "first_seen_at"], name="finding_team_fingerprint"),
        ),
        migrations.AddIndex(
            model_name="runfinding",
            index=models.Index(condition=Q(("change", "back")), fields=["run"], name="finding_back"),
        ),
    ]
