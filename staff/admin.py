"""The house in the database's admin pages, to look at but for the brands."""

from django.contrib import admin

from staff.models import Brand, Calendar, CalendarSpan, Holiday, Membership, StaffProfile, Team


class ReadOnly:
    """To look at: changing these is an event, so it is done in the desk's settings."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class Recorded(ReadOnly, admin.ModelAdmin):
    pass


class SpanInline(ReadOnly, admin.TabularInline):
    model = CalendarSpan


class HolidayInline(ReadOnly, admin.TabularInline):
    model = Holiday


@admin.register(Calendar)
class CalendarAdmin(Recorded):
    list_display = ("name", "time_zone", "country", "subdivision", "is_default")
    inlines = (SpanInline, HolidayInline)


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    list_display = ("name", "sender_address", "domain", "is_default")


@admin.register(Team)
class TeamAdmin(Recorded):
    list_display = ("name", "parent", "supervisor", "calendar", "is_restricted", "is_active")
    list_select_related = ("parent", "supervisor", "calendar")


@admin.register(Membership)
class MembershipAdmin(Recorded):
    list_display = ("team", "user", "role", "since")
    list_select_related = ("team", "user")


@admin.register(StaffProfile)
class ProfileAdmin(Recorded):
    list_display = ("user", "provider", "availability", "availability_since", "is_duty_supervisor", "capacity")
    list_select_related = ("user",)
