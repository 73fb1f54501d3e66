"""Who serves: brands, calendars, teams, memberships, availability."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Brand(models.Model):
    """A face of the organisation: the name, sender, colour and address that customers see."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    sender_name = models.CharField(_("sender's name"), max_length=120, blank=True)
    sender_address = models.EmailField(_("sender's address"), blank=True)
    colour = models.CharField(_("colour"), max_length=7, default="#3b5bdb", help_text=_("Like #3b5bdb"))
    domain = models.CharField(_("domain"), max_length=200, blank=True)
    support_address = models.EmailField(_("address for questions"), blank=True)
    greeting = models.CharField(_("greeting"), max_length=200, blank=True)
    logo_digest = models.CharField(max_length=16, blank=True, editable=False)
    logo_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(default=0, editable=False)
    is_default = models.BooleanField(_("used where no other is named"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="brand_one_default")
        ]

    def __str__(self) -> str:
        return self.name


class BrandLogo(models.Model):
    """The bytes of a logo: small enough for the database, and apart from the brand, which many queries read."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="logo")
    content_type = models.CharField(max_length=20)
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"Logo of {self.brand_id}"


class Calendar(models.Model):
    """Working hours in one time zone: several spans per weekday, holidays, special days, as people edit them.

    What is counted with are its versions: ``staff.calendars.publish`` makes one of what stands here.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_default = models.BooleanField(_("used where no other is named"), default=False)
    country = models.CharField(_("public holidays of"), max_length=2, blank=True, help_text=_("ISO 3166-1, such as NO"))
    subdivision = models.CharField(
        _("region"), max_length=40, blank=True, help_text=_("ISO 3166-2 without the country")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="calendar_one_default")
        ]

    def __str__(self) -> str:
        return self.name


class CalendarSpan(models.Model):
    """Open from ``opens`` to ``closes`` (wall time of the calendar) on a weekday, or on a date instead of its weekday.

    ``closes`` = 00:00 means midnight at the end of the day. A date that is closed is a ``Holiday``.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="spans")
    weekday = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("0 is Monday"))
    date = models.DateField(null=True, blank=True)
    opens = models.TimeField()
    closes = models.TimeField()
    name = models.CharField(max_length=120, blank=True, help_text=_("Of a date: why its hours differ"))

    class Meta:
        ordering = ["weekday", "date", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__isnull=False, date=None) | Q(weekday=None, date__isnull=False),
                name="span_weekday_or_date",
            ),
            models.CheckConstraint(condition=Q(weekday=None) | Q(weekday__lt=7), name="span_weekday_exists"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar}: {self.opens}-{self.closes}"


class Holiday(models.Model):
    """A local date on which the calendar is closed, beside the country's holidays; it wins over special spans."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    date = models.DateField()
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="holiday_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class CalendarVersion(models.Model):
    """A calendar as it was from one moment on. Never changed: a clock that counts with it counts the same for ever.

    ``hours``: ``{"0": [["08:00", "17:00"], …], …}``, 0 is Monday, an end of 00:00 the midnight that ends the day;
    ``special_days``: ``{"2026-12-24": [["08:00", "12:00"]], …}``; ``holidays``: ``{"2026-12-25": "Christmas Day", …}``.
    ``source`` tells what nothing is counted with: ``{"country": "NO", "subdivision": "", "until": 2041, "closed": {own
    closed days}, "names": {of special days}}``. Without ``valid_from`` it holds since ever.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    valid_from = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    time_zone = models.CharField(max_length=64)
    hours = models.JSONField(default=dict)
    holidays = models.JSONField(default=dict)
    special_days = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["calendar", "number"]
        constraints = [models.UniqueConstraint(fields=["calendar", "number"], name="calendar_version_once")]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.calendar_id}, version {self.number}"


class Team(models.Model):
    """Staff who own tickets together."""

    name = models.CharField(_("name"), max_length=80)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="teams")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="supervised_teams"
    )
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="teams")
    is_restricted = models.BooleanField(_("restricted"), default=False, help_text=_("Only its members see its tickets"))
    is_active = models.BooleanField(_("in use"), default=True)
    external_id = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="team_name_once"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="team_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person serves in a team; a supervisor of it steps in for its tickets."""

    class TeamRole(models.TextChoices):
        AGENT = "agent", _("Agent")
        SUPERVISOR = "supervisor", _("Supervisor")

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=TeamRole.choices, default=TeamRole.AGENT)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class StaffProfile(models.Model):
    """What the desk knows of a member of staff: provider (P1), availability (P6), room for work."""

    class Provider(models.TextChoices):
        IN_HOUSE = "in_house", _("In-house")
        THIRD_PARTY = "third_party", _("Third party")
        INDEPENDENT = "independent", _("Independent")

    class Availability(models.TextChoices):
        ONLINE = "online", _("Online")
        AWAY = "away", _("Away")
        ON_BREAK = "on_break", _("On a break")
        OFF = "off", _("Off")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_profile")
    provider = models.CharField(max_length=12, choices=Provider.choices, default=Provider.IN_HOUSE)
    availability = models.CharField(max_length=10, choices=Availability.choices, default=Availability.OFF)
    availability_since = models.DateTimeField(default=timezone.now)
    is_duty_supervisor = models.BooleanField(_("duty supervisor"), default=False)
    capacity = models.PositiveSmallIntegerField(_("open tickets at once"), default=10)
    job_title = models.CharField(max_length=80, blank=True)
    external_id = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id"], condition=~Q(external_id=""), name="staff_external_id_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_availability_display()})"
