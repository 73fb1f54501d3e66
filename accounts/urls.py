"""Coming back after a session ended; the pages of signing in itself are allauth's."""

from django.urls import path

from accounts import carrying
from common.routes import SIGNED_IN, Rule

urlpatterns = [
    path("go-on/<str:key>/", carrying.go_on, name="go_on"),
    path("back-again/", carrying.back_again, name="back_again"),
]
ACCESS: dict[str, Rule] = {"go_on": Rule(), "back_again": SIGNED_IN}
