"""One settings file in titled sections; environments differ by variables, never by another file."""

from datetime import timedelta
from pathlib import Path

from helpdesk import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("HELPDESK_VAR", str(BASE_DIR / "var")))

# --- Safety -----------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", "only-for-a-first-look-at-the-desk-set-SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")

# --- The house (floors, from the top; see docs/) ----------------------------
INSTALLED_APPS = [
    "desk",
    "portal",
    "reports",
    "feedback",
    "intake",
    "notifications",
    "tickets",
    "sla",
    "customers",
    "staff",
    "events",
    "accounts",
    "common",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    "lucide",
    "pgtrigger",
    "django_celery_beat",
    "allauth",
    "allauth.account",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "helpdesk.urls"

# --- Servers ----------------------------------------------------------------
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "/tmp/hd-main",
        "NAME": "helpdesk",
        "USER": "postgres",
    }
}
CELERY_BEAT_SCHEDULE = {
    "enforce-sla": {"task": "tickets.tasks.enforce_sla", "schedule": timedelta(seconds=30)},
}

# --- Language and time ------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
