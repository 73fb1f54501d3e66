"""Policies in Django's admin, to look at: the desk's settings change them, each change a version."""

from typing import Any

from django.contrib import admin

from sla.models import Policy, PolicyVersion


class VersionInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in its stubs alone
    model = PolicyVersion
    extra = 0
    can_delete = False

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs alone
    list_display = ("name", "is_default")
    search_fields = ("name",)
    inlines = (VersionInline,)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
