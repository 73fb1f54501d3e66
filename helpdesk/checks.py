"""Mixes of settings that cannot work, found at the start."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.urls)
def public_url_is_an_origin(**kwargs: object) -> list[CheckMessage]:
    """Links in mails begin with it, so it must be a whole origin and nothing more."""
    url = urlsplit(settings.PUBLIC_URL)
    if url.scheme in {"http", "https"} and url.hostname and not (url.path or url.query or url.fragment):
        return []
    return [Error("PUBLIC_URL must look like https://desk.example.org.", id="helpdesk.E001")]


@register(Tags.security, deploy=True)
def mails_leave_the_house(**kwargs: object) -> list[CheckMessage]:
    """In production somebody expects the mails."""
    if settings.OUTBOX_KEEPS_MAIL:
        return [Warning("SMTP_HOST is not set: the outbox keeps every mail.", id="helpdesk.W001")]
    return []


@register(Tags.security, deploy=True)
def attachments_stay_outside_the_web_root(**kwargs: object) -> list[CheckMessage]:
    """What a stranger uploads is never served as a static file."""
    if settings.ATTACHMENTS_DIR.resolve().is_relative_to(settings.STATIC_ROOT.resolve()):
        return [Error("ATTACHMENTS_DIR lies below STATIC_ROOT.", id="helpdesk.E002")]
    return []


@register(Tags.security, deploy=True)
def nothing_dies_on_purpose(**kwargs: object) -> list[CheckMessage]:
    """Named crashes are for tests."""
    if settings.FAULT:
        return [Error("HELPDESK_FAULT kills processes; it is for tests alone.", id="helpdesk.E003")]
    return []
