"""The house in the database's admin pages: calendars with their hours and holidays are kept here."""

from django.contrib import admin

from staff import calendars
from staff.models import Brand, Calendar, CalendarSpan, Holiday, Membership, StaffProfile, Team


class SpanInline(admin.TabularInline):
    model = CalendarSpan
    extra = 0


class HolidayInline(admin.TabularInline):
    model = Holiday
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin):
    list_display = ("name", "time_zone", "is_default")
    inlines = (SpanInline, HolidayInline)

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        calendars.publish(form.instance, by=request.user)


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    list_display = ("name", "sender_address", "domain", "is_default")


class Recorded(admin.ModelAdmin):
    """To look at: changing these is an event, so it is done in the desk's settings."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


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
