"""A weekly mail with videos picked for each viewer who asked for it. It tracks nobody."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.models import Site

from recommendations_plugin import api

from .models import Preferences, User

logger = logging.getLogger(__name__)

#: How often, and how many videos. An hour less than a week: a daily run is never on time.
EVERY, NUMBER = timedelta(days=7) - timedelta(hours=1), 6
SALT = "video_cms.digest"


def send_due() -> int:
    """Send the mails that are due; return how many. Each is claimed first, so none goes twice."""
    due = _due(timezone.now())
    wanted = due.filter(user__is_active=True).exclude(user__email="")
    return sum(_send(preferences) for preferences in wanted.select_related("user").iterator())


def _due(now: datetime) -> QuerySet[Preferences]:
    late = Q(digest_sent_at=None) | Q(digest_sent_at__lt=now - EVERY)
    return Preferences.objects.filter(late, weekly_digest=True)


def _send(preferences: Preferences) -> bool:
    now = timezone.now()
    if not _due(now).filter(pk=preferences.pk).update(digest_sent_at=now):
        return False
    with translation.override(settings.LANGUAGE_CODE):
        mail = compose(preferences.user)
    if mail is None:
        return False
    try:
        mail.send()
    except OSError:  # the mail server is away, or refuses this address: the others get theirs
        logger.exception("The weekly mail to account %s could not be sent.", preferences.user_id)
        return False
    return True


def compose(user: User) -> EmailMultiAlternatives | None:
    """Return a viewer's mail; None where there is nothing to tell them of."""
    feed = api.recommend(api.viewer(user), placement="digest", limit=NUMBER)
    if not feed.items:
        return None
    site = Site.objects.get(is_default_site=True)
    stop = site.root_url + reverse("digest_stop", args=[signing.dumps(user.pk, salt=SALT)])
    context = {
        "feed": feed,
        "site_name": site.site_name or settings.WAGTAIL_SITE_NAME,
        "user": user,
        "stop": stop,
        "settings_url": site.root_url + reverse("settings"),
    }
    mail = EmailMultiAlternatives(
        _("Picked for you: %(title)s") % {"title": feed.items[0].object.title},
        render_to_string("video_cms/digest/mail.txt", context),
        to=[user.email],
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(render_to_string("video_cms/digest/mail.html", context), "text/html")
    return mail


def stop(token: str) -> bool:
    """Send the viewer of a mail's token no more; return whether the token is one."""
    pk = account_of(token)
    Preferences.objects.filter(user=pk).update(weekly_digest=False)
    return pk is not None


def account_of(token: str) -> int | None:
    """Return whose mail a token stands in; None for a text that is no token."""
    try:
        pk: int = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return pk
