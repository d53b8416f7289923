"""The administration pages: people, teams and memberships. Runs and evidence are not here: being an administrator opens none."""

from typing import TYPE_CHECKING

from django.contrib import admin

from runs.models import Membership, Team

if TYPE_CHECKING:
    _Inline = admin.TabularInline[Membership, Team]
    _TeamAdmin = admin.ModelAdmin[Team]
    _MembershipAdmin = admin.ModelAdmin[Membership]
else:
    _Inline, _TeamAdmin, _MembershipAdmin = admin.TabularInline, admin.ModelAdmin, admin.ModelAdmin


class MembershipInline(_Inline):
    """The members of a team, on its page."""

    model = Membership
    extra = 1
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(_TeamAdmin):
    """Teams with their members."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}  # as Django's own documentation writes it
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(_MembershipAdmin):
    """All memberships, to be looked through by person."""

    list_display = ("user", "team", "role")
    list_filter = ("team", "role")
    search_fields = ("user__username", "team__name")
    autocomplete_fields = ("user", "team")
    list_select_related = ("user", "team")
