"""What people type into forms."""

from typing import TYPE_CHECKING

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from runs.models import LABEL_MAX_CHARS, Team

if TYPE_CHECKING:
    from runs.models.team import AnyUser


class UploadForm(forms.Form):
    """Beside the files of an upload: the run's id, if a person gives one, and the team that will see it."""

    label = forms.CharField(label=_("Run ID"), required=False, max_length=LABEL_MAX_CHARS)
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=_("Team"),
        to_field_name="slug",
        error_messages={"required": _("Choose one of your teams."), "invalid_choice": _("Choose one of your teams.")},
    )

    def __init__(self, data: QueryDict | None = None, *, user: "AnyUser") -> None:
        teams = Team.objects.reviewable_by(user)
        self.teams = list(teams)
        if data is not None and len(self.teams) == 1 and "team" not in data:
            data = data.copy()
            data["team"] = self.teams[0].slug
        super().__init__(data)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
