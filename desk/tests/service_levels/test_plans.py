"""Support plans in the settings and on customers' pages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from common.errors import Refused
from customers import plans
from customers.models import Organisation, SupportPlan

ADD = "/settings/service-levels/plans/new/"


def url(plan, part=""):
    return reverse(f"desk:plan{part}", args=[plan.pk])


def test_a_plan_is_made_given_and_taken_away(as_manager, carol, acme, ivan):
    answer = as_manager.post(ADD, {"name": " Gold "})
    gold = SupportPlan.objects.get(name="Gold")
    assert answer["Location"] == url(gold)

    as_manager.post(url(gold), {"organisation": "ACME"})
    as_manager.post(url(gold), {"person": ivan.pk})

    acme.refresh_from_db()
    ivan.refresh_from_db()
    assert (acme.plan, ivan.plan) == (gold, gold)
    html = as_manager.get(url(gold)).content.decode()
    assert "Acme" in html
    assert ivan.name in html
    as_manager.post(url(gold, "_take"), {"holder": f"organisation:{acme.pk}"})
    as_manager.post(url(gold, "_take"), {"holder": f"person:{ivan.pk}"})
    as_manager.post(url(gold, "_remove"))
    assert not SupportPlan.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [{"person": ""}, {"organisation": "Nobody"}, {"person": "x"}, {"person": "999999"}, {"organisation": "x" * 300}],
)
def test_nobody_is_no_holder(as_manager, gold, sent, acme):
    answer = as_manager.post(url(gold), sent)

    assert answer.status_code == 422
    assert "error" in answer.content.decode()
    assert gold.organisations.count() == 1


def test_two_are_given_it_or_none_is(as_manager, gold, ivan, monkeypatch):
    def refuse(*_args, **_more):
        raise Refused("Not this one.", code="no")

    monkeypatch.setattr("customers.plans.change_person", refuse)
    other = Organisation.objects.create(name="Orbit")

    answer = as_manager.post(url(gold), {"organisation": "Orbit", "person": ivan.pk})

    assert answer.status_code == 422
    other.refresh_from_db()
    assert other.plan is None


def test_nonsense_changes_nothing(as_manager, gold, acme):
    for holder in ("", "x", "organisation:", "organisation:x", f"person:{'9' * 40}", "team:1"):
        as_manager.post(url(gold, "_take"), {"holder": holder})
    as_manager.post(url(gold, "_remove"))
    for name in ("", "gold", "x" * 61, "\x00"):
        as_manager.post(ADD, {"name": name})

    acme.refresh_from_db()
    assert acme.plan == gold
    assert SupportPlan.objects.count() == 1


def test_a_plan_is_renamed_but_not_to_anothers_name(as_manager, gold):
    SupportPlan.objects.create(name="Silver")
    assert as_manager.post(url(gold, "_rename"), {"name": "SILVER"}).status_code == 422

    as_manager.post(url(gold, "_rename"), {"name": "Platinum"})

    gold.refresh_from_db()
    assert gold.name == "Platinum"


def test_a_manager_gives_it_on_customers_pages_and_an_agent_is_not_asked(client, mia, alice, gold, carol, acme):
    edits = {
        reverse("desk:customer_edit", args=[carol.pk]): {"name": "Carol Cole", "kind": "external",
                                                         "organisation": "Acme"},
        reverse("desk:organisation_edit", args=[acme.pk]): {"name": "Acme"},
    }  # fmt: skip
    client.force_login(alice)
    for address, sent in edits.items():
        assert 'name="plan"' not in client.get(address).content.decode()
        client.post(address, sent | {"plan": ""})
    acme.refresh_from_db()
    assert acme.plan == gold  # what an agent saves takes nothing away

    client.force_login(mia)
    for address, sent in edits.items():
        assert 'name="plan"' in client.get(address).content.decode()
        client.post(address, sent | {"plan": gold.pk if "customers" in address else ""})

    carol.refresh_from_db()
    acme.refresh_from_db()
    assert (carol.plan, acme.plan) == (gold, None)


def test_a_plan_that_takes_the_place_of_another_says_so(as_manager, gold, acme):
    acme.plan = gold
    acme.save(update_fields=["plan"])
    silver = SupportPlan.objects.create(name="Silver")

    html = as_manager.post(url(silver), {"organisation": "Acme"}, follow=True).content.decode()

    assert "Acme (until now Gold) has Silver from now on." in html
    assert "Give back Gold" in html


def test_the_old_plan_is_given_back_at_one_press(as_manager, gold, acme):
    silver = SupportPlan.objects.create(name="Silver")
    page = as_manager.post(url(silver), {"organisation": "Acme"}, follow=True)
    assert url(gold, "_back") in page.content.decode()

    page = as_manager.post(url(gold, "_back"), {"holder": f"organisation:{acme.pk}"}, follow=True)

    acme.refresh_from_db()
    assert acme.plan == gold
    assert "Acme has Gold again." in page.content.decode()


def test_what_was_taken_away_or_given_first_has_its_way_back_too(as_manager, gold, acme, ivan):
    page = as_manager.post(url(gold, "_take"), {"holder": f"organisation:{acme.pk}"}, follow=True)
    assert "Give back Gold" in page.content.decode()
    as_manager.post(url(gold, "_back"), {"holder": f"organisation:{acme.pk}"})
    acme.refresh_from_db()
    assert acme.plan == gold

    page = as_manager.post(url(gold), {"person": ivan.pk}, follow=True)
    assert "Take Gold away again" in page.content.decode()


@pytest.mark.parametrize("said", ["x", "organisation:1:x", "person:0:0", "organisation:²:1", f"person:{'9' * 40}:0"])
def test_an_address_that_offers_nonsense_offers_nothing(as_manager, gold, said):
    html = as_manager.get(url(gold), {"before": said}).content.decode()

    assert "Give back" not in html
    assert "away again" not in html


@pytest.mark.parametrize(
    ("part", "sent"),
    [("", {"organisation": "Acme"}), ("_rename", {"name": "Platinum"}), ("_remove", {}), ("_back", {"holder": "A"})],
)
def test_a_plan_that_somebody_else_removes_meanwhile_is_refused_kindly(as_manager, acme, monkeypatch, part, sent):
    """It is there when the page looks, and gone when it is locked."""
    plan = SupportPlan.objects.create(name="Brief")
    sent = {key: f"organisation:{acme.pk}" if value == "A" else value for key, value in sent.items()}
    in_use = plans.in_use

    def too_late(row):
        SupportPlan.objects.filter(pk=row.pk).delete()
        return in_use(row)

    monkeypatch.setattr(plans, "in_use", too_late)
    page = as_manager.post(url(plan, part), sent, follow=True)

    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == reverse("desk:service_levels")
    assert "The plan “Brief” was removed by somebody else meanwhile." in page.content.decode()
