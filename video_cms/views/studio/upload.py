"""Sending a video, and changing one: the same form. What is typed is kept as a draft meanwhile."""

from __future__ import annotations

from typing import Any, cast

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from ...models import User, VideoPage
from ...studio import drafts, videos
from ...studio.forms import VideoForm
from ...uploads import quota
from ...uploads.parts import received
from ..watching import is_htmx
from .own import own_or_404

#: What a form weighs besides its file, in bytes, and how many fields it has at most.
WORDS = 1024 * 1024
FIELDS = 400


@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Take a new video."""
    if too_long(request):
        return refuse(request, VideoPage(live=False))
    user, token = cast(User, request.user), request.POST.get("token", "")
    return drafts.with_page(user, token, lambda page: take(request, page))


@login_required
def edit(request: HttpRequest, video_id: str) -> HttpResponse:
    """Change one of one's videos, or send another file for it."""
    page = own_or_404(request, video_id)
    return refuse(request, page) if too_long(request) else take(request, page)


@login_required
@require_POST
def keep(request: HttpRequest, video_id: str = "") -> HttpResponse:
    """Keep what is typed so far of a draft; answers where it is."""
    if video_id:
        return keep_words(request, own_or_404(request, video_id))
    user, token = cast(User, request.user), request.POST.get("token", "")
    return drafts.with_page(user, token, lambda page: keep_words(request, page))


def keep_words(request: HttpRequest, page: VideoPage) -> HttpResponse:
    refuse_many_fields(request)
    user = cast(User, request.user)
    if not drafts.may_be_kept(page):
        return JsonResponse({}, status=409)
    if page.pk is None and not ratelimit.consume(request, action="draft", user=user):
        return JsonResponse({}, status=429)
    page = drafts.keep(VideoForm(request.POST, instance=page, user=user), user)
    return JsonResponse(
        {
            "video": page.video_id,
            "edit": reverse("studio_edit", args=[page.video_id]),
            "keep": reverse("studio_keep", args=[page.video_id]),
        }
    )


def take(request: HttpRequest, page: VideoPage) -> HttpResponse:
    """Show the form of a video and keep what comes back."""
    user, publish = cast(User, request.user), "publish" in request.POST
    if request.method != "POST":
        return show(request, VideoForm(instance=page, user=user))
    refuse_many_fields(request)
    new, sending = page.pk is None, "sending" in request.POST
    needs_file = publish and not sending
    form = VideoForm(request.POST, request.FILES, instance=page, user=user, needs_file=needs_file)
    if not form.is_valid():
        return show(request, form, status=400)
    if form.cleaned_data.get("file") and not ratelimit.consume(request, action="upload", user=user):
        form.add_error("file", _("You sent many files today. Send this one tomorrow."))
        return show(request, form, status=429)
    kept = videos.save(form, user, publish=publish)
    if sending and is_htmx(request):  # the page stays: it has a file to send
        return trigger_client_event(HttpResponse(status=204), "video-kept", {"publish": publish})
    messages.success(request, said(kept, new))
    if is_htmx(request):
        return HttpResponseClientRedirect(redirect("studio").url)
    return redirect("studio")


def refuse_many_fields(request: HttpRequest) -> None:
    """Refuse what the form cannot have sent: the site's own limit is for pages of the admin."""
    if sum(len(values) for _name, values in request.POST.lists()) > FIELDS:
        raise SuspiciousOperation("More fields than the form has.")


def refuse(request: HttpRequest, page: VideoPage) -> HttpResponse:
    """Say that what is being sent is too large, without reading it."""
    form = VideoForm({}, instance=page, user=cast(User, request.user))
    form.errors.clear()
    form.add_error("file", quota.too_large())
    return show(request, form, status=413)


def show(request: HttpRequest, form: VideoForm, status: int = 200) -> HttpResponse:
    """Show the form; for htmx alone, which takes the place of the one that was sent."""
    user, page = cast(User, request.user), form.instance
    context: dict[str, Any] = {
        "form": form,
        "video": page,
        "limit": settings.UPLOAD_LIMIT,
        "quota": settings.UPLOAD_QUOTA,
        "used": quota.used(user),
        "kept": drafts.may_be_kept(page),
    }
    if page.pk:
        context["begun"] = page.uploads.filter(finished_at=None).last()
        context["here"] = context["begun"] and received(context["begun"])
    else:
        sent = None if too_long(request) else request.POST.get("token")
        context["token"] = sent or drafts.token_for(user)
    if is_htmx(request):
        return render(request, "video_cms/studio/form.html", context)
    return render(request, "video_cms/studio/edit.html", context, status=status)


def too_long(request: HttpRequest) -> bool:
    """Return whether a request is longer than any that is taken, before it is read."""
    return int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_LIMIT + WORDS


def said(page: VideoPage, new: bool) -> str:
    """Return what happens next with a video that was saved."""
    if page.publish_when_ready:
        return _("It is published as soon as its file has arrived and has been looked at.")
    if page.approved_schedule:
        return _("Your video is published at the time you chose.")
    return _("Your draft is saved.") if new else _("Your changes are saved.")
