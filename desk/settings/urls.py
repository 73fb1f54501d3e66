"""The settings: an admin's, and for their own teams' members a supervisor's; service levels are a room of their own."""

from django.urls import path

from common.routes import ADMINS, HIDDEN, LEADERS, MANAGERS, SUPERVISORS, Rule
from desk.settings import brand, canned, views
from desk.settings.calendars import views as calendars

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/teams/new/", views.team_add, name="team_add"),
    path("settings/teams/<int:team_id>/", views.team, name="team"),
    path("settings/teams/<int:team_id>/members/", views.member_add, name="member_add"),
    path("settings/teams/<int:team_id>/members/<int:user_id>/remove/", views.member_remove, name="member_remove"),
    path("settings/people/new/", views.colleague_add, name="colleague_add"),
    path("settings/people/<int:user_id>/", views.colleague, name="colleague"),
    path("settings/people/<int:user_id>/active/", views.colleague_active, name="colleague_active"),
    path("settings/categories/new/", views.category, name="category_add"),
    path("settings/categories/<int:category_id>/", views.category, name="category"),
    path("settings/hold-reasons/new/", views.hold_reason, name="hold_reason_add"),
    path("settings/hold-reasons/<int:reason_id>/", views.hold_reason, name="hold_reason"),
    path("settings/brands/new/", brand.brand, name="brand_add"),
    path("settings/brands/preview/", brand.brand_preview, name="brand_preview"),
    path("settings/brands/<int:brand_id>/", brand.brand, name="brand"),
    path("settings/canned-replies/", canned.canned_replies, name="canned_replies"),
    path("settings/canned-replies/new/", canned.canned_reply, name="canned_reply_add"),
    path("settings/canned-replies/<int:canned_id>/", canned.canned_reply, name="canned_reply"),
    path("settings/calendars/", calendars.calendar_list, name="calendars"),
    path("settings/calendars/new/", calendars.calendar_form, name="calendar_add"),
    path("settings/calendars/<int:calendar_id>/", calendars.calendar_page, name="calendar"),
    path("settings/calendars/<int:calendar_id>/edit/", calendars.calendar_form, name="calendar_edit"),
    path(
        "settings/calendars/<int:calendar_id>/plan/", calendars.calendar_plan_take_back, name="calendar_plan_take_back"
    ),
    path("settings/calendars/<int:calendar_id>/remove/", calendars.calendar_remove, name="calendar_remove"),
    path("settings/values/<slug:group>/", views.policy_values, name="policy_values"),
]
ACCESS: dict[str, Rule] = {
    "settings": LEADERS,
    "team_add": ADMINS,
    "team": SUPERVISORS,
    "member_add": SUPERVISORS,
    "member_remove": SUPERVISORS,
    "colleague_add": ADMINS,
    "colleague": ADMINS,
    "colleague_active": ADMINS,
    "category_add": ADMINS,
    "category": ADMINS,
    "hold_reason_add": ADMINS,
    "hold_reason": ADMINS,
    "brand_add": ADMINS,
    "brand_preview": ADMINS,
    "brand": ADMINS,
    "calendars": MANAGERS,
    "calendar_add": MANAGERS,
    "calendar": MANAGERS,
    "calendar_edit": MANAGERS,
    "calendar_plan_take_back": MANAGERS,
    "calendar_remove": MANAGERS,
    "canned_replies": LEADERS,
    "canned_reply_add": LEADERS,
    "canned_reply": LEADERS.but(
        supervisor=HIDDEN
    ),  # a team's supervisor changes their team's; the example is no team's
    "policy_values": ADMINS,
}
