"""The customers' door. ``ACCESS`` states who may use each route."""

from django.urls import path

from common.routes import OK, PUBLIC, SIGNED_IN, Rule
from portal.views import brand, confirm, requests, submit, survey

app_name = "portal"
urlpatterns = [
    path("portal/", requests.home, name="home"),
    path("portal/new/", submit.submit, name="submit"),
    path("portal/sent/", submit.sent, name="sent"),
    path("portal/requests/<int:number>/", requests.detail, name="request"),
    path("portal/requests/<int:number>/reply/", requests.reply, name="reply"),
    path("portal/requests/<int:number>/answer/", requests.answer, name="answer"),
    path("portal/requests/<int:number>/supervisor/", requests.ask_for_supervisor, name="supervisor"),
    path("portal/requests/<int:number>/files/<uuid:public_id>/", requests.attachment, name="attachment"),
    path("confirm/<str:token>/", confirm.confirm, name="confirm"),
    path("confirm/<str:token>/undo/", confirm.undo, name="undo_confirmation"),
    path("survey/<str:token>/", survey.survey, name="survey"),
    path("survey/<str:token>/never/", survey.never_again, name="never_again"),
    path("brand/<slug:colour>.<int:version>.css", brand.style, name="brand_style"),
    path("brand/<int:brand_id>/<slug:digest>/logo", brand.logo, name="brand_logo"),
]
_OWN = Rule(customer=OK)
"""A request of one's own: for staff who are not its customer there is no such page (T13)."""

ACCESS: dict[str, Rule] = {
    **dict.fromkeys(("home", "submit", "sent", "confirm", "undo_confirmation", "survey", "never_again"), PUBLIC),
    **dict.fromkeys(("brand_style", "brand_logo"), PUBLIC),
    **dict.fromkeys(("reply", "answer", "supervisor"), SIGNED_IN),
    **dict.fromkeys(("request", "attachment"), _OWN),
}
