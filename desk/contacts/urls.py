"""Contacts: logging, beginning, ending."""

from django.urls import path

from common.routes import STAFF, Rule
from desk.contacts import views

urlpatterns = [
    path("contacts/log/", views.log_contact, name="log_contact"),
    path("contacts/who/", views.who, name="contact_who"),
    path("contacts/same/", views.same, name="contact_same"),
    path("contacts/about/", views.about, name="contact_about"),
    path("contacts/begin/", views.begin_call, name="begin_contact"),
    path("contacts/<int:pk>/end/", views.end_call, name="contact_end"),
]
ACCESS: dict[str, Rule] = {
    "log_contact": STAFF,
    "contact_who": STAFF,
    "contact_same": STAFF,
    "contact_about": STAFF,
    "begin_contact": STAFF,
    "contact_end": STAFF,
}
