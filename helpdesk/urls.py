"""Every route, by door: who stands outside decides where it begins."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from helpdesk import health

DOORS = {
    "portal/": "portal.urls",
    "": "desk.urls",  # last: staff live at the root
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    *(path(prefix, include(module)) for prefix, module in DOORS.items() if find_spec(module)),
]
