"""Policies in Django's admin; the pages of the desk show which one applied."""

from django.contrib import admin

from sla.models import Policy


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs alone
    list_display = (
        "name", "is_active", "is_default", "customer_type", "organisation", "team", "channel", "ticket_type",
        "priority",
        "first_response_seconds", "next_response_seconds", "resolution_seconds", "calendar",
    )  # fmt: skip
    list_filter = ("is_active", "customer_type", "team")
    list_select_related = ("organisation", "team", "calendar")
    search_fields = ("name",)
