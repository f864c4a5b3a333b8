"""``manage.py send_digests``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from ... import digest


class Command(BaseCommand):
    help = "Send the weekly mail to viewers who asked for it and whose last one is a week old."

    def handle(self, *args: Any, **options: Any) -> None:
        sent = digest.send_due()
        self.stdout.write(ngettext("%d mail was sent.", "%d mails were sent.", sent) % sent)
