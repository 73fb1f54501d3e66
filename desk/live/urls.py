"""What pages fetch after a hint of the socket. ``ACCESS`` states who may use each route."""

from django.urls import path

from common.routes import OWN_TEAMS, STAFF, Rule
from desk.live import views

urlpatterns = [
    path("rail/", views.rail, name="rail"),
    path("tickets/rows/", views.rows, name="ticket_rows"),
    path("tickets/<int:number>/told/", views.told, name="ticket_told"),
]
ACCESS: dict[str, Rule] = {"rail": STAFF, "ticket_rows": STAFF, "ticket_told": OWN_TEAMS}
