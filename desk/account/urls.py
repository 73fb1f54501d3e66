"""One's own account, and whether one is there."""

from django.urls import path

from common.routes import STAFF, Rule
from desk.account import views

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/keys/", views.keys, name="account_keys"),
    path("account/notices/", views.notices, name="account_notices"),
    path("account/theme/", views.theme, name="account_theme"),
    path("availability/", views.availability, name="availability"),
]
ACCESS: dict[str, Rule] = {
    "account": STAFF,
    "account_keys": STAFF,
    "account_notices": STAFF,
    "account_theme": STAFF,
    "availability": STAFF,
}
