"""The page that shows every token and component."""

from django.urls import path

from common.routes import STAFF, Rule
from desk.styleguide import views

urlpatterns = [path("styleguide/", views.styleguide, name="styleguide")]
ACCESS: dict[str, Rule] = {"styleguide": STAFF}
