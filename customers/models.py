"""Who is served: people, organisations, departments, and what to know before one meets them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Lower, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.functions import Unaccent
from common.ids import public_id


class CustomerType(models.TextChoices):
    """C1: bought or uses a product, or belongs to the organisation itself."""

    EXTERNAL = "external", _("External")
    INTERNAL = "internal", _("Internal")


class SupportPlan(models.Model):
    """What service a customer is entitled to, such as "Gold": a policy may ask for it (S2)."""

    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="plan_name_once")]

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A company or group that external customers belong to."""

    public_id = models.UUIDField(default=public_id, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("e-mail domain"), max_length=200, blank=True)
    shares_tickets = models.BooleanField(_("its people see each other's tickets"), default=False)
    plan = models.ForeignKey(
        SupportPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="organisations",
        verbose_name=_("support plan"),
    )  # fmt: skip
    notes = models.TextField(_("notes"), blank=True)
    external_id = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["name"]
        indexes = [
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="organisation_name_trgm"),
            models.Index(Lower("name"), name="organisation_name_lower"),
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A group of internal customers."""

    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="department_name_once")]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    """People as the desk reads them."""

    def present(self) -> Self:
        """Those who were not merged into another."""
        return self.filter(merged_into=None)


class Person(models.Model):
    """A customer, or an unknown caller who may become one (T7)."""

    public_id = models.UUIDField(default=public_id, unique=True, editable=False)
    kind = models.CharField(
        _("customer type"), max_length=10, choices=CustomerType.choices, default=CustomerType.EXTERNAL
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    called = models.CharField(_("called"), max_length=80, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    plan = models.ForeignKey(
        SupportPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="people",
        verbose_name=_("support plan"), help_text=_("Empty: their organisation's"),
    )  # fmt: skip
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )
    language = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    never_survey_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from")
    erased_at = models.DateTimeField(null=True, blank=True)
    search = models.GeneratedField(
        expression=Upper(Unaccent(Concat(F("name"), Value(" "), F("called")))),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        indexes = [
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="person_name_trgm"),
            GinIndex(OpClass("search", "gin_trgm_ops"), name="person_search_trgm"),
            models.Index(Lower("name"), "id", name="person_name_order"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="person_external_id_once"
            )
        ]

    def __str__(self) -> str:
        return self.name or str(_("Unknown caller"))

    @property
    def entitled_plan_id(self) -> int | None:
        """The support plan that they are served by: their own, else their organisation's."""
        return self.plan_id or (self.organisation.plan_id if self.organisation else None)

    @property
    def greeting_name(self) -> str:
        """The name to speak to them by."""
        return self.called or self.name.split(" ")[0] or str(_("Unknown caller"))

    @property
    def is_unknown(self) -> bool:
        """Nobody asked for a name yet."""
        return not self.name

    @property
    def main_address(self) -> EmailAddress | None:
        """The address to write to; uses prefetched ``addresses``."""
        return min(self.addresses.all(), key=lambda a: (not a.is_primary, a.pk), default=None)

    @property
    def main_phone(self) -> PhoneNumber | None:
        """The number to call; uses prefetched ``phones``."""
        return min(self.phones.all(), key=lambda p: (not p.is_primary, p.pk), default=None)


class EmailAddress(models.Model):
    """An address of a person. Two people may share one: it then identifies nobody."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    address = models.EmailField(max_length=254)
    is_primary = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "e-mail addresses"
        constraints = [models.UniqueConstraint("person", Lower("address"), name="address_once_per_person")]
        indexes = [
            models.Index(Lower("address"), name="address_lower"),
            GinIndex(OpClass(Upper("address"), "gin_trgm_ops"), name="address_trgm"),
        ]

    def __str__(self) -> str:
        return self.address


class PhoneNumber(models.Model):
    """A number of a person, as written and as digits (E.164 where it could be read so)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phones")
    written = models.CharField(max_length=60)
    normalised = models.CharField(max_length=32)
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "normalised"], name="phone_once_per_person")]
        indexes = [
            models.Index(fields=["normalised"], name="phone_normalised"),
            GinIndex(OpClass("normalised", "gin_trgm_ops"), name="phone_trgm"),
        ]

    def __str__(self) -> str:
        return self.written


class Purchase(models.Model):
    """A product that a person or an organisation has (C3)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="purchases")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="purchases"
    )
    product = models.CharField(max_length=160)
    serial = models.CharField(max_length=80, blank=True)
    bought_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-bought_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(organisation__isnull=False), name="purchase_has_an_owner"
            )
        ]

    def __str__(self) -> str:
        return self.product


class FlagQuerySet(models.QuerySet["Flag"]):
    """Flags as handlers meet them."""

    def in_force(self, at: datetime) -> Self:
        """Not lifted and not expired at ``at``."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), lifted_at=None)


class Flag(models.Model):
    """Prepares the next handler (C4). Customers never see it, and it never lowers a priority (C6)."""

    class Kind(models.TextChoices):
        ABUSIVE = "abusive", _("Abusive")
        VULGAR = "vulgar", _("Vulgar")
        LEGAL_THREAT = "legal_threat", _("Legal threat")
        PHYSICAL_THREAT = "physical_threat", _("Physical threat")
        VULNERABLE = "vulnerable", _("Vulnerable")
        VIP = "vip", _("VIP")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    reason = models.TextField(max_length=2000)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    review_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(lifted_at=None), name="flag_one_of_a_kind_in_force"
            ),
            models.CheckConstraint(
                condition=Q(review_at__lte=models.F("expires_at")), name="flag_reviewed_before_it_expires"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person}"


class PersonMerge(models.Model):
    """Two records of one human became one; ``moved`` lists the ids of what moved, by model, so that it can be told."""

    source = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges")
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(default=timezone.now)
    moved = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.source_id} into {self.target_id}"
