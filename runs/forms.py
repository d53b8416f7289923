"""What people type into forms."""

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from runs.models import (
    LABEL_MAX_CHARS,
    REASON_MAX_CHARS,
    TASK_MAX_CHARS,
    TOKEN_NAME_MAX_CHARS,
    WEBHOOK_NAME_MAX_CHARS,
    WEBHOOK_URL_MAX_CHARS,
    Digest,
    NoticeSettings,
    Reason,
    Status,
    Team,
    TokenScope,
    Topic,
    Webhook,
)
from runs.services.review import Bulk, Decision
from runs.services.tokens import LIFETIMES_DAYS

if TYPE_CHECKING:
    from django.db.models import QuerySet

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


class ForPeople(forms.Form):
    """A form one of whose fields names a person; templates draw its choices from the page's `people`, asked for once a page."""

    person_field = ""

    def __init__(self, data: QueryDict, *, people: "QuerySet[User]") -> None:
        super().__init__(data)
        self.fields[self.person_field].queryset = people  # type: ignore[attr-defined]


class ReviewForm(ForPeople):
    """A finding's status, assignee and due date, with the version of the review that the person saw."""

    person_field = "assignee"
    status = forms.ChoiceField(choices=Status.choices)
    reason = forms.CharField(required=False, max_length=REASON_MAX_CHARS)
    accepted_until = forms.DateField(required=False)
    assignee = forms.ModelChoiceField(User.objects.none(), required=False)
    due_date = forms.DateField(required=False)
    version = forms.IntegerField(min_value=0)

    def decision(self) -> Decision:
        """What the person wants."""
        said = self.cleaned_data
        return Decision(Status(said["status"]), said["reason"], said["accepted_until"], said["assignee"], said["due_date"])


class BulkForm(ForPeople):
    """One change for all findings that are ticked; what is left empty stays."""

    person_field = "assignee"
    status = forms.ChoiceField(required=False, choices=[("", ""), *Status.choices])
    reason = forms.CharField(required=False, max_length=REASON_MAX_CHARS)
    accepted_until = forms.DateField(required=False)
    assignee = forms.ModelChoiceField(User.objects.none(), required=False)
    due_date = forms.DateField(required=False)

    def bulk(self) -> Bulk:
        """What the person wants."""
        said = self.cleaned_data
        status = Status(said["status"]) if said["status"] else None
        return Bulk(status, said["reason"], said["accepted_until"], said["assignee"], due_date=said["due_date"])


class TaskForm(ForPeople):
    """A next action: words (of an own one), who does it, until when, and the version that the person saw."""

    person_field = "owner"
    text = forms.CharField(required=False, max_length=TASK_MAX_CHARS)
    owner = forms.ModelChoiceField(User.objects.none(), required=False)
    due_date = forms.DateField(required=False)
    version = forms.IntegerField(min_value=0, required=False)


class TokenForm(forms.Form):
    """A new token of the API."""

    name = forms.CharField(label=_("Name"), max_length=TOKEN_NAME_MAX_CHARS)
    scope = forms.ChoiceField(label=_("It may"), choices=TokenScope.choices, initial=TokenScope.WRITE)
    days = forms.TypedChoiceField(label=_("Days"), choices=[(days, days) for days in LIFETIMES_DAYS], coerce=int, initial=30)


class NoticeForm(forms.Form):
    """What a person wants to be told: a reason that is not ticked is muted."""

    by_mail = forms.BooleanField(label=_("Tell me by e-mail"), required=False)
    reasons = forms.MultipleChoiceField(
        label=_("Tell me when"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(reason.value, reason.label) for reason in Reason if reason != Reason.DIGEST],
    )
    digest = forms.ChoiceField(label=_("A digest of my desk"), choices=Digest.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    @classmethod
    def of(cls, kept: NoticeSettings) -> "NoticeForm":
        """The form as it stands now."""
        wanted = [reason.value for reason in Reason if reason.value not in kept.muted]
        return cls(initial={"by_mail": kept.by_mail, "reasons": wanted, "digest": kept.digest, "language": kept.language})

    def wanted(self) -> NoticeSettings:
        """What the person wants."""
        said = self.cleaned_data
        muted = [value for value, _label in self.fields["reasons"].choices if value not in said["reasons"]]  # type: ignore[attr-defined]
        return NoticeSettings(by_mail=said["by_mail"], muted=muted, digest=said["digest"], language=said["language"])


class AddressForm(forms.Form):
    """The e-mail address that a person wants letters to go to; none where it is empty."""

    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)


class WebhookForm(forms.Form):
    """A webhook: where it posts to, and what about."""

    name = forms.CharField(label=_("Name"), max_length=WEBHOOK_NAME_MAX_CHARS)
    url = forms.CharField(label=_("Address"), max_length=WEBHOOK_URL_MAX_CHARS)
    topics = forms.MultipleChoiceField(label=_("What it is told about"), choices=Topic.choices, widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    is_active = forms.BooleanField(label=_("active"), required=False)

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookForm":
        """The form as the webhook stands now."""
        return cls(initial={field: getattr(webhook, field) for field in cls.base_fields})

    def wanted(self) -> Webhook:
        """What the person wants."""
        return Webhook(**self.cleaned_data)
