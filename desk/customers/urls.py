"""Customers: finding, the page of one, changing, merging, flags, organisations, departments."""

from django.urls import path

from common.routes import OWN_TEAMS, STAFF, Rule
from desk.customers import edit, views

ONE = "customers/<int:person_id>/"

urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("customers/search/", views.customer_search, name="customer_search"),
    path("customers/new/", edit.customer_add, name="customer_add"),
    path(ONE, views.customer, name="customer"),
    path(f"{ONE}edit/", edit.customer_edit, name="customer_edit"),
    path(f"{ONE}merge/", edit.customer_merge, name="customer_merge"),
    path(f"{ONE}reach/", edit.customer_reach, name="customer_reach"),
    path(f"{ONE}addresses/<int:address_id>/main/", edit.address_main, name="address_main"),
    path(f"{ONE}addresses/<int:address_id>/remove/", edit.address_remove, name="address_remove"),
    path(f"{ONE}phones/<int:phone_id>/main/", edit.phone_main, name="phone_main"),
    path(f"{ONE}phones/<int:phone_id>/remove/", edit.phone_remove, name="phone_remove"),
    path(f"{ONE}flags/new/", edit.customer_flag, name="customer_flag"),
    path(f"{ONE}flags/<int:flag_id>/", edit.flag_review, name="flag_review"),
    path(f"{ONE}flags/<int:flag_id>/lift/", edit.flag_lift, name="flag_lift"),
    path("organisations/search/", views.organisation_search, name="organisation_search"),
    path("organisations/<int:organisation_id>/", views.organisation, name="organisation"),
    path("organisations/<int:organisation_id>/edit/", edit.organisation_edit, name="organisation_edit"),
    path("departments/<int:department_id>/", views.department, name="department"),
]
EVERYBODY = ("customers", "customer_search", "customer_add", "organisation_search")
ACCESS: dict[str, Rule] = {
    pattern.name: STAFF if pattern.name in EVERYBODY else OWN_TEAMS for pattern in urlpatterns if pattern.name
}
