"""Template tags and filters of the visitor's site."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.core.paginator import Page
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy
from wagtail.models import Page as WagtailPage

from .. import words
from ..models import CreatorProfile, ParentCategory, VideoIndexPage, VideoPage
from ..studio.videos import state_of
from ..viewers import listed_videos, watched_portions
from ..views.browse import paginate
from .themes import theme_static

register = template.Library()

#: Background colours of initials, by number: see ``.avatar`` in the theme.
TINTS = 6


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """Draw one of the theme's icons; decoration only, so give its button or link a name."""
    return format_html(
        '<svg class="icon" width="{size}" height="{size}" aria-hidden="true" focusable="false">'
        '<use href="{sprite}#{name}"></use></svg>',
        size=size,
        sprite=theme_static("icons.svg"),
        name=name or "play",
    )


@register.simple_tag
def studio_state(video: VideoPage) -> str:
    """Return how a creator's video is doing; see ``studio.state_of``."""
    return state_of(video)


@register.filter
def clock(seconds: float | None) -> str:
    """Write a duration as a player does: 0:07, 12:30, 1:02:03."""
    whole = round(seconds or 0)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def spoken(seconds: float | None) -> str:
    """Write a duration in words, for screen readers."""
    whole = round(seconds or 0)
    if whole < 60:
        return ngettext("%(number)s second", "%(number)s seconds", whole) % {"number": whole}
    minutes = round(whole / 60)
    return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}


@register.filter
def compact(number: int | None) -> str:
    """Write a large number short: 950, 1.2K, 48K, 3.1M."""
    value = float(number or 0)
    for limit, form in ((1e6, _("%sM")), (1e3, _("%sK"))):
        if value >= limit * 0.9995:
            scaled = value / limit
            return form % (f"{scaled:.1f}".removesuffix(".0") if scaled < 9.95 else f"{scaled:.0f}")
    return str(int(value))


#: Whole phrases: Django's own words for times are not there in every language.
AGO: dict[str, Any] = {
    "year": ngettext_lazy("%(num)d year ago", "%(num)d years ago", "num"),
    "month": ngettext_lazy("%(num)d month ago", "%(num)d months ago", "num"),
    "week": ngettext_lazy("%(num)d week ago", "%(num)d weeks ago", "num"),
    "day": ngettext_lazy("%(num)d day ago", "%(num)d days ago", "num"),
    "hour": ngettext_lazy("%(num)d hour ago", "%(num)d hours ago", "num"),
    "minute": ngettext_lazy("%(num)d minute ago", "%(num)d minutes ago", "num"),
}


@register.filter
def ago(moment: dt.datetime | None) -> str:
    """Write how long ago something was, in its largest unit."""
    if moment is None:
        return ""
    if timezone.now() - moment < dt.timedelta(minutes=1):
        return _("just now")
    return timesince(moment, depth=1, time_strings=AGO)


@register.filter
def initials(creator: CreatorProfile) -> str:
    """Return the letters that stand for a creator without a picture."""
    words = str(creator).replace("-", " ").replace("_", " ").split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def tint(subject: CreatorProfile | ParentCategory) -> int:
    """Return the number of a creator's or a subject's colour, always the same one."""
    return (subject.pk or 0) % TINTS


@register.filter
def linked(text: str, video: VideoPage | None = None) -> SafeString:
    """Show a visitor's words with their links and, given a video, its moments (1:23) as links."""
    return words.shown(text, video)


@register.filter
def bare_url(address: str) -> str:
    """Show a web address without what everybody knows."""
    return address.removeprefix("https://").removeprefix("http://").removesuffix("/")


@register.simple_tag(takes_context=True)
def watched_portion(context: template.Context, video: VideoPage) -> float:
    """Return how much of a video the visitor has watched, 0–1."""
    request = context.get("request")
    return watched_portions(request).get(video.pk, 0.0) if request else 0.0


@register.simple_tag(takes_context=True)
def latest_videos(context: template.Context) -> Page[VideoPage]:
    """Return the asked-for page of the newest listed videos."""
    request = context["request"]
    videos = listed_videos(request).for_cards()
    return paginate(request, videos.order_by("-first_published_at", "-pk"))


@register.simple_tag(takes_context=True)
def videos_url(context: template.Context) -> str:
    """Return the address of the list of all videos, empty while there is none."""
    page: WagtailPage | None = VideoIndexPage.objects.live().first()
    return (page and page.get_url(context.get("request"))) or ""


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """Return the page's address with some parameters changed; an empty one leaves.

    With its path, since htmx may put what it is written into on another page.
    """
    request = context["request"]
    parameters = request.GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in (None, ""):
            parameters[name] = str(value)
    encoded = parameters.urlencode()
    return f"{request.path}?{encoded}" if encoded else request.path
