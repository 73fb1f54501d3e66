"""The settings: what an admin changes, and what a supervisor may."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Role, User
from events import values
from events.models import Event, Setting
from sla.models import Policy
from staff.models import Brand, Membership, Team
from tickets.models import Category, HoldReason


@pytest.fixture
def as_admin(client, adam):
    client.force_login(adam)
    return client


def test_every_page_of_the_settings_opens(as_admin, tier1, alice, sara):
    text = as_admin.get(reverse("desk:settings")).content.decode()
    assert "Tier 1" in text
    for name, args in (
        ("team_add", []), ("team", [tier1.pk]), ("colleague_add", []), ("colleague", [alice.pk]), ("category_add", []),
        ("category", [Category.objects.first().pk]), ("hold_reason", [HoldReason.objects.first().pk]),
        ("sla_policy", [Policy.objects.first().pk]), ("brand", [Brand.objects.first().pk]),
        *(("policy_values", [group]) for group in {one.group for one in values.definitions()}),
    ):  # fmt: skip
        assert as_admin.get(reverse(f"desk:{name}", args=args)).status_code == 200, name


def test_a_team_is_added_and_changed(as_admin, tier1, sara):
    fields = {"name": "Returns", "parent": tier1.pk, "supervisor": sara.pk, "is_active": "on"}

    assert as_admin.post(reverse("desk:team_add"), fields).status_code == 302

    team = Team.objects.get(name="Returns")
    assert (team.parent, team.supervisor) == (tier1, sara)
    taken = as_admin.post(reverse("desk:team_add"), fields | {"name": "RETURNS"})
    assert taken.status_code == 422
    assert "a team of this name" in taken.content.decode()
    ring = as_admin.post(
        reverse("desk:team", args=[tier1.pk]), {"name": "Tier 1", "parent": team.pk, "is_active": "on"}
    )
    assert ring.status_code == 422
    assert as_admin.post(reverse("desk:team", args=[team.pk]), fields | {"is_restricted": "on"}).status_code == 302
    team.refresh_from_db()
    assert team.is_restricted


def test_a_supervisor_changes_the_members_of_their_own_team_alone(client, sara, bella, tier1, billing):
    client.force_login(sara)

    client.post(reverse("desk:member_add", args=[tier1.pk]), {"user": bella.pk, "role": "agent"})
    assert Membership.objects.filter(team=tier1, user=bella).exists()
    client.post(reverse("desk:member_remove", args=[tier1.pk, bella.pk]))
    assert not Membership.objects.filter(team=tier1, user=bella).exists()

    client.post(reverse("desk:member_add", args=[tier1.pk]), {"user": bella.pk, "role": "supervisor"})
    assert not Membership.objects.filter(team=tier1, user=bella).exists()
    assert client.post(reverse("desk:member_add", args=[billing.pk]), {"user": sara.pk}).status_code == 404
    assert client.get(reverse("desk:team", args=[billing.pk])).status_code == 404
    assert client.post(reverse("desk:team", args=[tier1.pk]), {"name": "Mine"}).status_code == 200
    tier1.refresh_from_db()
    assert tier1.name == "Tier 1"


def colleague(**changes):
    fields = {
        "email": "nora@desk.example", "name": "Nora", "roles": ["agent", "manager"], "language": "nb",
        "time_zone": "Europe/Oslo", "provider": "in_house", "capacity": "7",
    }  # fmt: skip
    return fields | changes


def test_a_colleague_is_added_with_roles_and_changed(as_admin, adam):
    assert as_admin.post(reverse("desk:colleague_add"), colleague(idempotency_key="k")).status_code == 302
    as_admin.post(reverse("desk:colleague_add"), colleague(idempotency_key="k"))  # a double click

    nora = User.objects.get(email="nora@desk.example")
    assert (nora.roles, nora.time_zone, nora.staff_profile.capacity) == ({"agent", "manager"}, "Europe/Oslo", 7)
    assert Event.objects.filter(kind="staff.role_granted", actor=adam).count() == 2
    again = as_admin.post(reverse("desk:colleague_add"), colleague())
    assert again.status_code == 422
    assert "a colleague with this address" in again.content.decode()

    as_admin.post(reverse("desk:colleague", args=[nora.pk]), colleague(roles=["supervisor"]))
    nora = User.objects.get(pk=nora.pk)
    assert nora.roles == {"supervisor"}


def test_the_last_admin_stays_one(as_admin, adam):
    answer = as_admin.post(reverse("desk:colleague", args=[adam.pk]), colleague(email=adam.email, roles=["agent"]))

    assert answer.status_code == 422
    assert "needs an admin" in answer.content.decode()
    assert User.objects.get(pk=adam.pk).roles == {Role.ADMIN}
    as_admin.post(reverse("desk:colleague_active", args=[adam.pk]))
    assert User.objects.get(pk=adam.pk).is_active


def test_values_are_changed_with_a_history_and_good_errors(as_admin, adam):
    url = reverse("desk:policy_values", args=["holds"])
    fields = {
        "hold__longest_phone_seconds": "240",
        "hold__longest_desk_seconds": "1800",
        "hold__longest_working_days": "3",
    }

    assert as_admin.post(url, fields | {"hold__longest_working_days": "900"}).status_code == 422
    assert values.get("hold.longest_working_days") == 3
    assert as_admin.post(url, fields).status_code == 302
    assert values.get("hold.longest_phone_seconds") == 240
    assert [(row.key, row.set_by) for row in Setting.objects.all()] == [("hold.longest_phone_seconds", adam)]
    assert as_admin.get(reverse("desk:policy_values", args=["no-such"])).status_code == 404


def test_targets_brand_categories_and_hold_reasons(as_admin):
    policy, brand = Policy.objects.get(is_default=True), Brand.objects.first()

    as_admin.post(
        reverse("desk:sla_policy", args=[policy.pk]),
        {"name": policy.name, "first": "4", "next": "8.5", "resolution": "", "is_active": "on"},
    )
    policy.refresh_from_db()
    assert (policy.first_response_seconds, policy.next_response_seconds, policy.resolution_seconds) == (
        14400,
        30600,
        None,
    )

    look = {"name": "Nova", "sender_name": "Nova", "sender_address": "hi@nova.example", "domain": ""}
    bad = as_admin.post(reverse("desk:brand", args=[brand.pk]), look | {"colour": "red;}"})
    assert bad.status_code == 422
    assert as_admin.post(reverse("desk:brand", args=[brand.pk]), look | {"colour": "#AB12cd"}).status_code == 302
    brand.refresh_from_db()
    assert brand.colour == "#ab12cd"

    top = Category.objects.first()
    assert (
        as_admin.post(reverse("desk:category_add"), {"name": "Sub", "parent": top.pk, "is_active": "on"}).status_code
        == 302
    )
    sub = Category.objects.get(name="Sub")
    ring = as_admin.post(
        reverse("desk:category", args=[top.pk]), {"name": top.name, "parent": sub.pk, "is_active": "on"}
    )
    assert ring.status_code == 422
    assert as_admin.post(reverse("desk:hold_reason_add"), {"code": "x y", "name": "X"}).status_code == 422
    assert Event.objects.filter(kind="settings.changed").count() == 3
