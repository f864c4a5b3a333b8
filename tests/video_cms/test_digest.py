"""The weekly mail: for whom, with what, how often, and how it ends."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from recommendations_plugin import api
from video_cms import digest
from video_cms.models import Preferences

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(make_user: Any) -> Any:
    """A viewer who asked for the mail."""
    user = make_user("ada")
    Preferences.objects.create(user=user, weekly_digest=True)
    return user


def test_who_asked_gets_what_is_picked_for_them_once_a_week(
    mailoutbox: Any, reader: Any, make_user: Any, make_video: Any
) -> None:
    make_user("bo")
    first, second = make_video("Bees & <b>honey</b>"), make_video("Waves")
    make_video("Secret", visibility="private")
    api.record("dismiss", api.viewer(reader), second)
    for _ in range(2):
        call_command("send_digests", verbosity=0)
    (mail,) = mailoutbox
    assert mail.to == ["ada@example.org"]
    assert "Bees & <b>honey</b>" in mail.body
    assert f"/video/{first.video_id}/" in mail.body
    assert "Waves" not in mail.body
    assert "Secret" not in mail.body
    (html, kind) = mail.alternatives[0]
    assert kind == "text/html"
    assert "Bees &amp; &lt;b&gt;honey" in html
    assert "<img" not in html
    Preferences.objects.update(digest_sent_at=timezone.now() - timedelta(days=7))
    assert digest.send_due() == 1


def test_the_queue_sends_it_by_itself(mailoutbox: Any, reader: Any, make_video: Any) -> None:
    make_video()
    for _ in range(2):
        call_command("site_schedule", verbosity=0)
    (scheduled,) = Schedule.objects.filter(func__endswith="send_digests")
    assert (scheduled.minutes, scheduled.repeats) == (60, -1)
    import_string(scheduled.func)()
    assert len(mailoutbox) == 1


def test_nothing_to_tell_and_no_address_make_no_mail(
    mailoutbox: Any, reader: Any, make_user: Any, make_video: Any
) -> None:
    assert digest.send_due() == 0
    make_video()
    silent = make_user("silent", email="")
    gone = make_user("gone", is_active=False)
    for user in (silent, gone):
        Preferences.objects.create(user=user, weekly_digest=True)
    digest.send_due()
    assert mailoutbox == []


def test_a_mail_server_that_refuses_one_does_not_keep_the_others_from_theirs(
    mailoutbox: Any, reader: Any, make_user: Any, make_video: Any, monkeypatch: Any
) -> None:
    make_video()
    Preferences.objects.create(user=make_user("bo"), weekly_digest=True)
    send = digest.EmailMultiAlternatives.send

    def refuse_ada(mail: Any, *args: Any) -> Any:
        if mail.to == ["ada@example.org"]:
            raise OSError("No such mailbox.")
        return send(mail, *args)

    monkeypatch.setattr(digest.EmailMultiAlternatives, "send", refuse_ada)
    assert digest.send_due() == 1
    assert [mail.to for mail in mailoutbox] == [["bo@example.org"]]


def test_its_link_asks_and_a_mail_program_ends_it_in_one_click(
    mailoutbox: Any, reader: Any, make_video: Any
) -> None:
    make_video()
    digest.send_due()
    headers = mailoutbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (path,) = re.findall(r"<https?://[^/]+(/digest/stop/[^>]+/)>", headers["List-Unsubscribe"])
    strict = Client(enforce_csrf_checks=True)
    assert "Stop the weekly mail?" in strict.get(path).content.decode()
    assert Preferences.objects.get().weekly_digest
    answer = strict.post(path, {"List-Unsubscribe": "One-Click"})
    assert "No more weekly mails" in answer.content.decode()
    assert not Preferences.objects.get().weekly_digest


@pytest.mark.parametrize("token", ["x", "1:x:y", "a" * 3000, "%00", "é"])
def test_a_forged_token_is_not_found(site_tree: Any, reader: Any, token: str) -> None:
    for method in (Client().get, Client().post):
        assert method(f"/digest/stop/{token}/").status_code == 404
    assert Preferences.objects.get().weekly_digest
