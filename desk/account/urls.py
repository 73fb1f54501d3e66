"""One's own account, and whether one is there."""

from django.urls import path

from common.routes import STAFF, Rule
from desk.account import views

urlpatterns = [
    path("account/", views.account, name="account"),
    path("availability/", views.availability, name="availability"),
]
ACCESS: dict[str, Rule] = {"account": STAFF, "availability": STAFF}
