"""Customers in the database's admin pages: to look at. Changes are events and are made at the desk."""

from django.contrib import admin

from customers.models import Department, EmailAddress, Flag, Organisation, Person, PersonMerge, PhoneNumber, Purchase


class LookOnly:
    """No change passes by the operations."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class AddressInline(LookOnly, admin.TabularInline):
    model = EmailAddress


class PhoneInline(LookOnly, admin.TabularInline):
    model = PhoneNumber


@admin.register(Person)
class PersonAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("name", "kind", "organisation", "department", "language", "created_at")
    list_select_related = ("organisation", "department")
    list_filter = ("kind",)
    search_fields = ("name", "addresses__address")
    show_full_result_count = False
    inlines = (AddressInline, PhoneInline)


@admin.register(Organisation)
class OrganisationAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("name", "domain", "shares_tickets")
    search_fields = ("name",)


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    list_display = ("name", "parent")


@admin.register(Purchase)
class PurchaseAdmin(admin.ModelAdmin):
    list_display = ("product", "serial", "person", "organisation", "bought_on")
    autocomplete_fields = ("person", "organisation")


@admin.register(Flag)
class FlagAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("person", "kind", "set_by", "review_at", "expires_at", "lifted_at")
    list_select_related = ("person", "set_by")


@admin.register(PersonMerge)
class MergeAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("source", "target", "merged_by", "merged_at")
