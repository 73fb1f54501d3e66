"""What the palette and the search field show as one types."""

from django.urls import path

from common.routes import STAFF, Rule
from desk.palette import views

urlpatterns = [path("palette/", views.palette, name="palette")]
ACCESS: dict[str, Rule] = {"palette": STAFF}
