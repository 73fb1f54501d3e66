"""The desk's routes, and the floor."""

from django.urls import include, path

from benchmarks import floor

urlpatterns = [
    path("benchmarks/floor/", floor.floor),
    path("benchmarks/search/", floor.search),
    path("", include("helpdesk.urls")),
]
