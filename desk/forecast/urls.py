"""The forecast, for who leads: supervisors (their teams), managers and admins."""

from django.urls import path

from common.routes import LEADERS, Rule
from desk.forecast import views

urlpatterns = [path("escalations/forecast/", views.forecast, name="forecast")]
ACCESS: dict[str, Rule] = {"forecast": LEADERS}
