"""My day and notices. ``ACCESS`` states who may use each route."""

from django.urls import path

from common.routes import STAFF, Rule
from desk.home import views

urlpatterns = [
    path("today/", views.home, name="home"),
    path("today/next/", views.take_next, name="take_next"),
    path("notices/read/", views.read_notices, name="read_notices"),
    path("notices/<int:pk>/", views.open_notice, name="notice"),
]
ACCESS: dict[str, Rule] = {"home": STAFF, "take_next": STAFF, "read_notices": STAFF, "notice": STAFF}
