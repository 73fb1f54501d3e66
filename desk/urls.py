"""The staff's door. Each subject is a room with its own routes and their rules (``ACCESS``, see ``common.routes``)."""

from django.urls import include, path

from common.routes import SIGNED_IN, Rule
from desk import landing

app_name = "desk"

ROOMS = (
    "desk.account.urls",
    "desk.contacts.urls",
    "desk.customers.urls",
    "desk.escalations.urls",
    "desk.forecast.urls",
    "desk.home.urls",
    "desk.live.urls",
    "desk.outbox.urls",
    "desk.palette.urls",
    "desk.reports.urls",
    "desk.settings.service_levels.urls",
    "desk.settings.urls",
    "desk.styleguide.urls",
    "desk.tickets.urls",
    "desk.wallboard.urls",
)

urlpatterns = [
    path("", landing.landing, name="landing"),
    *(path("", include(room)) for room in ROOMS),
]
ACCESS: dict[str, Rule] = {"landing": SIGNED_IN}
