"""Settings for a public installation. ``SECRET_KEY`` and ``ALLOWED_HOSTS`` must be set."""

from django.core.exceptions import ImproperlyConfigured

from .base import *

DEBUG = False
# Signing up then answers alike whether or not an address is known already.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
for _name in ("SECRET_KEY", "ALLOWED_HOSTS"):
    if not globals()[_name]:
        raise ImproperlyConfigured(f"Set {_name} in the environment or in .env.")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours stand in front: the address of a visitor, whose attempts to sign in are
# limited, is the one the outermost of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1)
REST_FRAMEWORK = {"NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT}
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=3600)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
EMAIL_CONFIG = env.email("EMAIL_URL", default="smtp://localhost:25")
vars().update(EMAIL_CONFIG)
if env.str("REDIS_URL", default=""):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env.str("REDIS_URL"),
        }
    }
