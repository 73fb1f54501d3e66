"""The outbox, for admins."""

from django.urls import path

from common.routes import ADMINS, Rule
from desk.outbox import views

urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<uuid:public_id>/", views.mail, name="outbox_mail"),
    path("outbox/<uuid:public_id>/html/", views.mail_html, name="outbox_html"),
    path("outbox/<uuid:public_id>/again/", views.send_again, name="outbox_again"),
]
ACCESS: dict[str, Rule] = dict.fromkeys(("outbox", "outbox_mail", "outbox_html", "outbox_again"), ADMINS)
