"""The asynchronous web server's entry point."""

import os

from django.core.asgi import get_asgi_application

from videosite.warm import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videosite.settings.production")
application = get_asgi_application()
warm()
