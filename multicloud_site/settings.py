"""Django's settings. What an operator may change comes from the environment (see docs/runbook.md); the rest is fixed
here.
"""

import os

from multicloud_site.home import BASE, home_of, hosts, made, signing_key
from vocabulary.endpoints import parse_allowed

MULTICLOUD_HOME = made(home_of())
MULTICLOUD_ALLOWED_ENDPOINTS = parse_allowed(os.environ.get("MULTICLOUD_ALLOWED_ENDPOINTS", ""))
#: Whether teams may sign in as the machine itself: with its role, its profiles or its environment.
MULTICLOUD_AMBIENT_SIGN_IN = os.environ.get("MULTICLOUD_AMBIENT_SIGN_IN", "").lower() in ("1", "true", "yes")
MULTICLOUD_SUPPORT_URL = os.environ.get("MULTICLOUD_SUPPORT_URL", "")
MULTICLOUD_CONFIG = os.environ.get("MULTICLOUD_CONFIG", str(BASE / "config" / "multicloud.yaml"))
#: Time in the sandbox runs this much faster, so waits on simulated accounts are this much shorter.
MULTICLOUD_SANDBOX_SPEED = float(os.environ.get("MULTICLOUD_SANDBOX_SPEED", "20"))

#: What higher rooms want to know or to forbid, by dotted path.
OPERATION_GUARDS: list[str] = []
OPERATION_OBSERVERS: list[str] = ["resources.work.observe_operation"]

BASE_DIR = BASE
SECRET_KEY = signing_key(MULTICLOUD_HOME)
DEBUG = False
ALLOWED_HOSTS = hosts()
ROOT_URLCONF = "multicloud_site.urls"
WSGI_APPLICATION = "multicloud_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"
APPEND_SLASH = True
SITE_ID = 1

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "pages",
    "access",
    "providers",
    "resources",
    "multicloud_site",
]

MIDDLEWARE = [
    "multicloud_site.security.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "multicloud_site.sign_in.SignedInOnly",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pages.answers.CloudErrorPages",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "multicloud_site.navigation.navigation",
            ],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": MULTICLOUD_HOME / "db.sqlite3",
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # The journal must survive a power cut: FULL, not NORMAL.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                "PRAGMA mmap_size=134217728; PRAGMA cache_size=-16000;"
            ),
        },
    }
}

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "multicloud_site.sign_in.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/10m/ip,5/10m/key"}
# The lock-out must hold across processes, so its counts lie in a folder and not in one process's memory.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": MULTICLOUD_HOME / "cache",
        "TIMEOUT": 3600,
        # A count that is thrown out early is a lock that opens early.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

HTTPS = os.environ.get("MULTICLOUD_HTTPS", "").lower() in ("1", "true", "yes")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_TRUSTED_ORIGINS = [
    f"https://{name}" for name in hosts() if HTTPS and not name.startswith(("[", "127.", "localhost"))
]
CSRF_FAILURE_VIEW = "multicloud_site.views.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static"]
# The first start gathers the files under the home, compressed and named by their sums. Before that, and in tests, they
# are served as they lie in the checkout.
STATIC_ROOT = MULTICLOUD_HOME / "static"
GATHERED = "MULTICLOUD_GATHERS" in os.environ or (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if GATHERED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not GATHERED
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
WHITENOISE_MANIFEST_STRICT = False

CELERY_BROKER_URL = os.environ.get("MULTICLOUD_BROKER", "folder://")
CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(MULTICLOUD_HOME / "queue")} if CELERY_BROKER_URL == "folder://" else {}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "operations.sweep", "schedule": 2.0, "options": {"expires": 10.0}},
    "read": {"task": "resources.read_due", "schedule": 30.0, "options": {"expires": 60.0}},
    "credentials": {"task": "credentials.check_due", "schedule": 60.0, "options": {"expires": 120.0}},
    "vault": {"task": "vault.tidy", "schedule": 3600.0, "options": {"expires": 3600.0}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "multicloud_site.log_lines.OneLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"src.multicloud": {"level": os.environ.get("MULTICLOUD_LOG_LEVEL", "INFO")}},
}
