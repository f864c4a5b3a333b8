"""The comments on a creator's own videos in one place, and what they decide of them."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ...comments import hosting, writing
from ...comments.forms import CommentForm
from ...models import Comment
from ..browse import paginate
from ..comments import is_sound, member, rules, spoken_state, status_of
from ..watching import back
from .own import own_videos

PER_PAGE = 20
VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


@login_required
@require_safe
def comments(request: HttpRequest) -> HttpResponse:
    """List the comments on the visitor's videos, the latest first."""
    return show_list(request)


def show_list(
    request: HttpRequest, answered: int = 0, form: CommentForm | None = None
) -> HttpResponse:
    """Show a page of the list; with ``form``, the answer to one of them that has to be mended."""
    found = hosting.on_videos_of(request.user)
    wanted, video = request.GET.get("show", ""), None
    if VIDEO_ID.fullmatch(video_id := request.GET.get("video", "")):
        video = own_videos(request).filter(video_id=video_id).first()
        found = found.filter(video=video)
    wanted = wanted if wanted in hosting.FILTERS else ""
    page = paginate(request, hosting.for_list(hosting.filtered(found, wanted)), PER_PAGE)
    context = {
        "page_obj": page,
        "filters": hosting.FILTERS,
        "show": wanted,
        "video": video,
        "answered": answered,
        "form": form,
    }
    return render(request, "video_cms/studio/comments.html", context, status=status_of(form))


def hosted_or_404(request: HttpRequest, comment_id: int) -> Comment:
    """Return a comment on one of the visitor's videos."""
    found = hosting.on_videos_of(request.user).select_related("author", "parent", "video__creator")
    comment: Comment = get_object_or_404(found, pk=comment_id)
    return comment


DECIDED = {
    "hide": gettext_lazy("The comment is hidden; only its author sees it still."),
    "show": gettext_lazy("The comment is shown again, or waits for a moderator by the rules."),
    "hold": gettext_lazy("The comment waits for a moderator."),
    "pin": gettext_lazy("The comment is pinned."),
    "unpin": gettext_lazy("The comment is no longer pinned."),
}


@login_required
@require_POST
def decide(request: HttpRequest, comment_id: int, verb: str) -> HttpResponse:
    """Hide a comment, show it again, have it wait, pin it, or no longer."""
    comment = hosted_or_404(request, comment_id)
    pinnable = comment.parent_id is None and comment.state == Comment.State.PUBLISHED
    if verb == "hide":
        hosting.hide(comment)
    elif verb == "show":
        hosting.show(comment, rules(request))
    elif verb == "hold":
        hosting.hold(comment)
    elif verb in ("pin", "unpin") and pinnable:
        (writing.pin if verb == "pin" else writing.unpin)(comment)
    else:
        raise Http404
    messages.success(request, str(DECIDED[verb]))
    return back(request, redirect("studio_comments").url)


@login_required
@require_POST
def answer(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Answer a comment from the list."""
    comment = hosted_or_404(request, comment_id)
    top = comment.parent or comment
    if {comment.state, top.state} != {Comment.State.PUBLISHED} or not comment.video.live:
        raise Http404
    form = CommentForm(request.POST, auto_id=f"answer-{comment.pk}-%s")
    if not is_sound(request, form, "comment"):
        return show_list(request, comment.pk, form)
    text = form.cleaned_data["text"]
    written = writing.write(member(request), comment.video, text, rules(request), comment)
    messages.success(request, spoken_state(written))
    return back(request, redirect("studio_comments").url)
