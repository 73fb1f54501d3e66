"""One settings file in titled sections; environments differ by variables, never by another file.

Every variable is explained in ``docs/configuration.md``.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from helpdesk import embedded, env, logs

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("HELPDESK_VAR", str(BASE_DIR / "var")))
_PLACES = embedded.places(VAR_DIR)

# --- Safety -----------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", keep_at=VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
PUBLIC_URL = env.text("PUBLIC_URL", "http://localhost:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{_public.hostname}")
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
# Only behind a proxy that sets the header itself; else anyone could claim to be secure.
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
_https = _public.scheme == "https" and not DEBUG
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked by probes on plain HTTP, inside
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31_536_000) if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF, f"{_public.scheme.replace('http', 'ws')}://{_public.netloc}"],  # older browsers: sockets
        "media-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "urls.W002",  # healthz, readyz and metrics are named without a slash by those who probe
]

# --- The house (floors, from the top) ----------------------------------------
INSTALLED_APPS = [
    "helpdesk",
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
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "template_partials",
    "lucide",
    "pgtrigger",
    "csp",
    "django_celery_beat",
    "allauth",
    "allauth.account",
]
MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "helpdesk.compress.CompressedPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "desk.language.DeskLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.carrying.CarryOnMiddleware",
    "accounts.limits.AttemptsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
ASGI_APPLICATION = "helpdesk.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

_LOADERS = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helpdesk.context.nonce",
                "helpdesk.context.frame",
                "desk.context.rail",
                "portal.brands.faces",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "NAME": "forms", "APP_DIRS": True},
]

WEB_THREADS = env.number("WEB_THREADS", 10)  # per web process; each keeps one database connection

# --- Servers ------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", default=_PLACES.database_url)}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.number("DATABASE_CONN_MAX_AGE", 600),
    "CONN_HEALTH_CHECKS": True,
}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", "5")
DATABASE_PREPARES = env.flag("DATABASE_PREPARES", default=True)  # off behind a pooler that shares connections
REDIS_URL = env.redis("REDIS_URL", default=_PLACES.redis_url)
REDIS_PREFIX = env.text("REDIS_PREFIX", "helpdesk")  # several desks, or test workers, may share one Redis
REDIS_TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 1}

CACHES = {
    "default": {
        # A Redis that is gone is an empty cache, never an error on a page.
        "BACKEND": "helpdesk.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{REDIS_PREFIX}:cache",
        "OPTIONS": {**REDIS_TIMEOUTS},
    }
}
CHANNEL_LAYERS = {
    "default": {
        # The core layer drops every socket when Redis restarts; this one reconnects.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_connect_timeout": 1}], "prefix": f"{REDIS_PREFIX}:live"},
    }
}

# --- Background work -----------------------------------------------------------
# kombu calls a Unix socket redis+socket:// and wants the database as virtual_host.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **REDIS_TIMEOUTS,
    "global_keyprefix": f"{REDIS_PREFIX}:queue:",
    "visibility_timeout": 120,  # seconds; above the longest task, below anybody's patience
    "max_retries": 0,  # publishing gives up at once: the sweep finds what was not announced
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True  # a killed worker's task is taken up by another
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 60  # seconds; a longer job must be split into batches
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.number("WORKER_PROCESSES", 2)
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULER = "helpdesk.scheduler:BeatingScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5  # seconds
DJANGO_CELERY_BEAT_TZ_AWARE = True
# The only list of schedules. "expires" keeps a night without workers from becoming a morning of old passes.
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "helpdesk.tasks.heartbeat", "schedule": timedelta(seconds=10), "options": {"expires": 10}},
    "enforce-sla": {"task": "tickets.tasks.enforce_sla", "schedule": timedelta(seconds=30), "options": {"expires": 30}},
    "sweep-reactions": {
        "task": "events.tasks.sweep_deliveries",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "send-mail": {
        "task": "notifications.tasks.send_due_mail",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 15},
    },
    "deliver-notices": {
        "task": "notifications.tasks.deliver_notices",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 15},
    },
    "send-surveys": {
        "task": "feedback.tasks.send_due_surveys",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 60},
    },
    "apply-terms": {"task": "tickets.tasks.apply_terms", "schedule": timedelta(seconds=30), "options": {"expires": 30}},
    "sweep-attachments": {"task": "tickets.tasks.sweep_attachments", "schedule": timedelta(hours=6)},
    "forget-answers": {"task": "events.tasks.forget_answers", "schedule": timedelta(hours=6)},
    "refresh-holidays": {"task": "staff.tasks.refresh_holidays", "schedule": timedelta(days=1)},
}
FAULT = env.text("HELPDESK_FAULT", "")  # tests of crashes alone: see common/faults.py
HEARTBEAT_MAX_AGE = 60  # seconds until /readyz calls worker or beat missing
ENFORCEMENT_MAX_LATENESS = env.number("ENFORCEMENT_MAX_LATENESS", 300)  # seconds until /readyz calls enforcement late
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # without one, /metrics answers this machine alone, behind a proxy nobody

# --- Signing in -------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "accounts.carrying.csrf_failed"  # what was typed comes back
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
PORTAL_LIMITS = {"submit": (20, 600), "reply": (30, 600), "supervisor": (10, 600)}  # how many in how many seconds

# --- Mail ---------------------------------------------------------------------------
EMAIL_BACKEND = "notifications.backend.OutboxBackend"  # rows first; a worker takes them to the server
EMAIL_HOST = env.text("SMTP_HOST", "")
EMAIL_PORT = env.number("SMTP_PORT", 587)
EMAIL_HOST_USER = env.text("SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD", "")
_security = env.choice("SMTP_SECURITY", "starttls", "none", "starttls", "tls")
EMAIL_USE_TLS, EMAIL_USE_SSL = _security == "starttls", _security == "tls"
EMAIL_TIMEOUT = 20  # seconds
OUTBOX_KEEPS_MAIL = not EMAIL_HOST  # the outbox then shows every mail at /outbox/
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"Help desk <helpdesk@{_public.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Files and input ------------------------------------------------------------------
ATTACHMENTS_DIR = Path(env.text("ATTACHMENTS_DIR", str(VAR_DIR / "attachments")))  # outside the web root
ATTACHMENT_MAX_BYTES = env.number("ATTACHMENT_MAX_MEGABYTES", 25) * 1024 * 1024
ATTACHMENTS_MAX_PER_ENTRY = env.number("ATTACHMENTS_MAX_PER_ENTRY", 10)
ATTACHMENT_REFUSED_SUFFIXES = env.words(
    "ATTACHMENT_REFUSED_SUFFIXES", ".exe,.com,.bat,.cmd,.scr,.pif,.msi,.msp,.vbs,.vbe,.js,.jse,.wsf,.hta,.lnk,.jar,.ps1"
)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # a form without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 200  # the forms refuse far fewer, in words
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # larger ones wait in a temporary file
FILE_UPLOAD_PERMISSIONS = 0o600
REQUEST_MAX_BYTES = ATTACHMENTS_MAX_PER_ENTRY * ATTACHMENT_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE

# --- Static files ----------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
_vendor = BASE_DIR / "build" / "vendor"  # what bin/up copies out of node_modules
STATICFILES_DIRS = [BASE_DIR / "static", *([("vendor", _vendor)] if _vendor.is_dir() else [])]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": ATTACHMENTS_DIR}},
    "attachments": {"BACKEND": "tickets.storage.DurableFiles", "OPTIONS": {"location": ATTACHMENTS_DIR}},
    "staticfiles": {"BACKEND": "helpdesk.static.HashedFiles"},
}

# --- Language and time -----------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("da", _("Danish")),
    ("de", _("German")),
    ("es", _("Spanish")),
    ("fr", _("French")),
    ("he", _("Hebrew")),
    ("it", _("Italian")),
    ("nb", _("Norwegian")),
    ("pl", _("Polish")),
    ("ru", _("Russian")),
    ("sv", _("Swedish")),
    ("th", _("Thai")),
]
# What the desk itself speaks: its pages are translated whole, or not offered. Customers choose among all of the above.
DESK_LANGUAGES = env.choices("DESK_LANGUAGES", LANGUAGE_CODE, *(code for code, _name in LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")  # the organisation's, until a settings row says otherwise
USE_I18N = True
FORMAT_MODULE_PATH = "helpdesk.formats"
USE_TZ = True

# --- Logs ----------------------------------------------------------------------------------
LOGGING_CONFIG = None
logs.configure(level=env.text("LOG_LEVEL", "INFO"), as_json=env.flag("LOG_JSON", default=False))
