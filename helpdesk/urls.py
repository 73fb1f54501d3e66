"""Every route, by door: who stands outside decides where it begins."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from helpdesk import health, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("portal.urls")),
    path("", include("desk.urls")),  # last: staff live at the root
]
handler400 = "helpdesk.failures.bad_request"
handler429 = "helpdesk.failures.too_many"
handler500 = "helpdesk.failures.server_error"
