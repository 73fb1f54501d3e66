"""Users in the database's admin pages: to look at and to mend; roles are granted in the desk's settings."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin

from accounts.models import RoleGrant, User

setattr(admin.site, "login", secure_admin_login(admin.site.login))  # noqa: B010 - one method of one instance


class GrantInline(admin.TabularInline):
    model = RoleGrant
    fk_name = "user"
    extra = 0
    can_delete = False
    readonly_fields = ("role", "granted_by", "granted_at")

    def has_add_permission(self, request, obj=None) -> bool:
        """A grant is an event: it is made in the settings."""
        return False


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "grants__role")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined", "is_active")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "called")}),
        ("Preferences", {"fields": ("language", "time_zone", "keys_enabled")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)
    inlines = (GrantInline,)
