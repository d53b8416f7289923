"""Django's settings; what an operator may change comes from environment variables (docs/configuration.md lists them)."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zlib import crc32

from csp.constants import NONCE, NONE, SELF
from django.utils.functional import SimpleLazyObject

from portal import environment as env
from portal.secret import kept_secret

if TYPE_CHECKING:
    from runs.analysis.bundle.limits import Limits

BASE_DIR = Path(__file__).resolve().parent.parent

# Where things are kept
DATA_DIR = env.folder("KONSEKI_DATA_DIR", BASE_DIR / "var", "database, evidence, broker's file and secrets", shown="var/")
INCOMING_DIR = DATA_DIR / "incoming"
LOCAL_CACHE_DIR = env.folder(
    "KONSEKI_CACHE_DIR",
    DATA_DIR / "cache",
    "local copies of what is read from an S3 storage; may be deleted at any time",
    shown="var/cache/",
)
os.environ.setdefault("NUMBA_CACHE_DIR", str(DATA_DIR / "numba"))  # read when the first large capture is
BROKER_FILE = DATA_DIR / "broker.url"

# Identity and address
PORT = env.count("PORT", 8000, "port of 127.0.0.1 that `stack` serves on")
DEBUG = env.flag("KONSEKI_DEBUG", False, "Django's debug pages; never on a machine that others reach")
PUBLIC_URL = env.text(
    "KONSEKI_URL", "", "the address people type, such as https://konseki.example.org; https turns on secure cookies and HSTS"
)
_GIVEN_KEY = env.text("KONSEKI_SECRET_KEY", "", "signs sessions; made once and kept in var/secret if empty", secret=True)
_KEPT_KEY = _GIVEN_KEY or kept_secret(DATA_DIR / "secret")
SECRET_KEY_IS_KEPT = _KEPT_KEY is not None
SECRET_KEY = _KEPT_KEY or secrets.token_urlsafe(48)

_public = urlsplit(PUBLIC_URL)
_HTTPS = _public.scheme == "https"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *filter(None, [_public.hostname])]
ALLOWED_HOSTS += env.names("KONSEKI_HOSTS", "further host names the server answers to, separated by commas")
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public.netloc else []

# What the site is made of
INSTALLED_APPS = [
    "portal",
    "runs",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "axes",
]
MIDDLEWARE = [
    "portal.encoding.read_as_utf8",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "runs.context.page",
            ],
        },
    },
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # served from the source folders: no collecting step that can be forgotten
WHITENOISE_MAX_AGE = 300

# Database
DATABASES = {
    "default": env.database(
        "DATABASE_URL",
        DATA_DIR / "konseki.sqlite3",
        "postgresql://user:password@host:5432/name; SQLite in the data directory if empty",
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Files: a folder, or an S3-compatible service once a bucket is named
_BUCKET = env.text("KONSEKI_S3_BUCKET", "", "keep evidence in this bucket instead of var/storage/")
_S3_OPTIONS = {
    "bucket_name": _BUCKET,
    "endpoint_url": env.text("KONSEKI_S3_ENDPOINT", "", "address of an S3-compatible service other than Amazon's") or None,
    "region_name": env.text("KONSEKI_S3_REGION", "", "region of the bucket") or None,
    "access_key": env.text("AWS_ACCESS_KEY_ID", "", "key of the storage service", secret=True) or None,
    "secret_key": env.text("AWS_SECRET_ACCESS_KEY", "", "secret of the storage service", secret=True) or None,
    "signature_version": "s3v4",
    "default_acl": None,
    "querystring_auth": True,
    "file_overwrite": True,
}
_FOLDER_OPTIONS = {"location": DATA_DIR / "storage", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _S3_OPTIONS}
    if _BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": _FOLDER_OPTIONS},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Uploads
MAX_FILE_BYTES = env.size("KONSEKI_MAX_FILE_BYTES", "2G", "largest single file, unpacked")
MAX_UPLOAD_BYTES = env.size("KONSEKI_MAX_UPLOAD_BYTES", "2G", "largest upload, unpacked")
MAX_FILES = env.count("KONSEKI_MAX_FILES", 10_000, "most files in one upload")
MAX_RATIO = env.count("KONSEKI_MAX_RATIO", 100, "most bytes an archive may unpack to for each byte it has")
MAX_DEPTH = env.count("KONSEKI_MAX_DEPTH", 32, "most folders above a file; an archive within an archive is kept as a file")


def _limits() -> "Limits":
    from runs.analysis.bundle.limits import Limits  # what stands behind it is not needed to read settings

    return Limits(
        max_file_bytes=MAX_FILE_BYTES,
        max_total_bytes=MAX_UPLOAD_BYTES,
        max_files=MAX_FILES,
        max_ratio=MAX_RATIO,
        max_depth=MAX_DEPTH,
    )


UPLOAD_LIMITS = SimpleLazyObject(_limits)
FILE_UPLOAD_TEMP_DIR = INCOMING_DIR
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_FILES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2 * MAX_FILES + 100  # a path beside each file

# Queue: what `stack` started, unless an operator names one
REDIS_URL = env.text("REDIS_URL", "", "redis://:password@host:6379/0; `stack` starts a broker of its own if empty", secret=True)
REDIS_URL_IS_GIVEN = bool(REDIS_URL)
if not REDIS_URL and BROKER_FILE.is_file():
    REDIS_URL = BROKER_FILE.read_text(encoding="ascii").strip()
TASK_SECONDS = env.count("KONSEKI_TASK_SECONDS", 900, "a parse task is ended after this many seconds", least=10)
WORKERS = env.count("KONSEKI_WORKERS", min(os.cpu_count() or 1, 8), "worker processes of one worker")
env.DECLARED["KONSEKI_WORKERS"] = env.Variable("KONSEKI_WORKERS", "processors, at most 8", "worker processes of one worker")
# Without a broker nothing is sent: the run waits in the database, and the sweeper of the next `stack` takes it up.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 12 * 3600 + 4 * TASK_SECONDS,  # far above any task: a lost one is found by its lease in the database
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 2,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "global_keyprefix": "konseki:",
    # a broker that is away costs an upload less than a second
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = WORKERS
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_TASK_TIME_LIMIT = TASK_SECONDS + 30  # the last resort: the services end their work in time
CELERY_TASK_DEFAULT_QUEUE = "konseki"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "runs.sweep", "schedule": timedelta(seconds=10), "options": {"expires": 10}}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# People
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "run_list"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = env.count("KONSEKI_LOGIN_TRIES", 10, "wrong passwords for one name from one address before a pause")
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"

# Telling people: e-mail to the log unless a server is named; webhooks nowhere unless a place is allowed
_MAIL = env.mail("KONSEKI_MAIL_URL", "smtp://user:password@host:587 (STARTTLS) or smtps://…:465; e-mails go to the log if empty")
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"], _MAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"], _MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL["EMAIL_USE_TLS"], _MAIL["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("KONSEKI_MAIL_FROM", f"Konseki <konseki@{_public.hostname or 'localhost'}>", "sender of e-mails")
env.DECLARED["KONSEKI_MAIL_FROM"] = env.Variable("KONSEKI_MAIL_FROM", "konseki@ the host of KONSEKI_URL", "sender of e-mails")
DIGEST_HOUR = env.count("KONSEKI_DIGEST_HOUR", 8, "hour at which digests and reminders are sent, in KONSEKI_TIME_ZONE", least=0)
WEBHOOK_ORIGINS = env.origins(
    "KONSEKI_WEBHOOK_HOSTS",
    "places that webhooks may post to, separated by commas: hooks.example.org, http://10.0.0.7:9000; none if empty",
)
WEBHOOK_NETWORKS = env.networks(
    "KONSEKI_WEBHOOK_NETWORKS", "networks that are not public and that names among them may lead to all the same: 10.0.0.0/8"
)

# Browsers: cookies know no ports, so portals on one machine name theirs by their data directory
_TAG = f"{crc32(str(DATA_DIR).encode()):08x}"
SESSION_COOKIE_NAME = f"konseki_session_{_TAG}"
CSRF_COOKIE_NAME = f"konseki_csrf_{_TAG}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],  # Bootstrap's own icons are data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# Words and times
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
LOCALE_PATHS = [BASE_DIR / "runs" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.zone("KONSEKI_TIME_ZONE", "Asia/Tokyo", "zone of runs that state none, and of the pages")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "runs": {"level": env.choice("KONSEKI_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), "how much the logs tell")},
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
