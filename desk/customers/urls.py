"""To come."""

from django.urls import URLPattern

from common.routes import Rule

urlpatterns: list[URLPattern] = []
ACCESS: dict[str, Rule] = {}
