"""What its creator deleted, while it can be brought back: a draft that nobody changes or shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _
from wagtail.locks import BaseLock
from wagtail.models import PagePermissionTester


class DeletedLock(BaseLock):
    """Tells editors why a page cannot be changed, and until when it is there."""

    def for_user(self, user: Any) -> bool:
        return True

    def get_message(self, user: Any) -> str:
        day = formats.date_format(self.object.erased_at, "DATE_FORMAT")
        return _("Its creator deleted this video. It is erased on %(day)s.") % {"day": day}

    def get_locked_by(self, user: Any) -> str:
        return _("Deleted by its creator")


class DeletedTester(PagePermissionTester):
    """What editors may do with a deleted page: look at it, and delete it for good."""

    def can_publish(self) -> bool:
        return False


class Deletable:
    """A page that its creator can delete, and bring back for ``DELETED_VIDEOS_KEPT``."""

    deleted_at: datetime | None

    @property
    def erased_at(self) -> datetime | None:
        """When nothing of it is left."""
        kept: timedelta = settings.DELETED_VIDEOS_KEPT
        return self.deleted_at and self.deleted_at + kept

    def get_lock(self) -> BaseLock | None:
        lock: BaseLock | None = super().get_lock()  # type: ignore[misc]
        return DeletedLock(self) if self.deleted_at else lock

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        tester: PagePermissionTester = super().permissions_for_user(user)  # type: ignore[misc]
        return DeletedTester(user, self) if self.deleted_at else tester
