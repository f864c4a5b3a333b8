"""Settings as ``wagtail start`` writes them, and what the plugin's README adds."""

import os
import tempfile
from pathlib import Path

#: One folder per process; the checks' conftest removes it.
BASE_DIR = Path(tempfile.mkdtemp(prefix="testapp-"))

INSTALLED_APPS = [
    "tests.testapp",
    "recommendations_plugin",
    "django_q",
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
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "tests.testapp.urls"
STATIC_URL = "static/"
SECRET_KEY = "for-tests-only"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WAGTAIL_SITE_NAME = "Magazine"
WAGTAILADMIN_BASE_URL = "http://localhost"
WAGTAIL_ENABLE_UPDATE_CHECK = False

if name := os.environ.get("DB_NAME"):
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            **{
                key: os.environ.get(f"DB_{key}", "") for key in ("USER", "PASSWORD", "HOST", "PORT")
            },
            "TEST": {"NAME": f"test_foreign_{name}"},
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": BASE_DIR / "db.sqlite3",
            "OPTIONS": {"init_command": "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;"},
            "TEST": {"NAME": BASE_DIR / "test.sqlite3"},
        }
    }

# --- what the README adds -----------------------------------------------------------------------

Q_CLUSTER = {
    "name": "default",
    "orm": "default",
    "timeout": 300,
    "retry": 1000,
    "max_attempts": 5,
    "ack_failures": True,
    "ALT_CLUSTERS": {"training": {"timeout": 3600, "retry": 11000}},
}
#: A port where nobody listens: the graph is away all the time.
RECOMMENDATIONS = {"EMBEDDED_GRAPH": {"PORT": 9}, "CATALOGUE_AGE": 0}
