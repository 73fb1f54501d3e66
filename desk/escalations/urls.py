"""The escalation queue; its acts are a ticket's."""

from django.urls import path

from common.routes import STAFF, Rule
from desk.escalations import views

urlpatterns = [path("escalations/", views.escalations, name="escalations")]
ACCESS: dict[str, Rule] = {"escalations": STAFF}
