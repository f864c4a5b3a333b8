"""Settings for tests: SQLite unless ``DB_NAME`` names a PostgreSQL database."""

import tempfile
from pathlib import Path

from .base import *

SECRET_KEY = "for-tests-only"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True

#: One folder per test process; the tests' conftest removes it.
VAR_DIR = Path(tempfile.mkdtemp(prefix="videosite-test-"))
MEDIA_ROOT = VAR_DIR / "media"
STATIC_ROOT = VAR_DIR / "static"
UPLOADS_DIR = VAR_DIR / "uploads"
RECOMMENDATIONS = {
    **RECOMMENDATIONS,
    "ARTIFACTS_DIR": VAR_DIR / "recommendations",
    "EMBEDDED_GRAPH": {"PORT": env.int("GRAPH_PORT", default=7699), "DIR": VAR_DIR / "graph"},
    "JOBS": "tests.support.HeldJobs",
    "MODEL": {"NETWORK": False},  # takes longest, and has tests of its own
    "CATALOGUE_AGE": 0,  # each test has a catalogue of its own
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "WARNING"}}
TASKS = {"default": {"BACKEND": "tests.support.IndexTasks"}}
