"""Service levels in the settings: a manager's and an admin's; the simulator is read by supervisors, too."""

from django.urls import path

from common.routes import LEADERS, MANAGERS, Rule
from desk.settings.service_levels import applying, plans, simulator, views

ROOM = "settings/service-levels/"
ONE = f"{ROOM}<int:policy_id>/"
PLAN = f"{ROOM}plans/<int:plan_id>/"

urlpatterns = [
    path(ROOM, views.service_levels, name="service_levels"),
    path(f"{ROOM}new/", views.policy_add, name="policy_add"),
    path(ONE, views.policy, name="policy"),
    path(f"{ONE}move/", views.policy_move, name="policy_move"),
    path(f"{ONE}retire/", views.policy_retire, name="policy_retire"),
    path(f"{ONE}versions/<int:version_id>/take-back/", views.policy_take_back, name="policy_take_back"),
    path(f"{ROOM}plans/new/", plans.plan_new, name="plan_new"),
    path(PLAN, plans.plan, name="plan"),
    path(f"{PLAN}rename/", plans.plan_rename, name="plan_rename"),
    path(f"{PLAN}take/", plans.plan_take, name="plan_take"),
    path(f"{PLAN}back/", plans.plan_back, name="plan_back"),
    path(f"{PLAN}remove/", plans.plan_remove, name="plan_remove"),
    path(f"{ROOM}apply/", applying.policy_apply, name="policy_apply"),
    path(f"{ROOM}applied/<int:application_id>/", applying.policy_applied, name="policy_applied"),
    path(f"{ROOM}simulator/", simulator.simulator, name="simulator"),
]
ACCESS: dict[str, Rule] = {pattern.name: MANAGERS for pattern in urlpatterns if pattern.name} | {"simulator": LEADERS}
