"""Reports, for supervisors (their teams), managers and admins."""

from django.urls import path

from common.routes import LEADERS, Rule
from desk.reports import behind, views

urlpatterns = [
    path("reports/sla/", views.sla, name="sla_report"),
    path("reports/sla/tickets/", behind.sla_tickets, name="sla_report_tickets"),
    path("reports/sla.csv", views.sla_csv, name="sla_report_csv"),
]
ACCESS: dict[str, Rule] = {"sla_report": LEADERS, "sla_report_csv": LEADERS, "sla_report_tickets": LEADERS}
