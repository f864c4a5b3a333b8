"""The web server's entry point."""

import os

from django.core.wsgi import get_wsgi_application

from videosite.warm import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videosite.settings.production")
application = get_wsgi_application()
warm()
