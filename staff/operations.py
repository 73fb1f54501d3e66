"""Every change of who serves, where, as what, and whether they are there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import own_keys
from accounts.models import Role, RoleGrant, Theme, User
from common import zones
from common.errors import Malformed, Refused
from common.text import clean_line
from events.recording import record
from staff import policy
from staff.models import Membership, StaffProfile, Team

TEAM_FIELDS = frozenset({"name", "parent", "supervisor", "calendar", "brand", "is_restricted", "is_active"})
ACCOUNT_FIELDS = frozenset({"name", "called", "language", "time_zone", "keys_enabled", "own_keys", "theme"})
PROFILE_FIELDS = frozenset({"provider", "is_duty_supervisor", "capacity", "job_title"})


@transaction.atomic
def add_colleague(
    *, by: User | None, email: str, name: str, roles: tuple[str, ...] = (Role.AGENT,), at: datetime | None = None
) -> User:
    """A new member of staff, who sets a password by the reset mail. A customer who signs in can become staff too."""
    policy.may_administer(by).demand()
    now = at or timezone.now()
    address = _address(email)
    user = User.objects.filter(email__iexact=address).first()
    if user is None:
        language, time_zone = (by.language, by.time_zone) if by else ("en", settings.TIME_ZONE)
        user = User.objects.create_user(address, name=_name(name), language=language, time_zone=time_zone)
    profile, is_new = StaffProfile.objects.get_or_create(user=user)
    if not is_new:
        raise Refused(_("There is a colleague with this address."), code="address_taken", field="email")
    record(user, "staff.added", by=by, at=now, provider=profile.provider)
    for role in roles:
        grant_role(user, role, by=by, at=at)
    return user


@transaction.atomic
def change_account(user: User, *, by: User, at: datetime | None = None, **fields: Any) -> User:
    """Their name, what they are called, language, time zone, theme, keys: one's own, or by an admin."""
    if by.pk != user.pk:
        policy.may_administer(by).demand()
    wanted = {**fields}
    if "name" in wanted:
        wanted["name"] = _name(wanted["name"])
    if "called" in wanted:
        wanted["called"] = clean_line(wanted["called"], 80, field="called")
    if wanted.get("language", user.language) not in {*settings.DESK_LANGUAGES, user.language}:
        raise Malformed(_("Choose a language from the list."), code="bad_language", field="language")
    if wanted.get("time_zone", "UTC") not in zones.names():
        raise Malformed(_("Choose a time zone from the list."), code="bad_time_zone", field="time_zone")
    if wanted.get("theme", "") not in ("", *Theme.values):
        raise Malformed(_("Choose light, dark, or as your device has it."), code="bad_theme", field="theme")
    if "own_keys" in wanted:
        wanted["own_keys"] = own_keys.cleaned(wanted["own_keys"])
    return _changed(user, "staff.account_changed", ACCOUNT_FIELDS, wanted, by=by, at=at)


@transaction.atomic
def change_profile(user: User, *, by: User | None, at: datetime | None = None, **fields: Any) -> StaffProfile:
    """Provider, capacity, duty, title: an admin's matter."""
    policy.may_administer(by).demand()
    if "job_title" in fields:
        fields["job_title"] = clean_line(fields["job_title"], 80, field="job_title")
    profile = _profile(user)
    changed = _write(profile, PROFILE_FIELDS, fields)
    if changed:
        record(_locked(user), "staff.profile_changed", by=by, at=at or timezone.now(), fields=changed)
    return profile


@transaction.atomic
def set_availability(user: User, *, by: User | None, to: str, at: datetime | None = None) -> StaffProfile:
    """Online, away, on a break, off (P6): each change is an event, so that time at the desk can be told."""
    policy.may_set_availability(by, user).demand()
    if to not in StaffProfile.Availability.values:
        raise Malformed(_("Choose one of the four."), code="bad_availability", rule="P6", field="availability")
    now, profile = at or timezone.now(), _profile(user)
    was = profile.availability
    if was != to:
        profile.availability, profile.availability_since = to, now
        profile.save(update_fields=["availability", "availability_since"])
        record(_locked(user), "staff.availability_changed", by=by, at=now, was=was, to=to)
    return profile


@transaction.atomic
def grant_role(user: User, role: str, *, by: User | None, at: datetime | None = None) -> RoleGrant:
    """Let somebody be more on the whole desk; what they are already stays as it is."""
    policy.may_administer(by).demand()
    if role not in Role.values:
        raise Malformed(_("Choose a role from the list."), code="bad_role", field="roles")
    now, user_row = at or timezone.now(), _locked(user)
    _profile(user_row)
    grant, is_new = RoleGrant.objects.get_or_create(
        user=user_row, role=role, defaults={"granted_by": by, "granted_at": now}
    )
    if is_new:
        record(user_row, "staff.role_granted", by=by, at=now, role=role)
        _forget(user)
    return grant


@transaction.atomic
def revoke_role(user: User, role: str, *, by: User | None, at: datetime | None = None) -> None:
    """Take a role away; the last admin keeps theirs."""
    policy.may_administer(by).demand()
    user_row = _locked(user)
    if role == Role.ADMIN:
        _keep_an_admin(user_row)
    deleted, _by_model = RoleGrant.objects.filter(user=user_row, role=role).delete()
    if deleted:
        record(user_row, "staff.role_revoked", by=by, at=at or timezone.now(), role=role)
        _forget(user)


@transaction.atomic
def deactivate_user(user: User, *, by: User | None, at: datetime | None = None) -> User:
    """They have left: no sign-in any more; their open tickets go back to the queue (a reaction of tickets)."""
    policy.may_administer(by).demand()
    now, row = at or timezone.now(), _locked(user)
    if by and by.pk == row.pk:
        raise Refused(_("Ask another admin to deactivate you."), code="not_yourself")
    if not row.is_active:
        return user
    _keep_an_admin(row)
    row.is_active = False
    row.save(update_fields=["is_active"])
    StaffProfile.objects.filter(user=row).update(availability=StaffProfile.Availability.OFF, availability_since=now)
    record(row, "staff.deactivated", by=by, at=now)
    user.is_active = False
    _forget(user)
    return user


@transaction.atomic
def reactivate_user(user: User, *, by: User | None, at: datetime | None = None) -> User:
    """They are back, with the roles and teams they had."""
    policy.may_administer(by).demand()
    row = _locked(user)
    if not row.is_active:
        row.is_active = True
        row.save(update_fields=["is_active"])
        record(row, "staff.reactivated", by=by, at=at or timezone.now())
        user.is_active = True
        _forget(user)
    return user


@transaction.atomic
def add_team(*, by: User | None, name: str, at: datetime | None = None, **fields: Any) -> Team:
    """A new team; ``fields`` as in ``change_team``."""
    policy.may_administer(by).demand()
    wanted = _team_fields(None, {"name": name, **fields})
    team = Team.objects.create(**wanted)
    record(team, "team.added", by=by, at=at or timezone.now(), **_ids(wanted))
    return team


@transaction.atomic
def change_team(team: Team, *, by: User | None, at: datetime | None = None, **fields: Any) -> Team:
    """Name, parent, supervisor, calendar, brand, restricted, in use."""
    policy.may_administer(by).demand()
    row = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    wanted = _team_fields(row, fields)
    if changed := _write(row, TEAM_FIELDS, wanted):
        ids = _ids({name: wanted[name] for name in changed})
        record(row, "team.changed", by=by, at=at or timezone.now(), fields=changed, **ids)
    return row


@transaction.atomic
def add_member(
    team: Team, user: User, *, by: User | None, role: str = Membership.TeamRole.AGENT, at: datetime | None = None
) -> Membership:
    """Let somebody serve in a team, or serve there as something else."""
    if role not in Membership.TeamRole.values:
        raise Malformed(_("Choose a role from the list."), code="bad_role", field="role")
    row = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    before = Membership.objects.filter(team=row, user=user).first()
    for asked in {role, before.role if before else role}:
        policy.may_change_members(by, row, asked).demand()
    if not user.is_active:
        raise Refused(_("They have left the desk."), code="deactivated", field="user")
    if before and before.role == role:
        return before
    now = at or timezone.now()
    _profile(user)
    membership, _made = Membership.objects.update_or_create(
        team=row, user=user, defaults={"role": role}, create_defaults={"role": role, "since": now}
    )
    record(row, "team.member_added", by=by, at=now, user=user, role=role)
    _forget(user)
    return membership


@transaction.atomic
def remove_member(team: Team, user: User, *, by: User | None, at: datetime | None = None) -> None:
    """They serve elsewhere now. Their tickets stay theirs until somebody assigns them."""
    row = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    membership = Membership.objects.filter(team=row, user=user).first()
    if membership is None:
        return
    policy.may_change_members(by, row, membership.role).demand()
    membership.delete()
    record(row, "team.member_removed", by=by, at=at or timezone.now(), user=user, role=membership.role)
    _forget(user)


def _locked(user: User) -> User:
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)


def _profile(user: User) -> StaffProfile:
    StaffProfile.objects.get_or_create(user=user)
    return StaffProfile.objects.select_for_update().get(user=user)


def _forget(user: User) -> None:
    """What was read about somebody before they changed."""
    for name in ("_roles", "_viewer"):
        user.__dict__.pop(name, None)


def _keep_an_admin(user: User) -> None:
    others = RoleGrant.objects.select_for_update().filter(role=Role.ADMIN, user__is_active=True).exclude(user=user)
    if user.has_role(Role.ADMIN) and not list(others):
        raise Refused(_("The desk needs an admin: make somebody else one first."), code="last_admin")


def _write(row: Any, allowed: frozenset[str], fields: dict[str, Any]) -> list[str]:
    if unknown := set(fields) - allowed:
        raise TypeError(f"These cannot be changed here: {', '.join(sorted(unknown))}.")
    changed = sorted(name for name, value in fields.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def _changed(
    user: User, kind: str, allowed: frozenset[str], fields: dict[str, Any], *, by: User, at: datetime | None
) -> User:
    row = _locked(user)
    if changed := _write(row, allowed, fields):
        record(row, kind, by=by, at=at or timezone.now(), fields=changed)
    for name in changed:
        setattr(user, name, fields[name])
    return user


def _team_fields(team: Team | None, fields: dict[str, Any]) -> dict[str, Any]:
    wanted = {**fields}
    if "name" in wanted:
        wanted["name"] = clean_line(wanted["name"], 80, field="name")
        if not wanted["name"]:
            raise Malformed(_("Give the team a name."), code="no_name", field="name")
        others = Team.objects.exclude(pk=team.pk) if team else Team.objects.all()
        if others.filter(name__iexact=wanted["name"]).exists():
            raise Refused(_("There is a team of this name."), code="name_taken", field="name")
    above = wanted.get("parent")
    while team and above:
        if above.pk == team.pk:
            raise Refused(_("A team cannot stand below itself."), code="parent_ring", field="parent")
        above = above.parent
    return wanted


def _ids(fields: dict[str, Any]) -> dict[str, Any]:
    """What an event may hold of these: ids and yes or no, never a name."""
    return {name: value for name, value in fields.items() if name != "name"}


def _name(raw: str) -> str:
    name = clean_line(raw, 150, field="name")
    if not name:
        raise Malformed(_("Give a name."), code="no_name", field="name")
    return name


def _address(raw: str) -> str:
    address = clean_line(raw, 254, field="email")
    try:
        validate_email(address)
    except ValidationError as error:
        raise Malformed(
            _("This is no e-mail address. It looks like anna@example.org."), code="bad_address", field="email"
        ) from error
    return address
