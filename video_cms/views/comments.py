"""Comments: each change is a page with a form, which htmx puts in place where it can."""

from __future__ import annotations

from typing import Any, cast

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from ..comments import threads, writing
from ..comments.forms import CommentForm, ReportForm
from ..models import Comment, CommentReport, CommentRules, User, VideoPage
from ..viewers import get_video_or_404, may_open
from .browse import whole_number
from .watching import is_htmx, sign_in_first

#: The last page of threads.
LAST_PAGE = 500


# --- all of a video -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: HttpRequest, video_id: str) -> HttpResponse:
    """Show a video's comments page by page, or take a new one."""
    video = get_video_or_404(request, video_id)
    if request.method != "POST":
        return show_page(request, video)
    if not request.user.is_authenticated:
        return sign_in_first(request, f"{video.get_url(request)}#comments")
    form = CommentForm(request.POST, auto_id="comment-%s")
    if not video.comments_enabled:
        return show_page(request, video, status=403)
    if not is_sound(request, form, "comment"):
        return refuse(request, form, "video_cms/comments/write.html", {"video": video})
    written = writing.write(member(request), video, form.cleaned_data["text"], rules(request))
    if not is_htmx(request):
        return HttpResponseRedirect(written.get_absolute_url())
    talk = threads.conversation(video, request.user, first=written.pk)
    context = {"talk": talk, "focus": written.pk, "said": spoken_state(written)}
    return swapped(render(request, "video_cms/comments/section.html", context), "#comments")


def show_page(request: HttpRequest, video: VideoPage, status: int = 200) -> HttpResponse:
    """Show a page of threads: on a page of its own, or just them for htmx."""
    sort = request.GET.get("sort", "")
    sort = sort if sort in threads.SORTS else "top"
    number = whole_number(request.GET.get("page"), LAST_PAGE)
    talk = threads.conversation(video, request.user, sort=sort, number=number)
    if number > 1 and not talk.threads:
        raise Http404
    template = "page.html"
    if is_htmx(request):
        template = "more.html" if number > 1 else "list.html"
    context = {"talk": talk, "video": video}
    return render(request, f"video_cms/comments/{template}", context, status=status)


def one_thread(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show a comment with all its answers; an answer's own address leads to its thread."""
    comment = Comment.objects.select_related("video__creator__user").filter(pk=comment_id).first()
    if comment is None or not is_open(request, comment.video):
        raise Http404
    if comment.parent_id:
        return HttpResponseRedirect(get_comment_or_404(request, comment_id).get_absolute_url())
    return show_thread(request, comment.pk, comment.video)


def show_thread(
    request: HttpRequest, top_id: int, video: VideoPage, focus: int = 0, said: str = ""
) -> HttpResponse:
    """Show a thread on a page of its own, or for htmx put it where it stood; gone: nothing."""
    found = threads.thread(top_id, request.user)
    if found is None and not said:
        raise Http404
    name = "changed_thread" if is_htmx(request) else "thread_page"
    context = {"thread": found, "video": video, "focus": focus, "said": said}
    return render(request, f"video_cms/comments/{name}.html", context)


# --- one of them --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Answer a comment."""
    comment = get_comment_or_404(request, comment_id)
    if not request.user.is_authenticated:
        return sign_in_first(request, comment.get_absolute_url())
    top = comment.parent or comment
    if top.state not in (Comment.State.PUBLISHED, Comment.State.DELETED):
        raise Http404
    start = {"text": f"@{comment.author.username} "} if comment.parent_id else {}
    form = CommentForm(request.POST or None, initial=start, auto_id=f"answer-{comment.pk}-%s")
    if request.method != "POST" or not is_sound(request, form, "comment"):
        return refuse(request, form.begun(), "video_cms/comments/answer.html", about(comment))
    text = form.cleaned_data["text"]
    written = writing.write(member(request), comment.video, text, rules(request), comment)
    return changed(request, written, focus=written.pk, said=spoken_state(written))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Change one's own comment."""
    comment = get_own_or_404(request, comment_id)
    form = CommentForm(
        request.POST or None, initial={"text": comment.text}, auto_id=f"edit-{comment.pk}-%s"
    )
    if request.method != "POST" or not is_sound(request, form, "comment"):
        return refuse(request, form.begun(), "video_cms/comments/edit.html", about(comment))
    writing.edit(comment, form.cleaned_data["text"], rules(request))
    return changed(request, comment, focus=comment.pk, said=spoken_state(comment))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take one's own comment back, after asking."""
    comment = get_own_or_404(request, comment_id)
    if request.method != "POST":
        return render(request, "video_cms/comments/delete.html", about(comment))
    said, top_id = _("Your comment is deleted."), comment.parent_id or comment.pk
    writing.delete(comment)
    if is_htmx(request):
        response = show_thread(request, top_id, comment.video, said=said)
        return trigger_client_event(swapped(response, f"#thread-{top_id}"), "dialog-done")
    messages.success(request, said)
    return HttpResponseRedirect(reverse("comments", args=[comment.video.video_id]))


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Ask moderators to look at a comment, once."""
    comment = get_comment_or_404(request, comment_id)
    if not request.user.is_authenticated:
        return sign_in_first(request, request.path)
    user = member(request)
    if comment.author_id == user.pk:
        raise Http404
    done = CommentReport.objects.filter(comment=comment, reporter=user).exists()
    form = ReportForm(request.POST or None, auto_id=f"report-{comment.pk}-%s")
    if request.method == "POST" and not done and is_sound(request, form, "comment_report"):
        writing.report(user, comment, **form.cleaned_data)
        done = True
    context = {**about(comment), "form": form, "done": done}
    status = 200 if done else status_of(form)
    return render(request, "video_cms/comments/report.html", context, status=status)


@require_POST
def like(request: HttpRequest, comment_id: int, on: bool) -> HttpResponse:
    """Like a comment, or take it back."""
    comment = get_comment_or_404(request, comment_id)
    if not request.user.is_authenticated:
        return sign_in_first(request, comment.get_absolute_url())
    (writing.like if on else writing.unlike)(member(request), comment)
    if not is_htmx(request):
        return HttpResponseRedirect(comment.get_absolute_url())
    context = {"entry": threads.Entry(comment, liked=on), "comment": comment}
    return render(request, "video_cms/comments/like_button.html", context)


@require_POST
def pin(request: HttpRequest, comment_id: int, on: bool) -> HttpResponse:
    """Let a video's creator put a comment above the others."""
    comment = get_comment_or_404(request, comment_id)
    is_published_top = comment.parent_id is None and comment.state == Comment.State.PUBLISHED
    if not comment.video.owned_by(request.user) or not is_published_top:
        raise Http404
    (writing.pin if on else writing.unpin)(comment)
    if not is_htmx(request):
        return HttpResponseRedirect(comment.get_absolute_url())
    talk = threads.conversation(comment.video, request.user)
    said = _("The comment is pinned.") if on else _("The comment is no longer pinned.")
    context = {"talk": talk, "focus": comment.pk, "said": said}
    return swapped(render(request, "video_cms/comments/section.html", context), "#comments")


# --- what they share ----------------------------------------------------------------------------


def is_open(request: HttpRequest, video: VideoPage) -> bool:
    """Return whether the visitor may read a video's comments."""
    return video.comments_enabled and may_open(request, video)


def get_comment_or_404(request: HttpRequest, comment_id: int) -> Comment:
    """Return a comment the visitor may read; to others it does not exist."""
    comment = threads.find(request.user, comment_id)
    if comment is None or not is_open(request, comment.video):
        raise Http404
    return comment


def get_own_or_404(request: HttpRequest, comment_id: int) -> Comment:
    """Return a comment of the visitor's own."""
    comment = get_comment_or_404(request, comment_id)
    if comment.author_id != request.user.pk:
        raise Http404
    return comment


def member(request: HttpRequest) -> User:
    return cast(User, request.user)


def rules(request: HttpRequest) -> CommentRules:
    found: CommentRules = CommentRules.for_request(request)
    return found


def about(comment: Comment) -> dict[str, Any]:
    return {"comment": comment, "video": comment.video, "top_id": comment.parent_id or comment.pk}


def is_sound(request: HttpRequest, form: Any, action: str) -> bool:
    """Return whether a form may be carried out: filled in well, and not too many in a row."""
    if not form.is_valid():
        return False
    if ratelimit.consume(request, action=action, user=request.user):
        return True
    form.add_error("text", _("That was a lot at once. Wait a minute, then send it again."))
    form.too_many = True
    return False


def status_of(form: Any) -> int:
    """Return the status of the page that shows a form again."""
    if form is None or not form.errors:
        return 200
    return 429 if getattr(form, "too_many", False) else 400


def refuse(request: HttpRequest, form: Any, fragment: str, context: dict[str, Any]) -> HttpResponse:
    """Show a form, with its errors: as a page, or alone for htmx, which swaps only good news."""
    context = {**context, "form": form, "fragment": fragment}
    if is_htmx(request):
        return render(request, fragment, context)
    return render(request, "video_cms/comments/form_page.html", context, status=status_of(form))


def changed(request: HttpRequest, comment: Comment, *, focus: int, said: str) -> HttpResponse:
    """Go to a changed comment, or for htmx draw its thread anew."""
    if not is_htmx(request):
        return HttpResponseRedirect(comment.get_absolute_url())
    top_id = comment.parent_id or comment.pk
    response = show_thread(request, top_id, comment.video, focus, said)
    return swapped(response, f"#thread-{top_id}")


def swapped(response: HttpResponse, target: str) -> HttpResponse:
    """Have htmx put a response in place of ``target``."""
    return cast(HttpResponse, reswap(retarget(response, target), "outerHTML"))


def spoken_state(comment: Comment) -> str:
    """Return what to tell an author about a comment just written."""
    if comment.state == Comment.State.HELD:
        return _("A moderator looks at your comment before others see it.")
    return _("Your comment is published.")
