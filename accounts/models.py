"""People who sign in, and the roles they hold everywhere on the desk."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import public_id


class Role(models.TextChoices):
    """What a member of staff may do; a person may hold several."""

    AGENT = "agent", _("Agent")
    SUPERVISOR = "supervisor", _("Supervisor")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Admin")


class Theme(models.TextChoices):
    """Light or dark pages; without a choice the device decides."""

    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager["User"]):
    """Makes users; addresses are compared without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A user who signs in with ``email``; without a password only a code or a reset lets them in."""
        if not email or "@" not in email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).strip(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        from allauth.account.models import EmailAddress  # its table refers to ours

        # who gives a password vouches for the address; else the code or the reset mail shows that it is theirs
        known = {"primary": True, "verified": password is not None}
        EmailAddress.objects.get_or_create(user=user, email=user.email.lower(), defaults=known)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """An admin of the desk who may also use the database admin pages."""
        fields.update(is_staff=True, is_superuser=True)
        user = self.create_user(email, password, **fields)
        RoleGrant.objects.create(user=user, role=Role.ADMIN)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in: staff, a customer, or both."""

    public_id = models.UUIDField(default=public_id, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150)
    called = models.CharField(_("called"), max_length=80, blank=True, help_text=_("The name you want to be called by"))
    language = models.CharField(_("language"), max_length=12, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may use the database admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    keys_enabled = models.BooleanField(_("single-letter shortcuts"), default=True)
    own_keys = models.JSONField(_("own shortcuts"), default=dict, blank=True)  # see accounts.own_keys
    theme = models.CharField(_("theme"), max_length=8, choices=Theme.choices, blank=True, default="")

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def roles(self) -> frozenset[str]:
        """The roles held everywhere, read once per instance."""
        if not hasattr(self, "_roles"):
            held = self.grants.values_list("role", flat=True) if self.pk else ()
            self._roles = frozenset(held) if self.is_active else frozenset()
        return self._roles

    def has_role(self, *roles: str) -> bool:
        """Whether the person holds at least one of ``roles`` everywhere."""
        return bool(self.roles.intersection(roles))

    @property
    def short_name(self) -> str:
        """What colleagues call them."""
        return self.called or self.name.split(" ")[0] or self.email

    def get_short_name(self) -> str:
        return self.short_name

    def get_full_name(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role held on the whole desk; a role held in one team is a ``staff.Membership``."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16, choices=Role.choices)
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_granted_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
