"""The settings: what an admin changes, and what a supervisor may."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Role, User
from desk.forms import WholeNumber
from desk.settings import forms
from events import values
from events.models import Event, Setting
from sla.models import Policy
from staff.models import Brand, Membership, Team
from tickets.models import Category, HoldReason


@pytest.fixture
def as_admin(client, adam):
    client.force_login(adam)
    return client


def test_a_number_out_of_bounds_is_told_in_our_words():
    field = WholeNumber(min_value=1, max_value=99)

    for value, words in (("0", "Write 1 or more."), ("100", "Write 99 or less.")):
        with pytest.raises(ValidationError) as wrong:
            field.clean(value)
        assert wrong.value.messages == [words]


def test_every_page_of_the_settings_opens(as_admin, tier1, alice, sara):
    text = as_admin.get(reverse("desk:settings")).content.decode()
    assert "Tier 1" in text
    for name, args in (
        ("team_add", []), ("team", [tier1.pk]), ("colleague_add", []), ("colleague", [alice.pk]), ("category_add", []),
        ("category", [Category.objects.first().pk]), ("hold_reason", [HoldReason.objects.first().pk]),
        ("policy", [Policy.objects.first().pk]), ("brand", [Brand.objects.first().pk]),
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
        "email": "nora@desk.example", "name": "Nora", "roles": ["agent", "manager"], "language": "en",
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


def test_a_colleague_is_offered_the_languages_of_the_desk_alone(as_admin):
    form = as_admin.get(reverse("desk:colleague_add")).context["form"]

    assert [code for code, _name in form.fields["language"].choices] == ["en"]
    assert as_admin.post(reverse("desk:colleague_add"), colleague(language="nb")).status_code == 422
    assert not User.objects.filter(email="nora@desk.example").exists()


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
        "hold__longest_phone_seconds": "4 min",
        "hold__longest_desk_seconds": "half an hour",
        "hold__longest_working_days": "3",
    }

    unclear = as_admin.post(url, fields)
    assert unclear.status_code == 422
    assert "Write a number with its unit, such as 30 min, 2 h or 3 d." in unclear.content.decode()
    assert 'value="half an hour"' in unclear.content.decode()
    fields["hold__longest_desk_seconds"] = "0,5 Hours"  # as it was: no change
    assert "Enter 1 s or more." in as_admin.post(url, fields | {"hold__longest_phone_seconds": "0 s"}).content.decode()
    assert as_admin.post(url, fields | {"hold__longest_phone_seconds": "5000 d"}).status_code == 422
    assert as_admin.post(url, fields | {"hold__longest_working_days": "900"}).status_code == 422
    assert values.get("hold.longest_working_days") == 3
    assert as_admin.post(url, fields).status_code == 302
    assert values.get("hold.longest_phone_seconds") == 240
    assert [(row.key, row.set_by) for row in Setting.objects.all()] == [("hold.longest_phone_seconds", adam)]
    assert as_admin.get(reverse("desk:policy_values", args=["no-such"])).status_code == 404


def test_brand_categories_and_hold_reasons(as_admin):
    brand = Brand.objects.first()

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
    assert Event.objects.filter(kind="settings.changed").count() == 2


def test_people_read_and_write_times_in_words_and_never_a_code(as_admin):
    files = as_admin.get(reverse("desk:policy_values", args=["files"])).content.decode()
    assert re.search(r'value="\d+ MB"', files)
    assert "Bytes" not in files

    fields = {"name": "Waiting for a part", "side": "ours", "position": "6", "is_active": "on"}
    for _twice in range(2):
        assert as_admin.post(reverse("desk:hold_reason_add"), fields).status_code == 302
    made = HoldReason.objects.filter(name="Waiting for a part").order_by("pk")
    assert [reason.code for reason in made] == ["waiting_for_a_part", "waiting_for_a_part_2"]
    form = as_admin.get(reverse("desk:hold_reason", args=[made[0].pk])).content.decode()
    assert "waiting_for_a_part" not in form
    as_admin.post(reverse("desk:hold_reason", args=[made[0].pk]), fields | {"name": "Waits for a part"})
    assert HoldReason.objects.get(pk=made[0].pk).code == "waiting_for_a_part"


def test_two_admins_add_a_reason_of_one_name_at_the_same_instant(as_admin, monkeypatch):
    """The second looked for a free code before the first had saved."""
    fields = {"name": "Waiting for a part", "side": "ours", "position": "6", "is_active": "on"}
    as_admin.post(reverse("desk:hold_reason_add"), fields)
    looked, look = [], forms._free_code
    monkeypatch.setattr(forms, "_free_code", lambda name: looked.append(name) or (
        "waiting_for_a_part" if len(looked) == 1 else look(name)))  # fmt: skip

    answer = as_admin.post(reverse("desk:hold_reason_add"), fields)

    assert answer.status_code == 302
    codes = HoldReason.objects.filter(name="Waiting for a part").order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["waiting_for_a_part", "waiting_for_a_part_2"]


def test_a_reason_whose_code_is_taken_each_time_is_refused_kindly(as_admin, monkeypatch):
    fields = {"name": "Waiting for a part", "side": "ours", "position": "6", "is_active": "on"}
    as_admin.post(reverse("desk:hold_reason_add"), fields)
    monkeypatch.setattr(forms, "_free_code", lambda _name: "waiting_for_a_part")

    answer = as_admin.post(reverse("desk:hold_reason_add"), fields)

    assert answer.status_code == 422
    assert "Save once more." in answer.content.decode()
    assert HoldReason.objects.filter(name="Waiting for a part").count() == 1
