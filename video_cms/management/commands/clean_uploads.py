"""``manage.py clean_uploads``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ...uploads import receiving


class Command(BaseCommand):
    help = "Finish uploads that have arrived whole; delete those that nobody went on with in time."

    def handle(self, *args: Any, **options: Any) -> None:
        finished, removed = receiving.clean()
        told = {"finished": finished, "removed": removed}
        self.stdout.write(_("Uploads: %(finished)d finished, %(removed)d removed.") % told)
