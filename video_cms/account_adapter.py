"""How django-allauth answers: in the dialog of a page where htmx asks, else with pages."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

#: Pages that say what comes next, and do so in the dialog where one is open.
SAID_IN_THE_DIALOG = (
    "account_reset_password_done",
    "account_email_verification_sent",
    "account_inactive",
)


class AccountAdapter(DefaultAccountAdapter):
    """allauth's own behaviour, for htmx too.

    The templates are fragments for htmx (see ``allauth/layouts/entrance.html``): a form with
    errors stays in the dialog, and the browser leaves the page when all is well.
    """

    def is_ajax(self, request: HttpRequest) -> bool:
        return bool(request.htmx)  # type: ignore[attr-defined]

    def ajax_response(
        self,
        request: HttpRequest,
        response: HttpResponse,
        redirect_to: str | None = None,
        form: Any = None,
        data: Any = None,
    ) -> HttpResponse:
        if redirect_to is None or redirect_to in map(reverse, SAID_IN_THE_DIALOG):
            return response
        return HttpResponseClientRedirect(redirect_to)
