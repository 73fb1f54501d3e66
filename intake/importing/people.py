"""Those who took part: found again by their id in the source, or made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db.models.functions import Lower
from django.utils.text import slugify

from accounts.models import User
from common.text import clean_line
from customers.models import EmailAddress, Person
from events.models import Event
from events.recording import record
from intake.importing.plan import Agent, Plan, Who
from staff.models import StaffProfile, Team


class People:
    """Ids of agents, customers and teams of one source. Ask ``learn`` first, inside the batch's transaction."""

    def __init__(self, source: str, *, now: datetime) -> None:
        self.source, self.now = source, now
        self.agents: dict[str, int] = {}
        self.persons: dict[str, int] = {}
        self.teams: dict[str, int] = {}

    def learn(self, plans: Iterable[Plan]) -> None:
        """Know everybody whom these plans name; only a batch's own are kept in mind."""
        agents: dict[str, Agent] = {}
        persons: dict[str, Who] = {}
        teams: dict[str, Agent] = {}
        for plan in plans:
            persons.setdefault(plan.requester.key, plan.requester)
            for agent in (plan.opened_by, *(act.by for act in plan.acts), *(act.to for act in plan.acts)):
                if agent:
                    agents.setdefault(agent.key, agent)
            for team in (plan.team, *(act.team for act in plan.acts)):
                if team:
                    teams.setdefault(team.key, team)
            for act in plan.acts:
                if act.person:
                    persons.setdefault(act.person.key, act.person)
        self.agents, self.persons, self.teams = self._agents(agents), self._persons(persons), self._teams(teams)

    def _agents(self, wanted: dict[str, Agent]) -> dict[str, int]:
        ids = {self._id(key): key for key in wanted}
        rows = StaffProfile.objects.filter(external_id__in=ids).values_list("external_id", "user_id")
        found = {ids[external]: user for external, user in rows}
        mails = {key for key in wanted.keys() - found.keys() if "@" in key}
        staff = User.objects.annotate(low=Lower("email")).filter(low__in=mails, staff_profile__isnull=False)
        found.update(staff.values_list("low", "pk"))
        for key in sorted(wanted.keys() - found.keys()):
            found[key] = self._make_agent(wanted[key])
        return found

    def _make_agent(self, agent: Agent) -> int:
        """They worked in the other system: they are named here, and cannot sign in until an admin lets them."""
        short = hashlib.sha256(self._id(agent.key).encode()).hexdigest()[:8]
        address = f"{slugify(agent.key)[:40] or 'agent'}-{short}@imported.invalid"
        user = User.objects.create_user(address, name=clean_line(agent.name[:150], 150), is_active=False)
        StaffProfile.objects.create(user=user, external_id=self._id(agent.key))
        record(user, "staff.added", by=None, at=self.now, origin=Event.Origin.IMPORT)
        return user.pk

    def _persons(self, wanted: dict[str, Who]) -> dict[str, int]:
        ids = {self._id(key): key for key in wanted}
        rows = Person.objects.filter(external_id__in=ids).values_list("external_id", "pk", "merged_into")
        found = {ids[external]: merged or pk for external, pk, merged in rows}
        mails = {who.email.lower(): key for key, who in wanted.items() if who.email and key not in found}
        for address, key in mails.items():
            owners = list(self._owners(address))
            if len(owners) == 1:  # a shared address identifies nobody
                found[key] = owners[0]
        for key in sorted(wanted.keys() - found.keys()):
            found[key] = self._make_person(wanted[key])
        return found

    @staticmethod
    def _owners(address: str) -> set[int]:
        rows = EmailAddress.objects.annotate(low=Lower("address")).filter(low=address, person__merged_into=None)
        return set(rows.values_list("person_id", flat=True)[:2])

    def _make_person(self, who: Who) -> int:
        person = Person.objects.create(
            name=clean_line(who.name[:150], 150), kind=who.kind, language=who.language, external_id=self._id(who.key)
        )
        if who.email:
            EmailAddress.objects.create(person=person, address=who.email, is_primary=True)
        record(person, "person.added", by=None, at=self.now, origin=Event.Origin.IMPORT, customer_type=who.kind)
        return person.pk

    def _teams(self, wanted: dict[str, Agent]) -> dict[str, int]:
        ids = {self._id(key): key for key in wanted}
        found = {ids[one]: pk for one, pk in Team.objects.filter(external_id__in=ids).values_list("external_id", "pk")}
        for key in sorted(wanted.keys() - found.keys()):
            name = clean_line(wanted[key].name[:80], 80)
            team = Team.objects.filter(name__iexact=name).first()
            if team is None:
                team = Team.objects.create(name=name, external_id=self._id(key))
                record(team, "team.added", by=None, at=self.now, origin=Event.Origin.IMPORT)
            found[key] = team.pk
        return found

    def _id(self, key: str) -> str:
        """The id in our tables: stable, and no longer than they take."""
        whole = f"{self.source}:{key}"
        return whole if len(whole) <= 120 else f"{whole[:55]}:{hashlib.sha256(whole.encode()).hexdigest()}"
