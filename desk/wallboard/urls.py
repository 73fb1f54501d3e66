"""The wallboard, for all staff: it shows numbers of tickets, and nothing of customers."""

from django.urls import path

from common.routes import STAFF, Rule
from desk.wallboard import views

urlpatterns = [path("wallboard/", views.wallboard, name="wallboard")]
ACCESS: dict[str, Rule] = {"wallboard": STAFF}
