"""What the site told a visitor: a list, and what was read of it."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ..models import Notice, User
from ..notices import notices_of
from .browse import private
from .watching import back

PAGE_SIZE = 30


@require_safe
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """Show what the visitor was told, newest first."""
    rows = (
        notices_of(request.user)
        .select_related(
            "video__creator__user",
            "video__creator__picture",
            "video__media__poster",
            "video__thumbnail",
            "comment__author__profile__picture",
        )
        .prefetch_related(
            "video__thumbnail__renditions",
            "video__media__poster__renditions",
            "video__creator__picture__renditions",
            "comment__author__profile__picture__renditions",
        )
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return private(render(request, "video_cms/notices/notices.html", {"page_obj": page}))


@require_POST
@login_required
def read(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Note that the visitor has read one of their notices."""
    notice = get_object_or_404(Notice, pk=notice_id, user_id=request.user.pk)
    if notice.read_at is None:
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
    return back(request, reverse("notices"))


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that the visitor has read all they were told."""
    unread = Notice.objects.filter(user=cast(User, request.user), read_at=None)
    unread.update(read_at=timezone.now())
    return HttpResponseRedirect(reverse("notices"))
