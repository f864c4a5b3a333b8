"""Settings every installation shares. What differs comes from the environment or ``.env``."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parents[3]
env = environ.Env()
env.read_env(BASE_DIR / ".env")

#: Everything a running site makes: database, uploads, models, graph.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- what is installed ------------------------------------------------------------------------

INSTALLED_APPS = [
    "video_cms",
    "recommendations_plugin",
    "wagtailmedia",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_htmx",
    "django_q",
    "allauth",
    "allauth.account",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "video_cms.themes.current.ThemeMiddleware",
    "video_cms.caching.PrivateMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "recommendations_plugin.middleware.RecommendationsHeaderMiddleware",
    "video_cms.standing.SuspendedMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "videosite.urls"
WSGI_APPLICATION = "videosite.wsgi.application"

# --- look -------------------------------------------------------------------------------------

#: The look of sites whose editors have chosen none.
THEME = env.str("THEME", default="grid")
THEMES_DIR = BASE_DIR / "themes"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "video_cms.themes.loaders.CachedLoader",
                    [
                        "video_cms.themes.loaders.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["video_cms.templatetags.themes"],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "video_cms.context_processors.navigation",
            ],
        },
    },
]

STATICFILES_DIRS = [
    (f"themes/{folder.parent.name}", folder) for folder in sorted(THEMES_DIR.glob("*/static"))
]
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "videosite.storage.StaticFilesStorage"},
}
MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
#: Where the web server in front finds uploads (nginx: an `internal` location); see views/media.py.
MEDIA_ACCEL_PREFIX = env.str("MEDIA_ACCEL_PREFIX", default="")

# --- data -------------------------------------------------------------------------------------

if env.str("DB_NAME", default=""):
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": env.str("DB_NAME"),
            "USER": env.str("DB_USER", default=""),
            "PASSWORD": env.str("DB_PASSWORD", default=""),
            "HOST": env.str("DB_HOST", default=""),
            "PORT": env.str("DB_PORT", default=""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "db.sqlite3",
            # Writers wait their turn instead of failing, and readers never wait for them.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;"
                ),
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- accounts ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "video_cms.User"
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
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_ADAPTER = "video_cms.account_adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "video_cms.forms.LoginForm", "signup": "video_cms.forms.SignupForm"}
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# Whoever has the mailbox gets in at once, also while bad attempts have the account limited.
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
#: Besides allauth's own limits: how often one person may do what costs others or the site much.
ACCOUNT_RATE_LIMITS = {
    "export": "6/h/user",
    "delete_account": "10/m/user",
    "comment": "6/m/user,60/h/user",
    "comment_report": "10/m/user,60/d/user",
    "upload": "30/d/user",
    "draft": "60/d/user",
}
#: Largest video file that a visitor may send, in bytes.
UPLOAD_LIMIT = env.int("UPLOAD_LIMIT", default=2 * 1024**3)
#: How many bytes of video files a creator may keep.
UPLOAD_QUOTA = env.int("UPLOAD_QUOTA", default=50 * 1024**3)
#: Where uploads are until all their bytes are there. On the file system of ``MEDIA_ROOT`` they
#: need not be copied; never below it.
UPLOADS_DIR = VAR_DIR / "uploads"

#: What is made of each film: sizes by the shorter side of the picture, in pixels (at most, when
#: it is encoded anew and when it is taken over; those for slower connections), and loudness (LUFS).
PROCESSING = {
    "LARGEST": 1080,
    "LARGEST_COPIED": 2160,
    "RUNGS": [240, 360, 480, 720, 1080],
    "LOUDNESS": -16.0,
    "AV1": env.bool("PROCESSING_AV1", default=False),
}

#: Most bytes of a back catalogue that is sent as a ZIP, packed and unpacked.
IMPORT_LIMIT = env.int("IMPORT_LIMIT", default=20 * 1024**3)
#: How long a creator can bring a deleted video back.
DELETED_VIDEOS_KEPT = timedelta(days=env.int("DELETED_VIDEOS_KEPT", default=14))

# --- words ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
#: What the site speaks; what editors write is in one language.
LANGUAGES = [("en", _("English")), ("de", _("German")), ("hi", _("Hindi"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES[:1]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "video_cms" / "locale"]

# --- Wagtail ----------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "Videos"
WAGTAILADMIN_BASE_URL = env.str("SITE_URL", default="http://localhost:8000")
WAGTAILIMAGES_IMAGE_MODEL = "video_cms.Picture"
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000  # a small file may claim to be any size
# The site's own videos and no others: the policy below lets no other site's frames in.
WAGTAILEMBEDS_FINDERS = [{"class": "video_cms.syndication.rich_text"}]
WAGTAILMEDIA = {"MEDIA_MODEL": "video_cms.VideoMedia"}
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # nothing is asked of third parties
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_PASSWORD_RESET_ENABLED = False  # the site's own does it, with its limits
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
TAGGIT_CASE_INSENSITIVE = True

# --- recommendations --------------------------------------------------------------------------

RECOMMENDATIONS: dict[str, Any] = {
    "ARTIFACTS_DIR": VAR_DIR / "recommendations",
    "EMBEDDED_GRAPH": {"PORT": env.int("GRAPH_PORT", default=7688), "DIR": VAR_DIR / "graph"},
}
if env.str("NEO4J_URI", default=""):
    RECOMMENDATIONS["GRAPH"] = {
        "OPTIONS": {
            "uri": env.str("NEO4J_URI"),
            "user": env.str("NEO4J_USER", default=""),
            "password": env.str("NEO4J_PASSWORD", default=""),
            "database": env.str("NEO4J_DATABASE", default="neo4j"),
        }
    }

#: The JSON API counts requests by address; no proxy is believed unless production names some.
REST_FRAMEWORK = {"NUM_PROXIES": 0}

Q_CLUSTER = {
    "name": "default",
    "orm": "default",
    "workers": 1,
    "timeout": 300,
    "retry": 1000,
    "max_attempts": 5,
    "ack_failures": True,
    "catch_up": False,
    "poll": 1,
    "save_limit": 500,
    "label": _("Task queue"),
    # Training and work on films are long and heavy: clusters of their own, so that they never
    # delay a sync.
    "ALT_CLUSTERS": {
        "training": {"workers": 1, "timeout": 3600, "retry": 11000},
        "processing": {
            "workers": env.int("PROCESSING_WORKERS", default=1),
            "timeout": 6 * 3600,
            "retry": 20 * 3600,
        },
    },
}

# --- safety -----------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "SAMEORIGIN"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
CONTENT_SECURITY_POLICY = {
    # Wagtail's admin needs inline scripts and styles; it is for signed-in editors only.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # These say several lines about each saved row.
    "loggers": {
        "django_tasks": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        "faiss": {"level": "WARNING"},
    },
}
