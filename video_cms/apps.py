"""Wires the video site into Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideoCmsConfig(AppConfig):
    name = "video_cms"
    verbose_name = _("Videos")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers, recommendations  # noqa: F401
        from .processing import checks as processing_checks  # noqa: F401
        from .themes import checks  # noqa: F401
