"""What every answer of the JSON API has in common: who asks, how often, and what stays private."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from .. import api, conf, registry
from ..types import key_of

#: Most bytes of a request's body.
LONGEST = 256 * 1024


class ByCookie(SessionAuthentication):
    """Signed-in and anonymous sessions alike; what changes something needs the CSRF token."""

    def authenticate(self, request: Request) -> Any:
        if request.method not in SAFE_METHODS:
            self.enforce_csrf(request)
        user = request._request.user
        return (user, None) if user.is_authenticated and user.is_active else None


class StrictJSONParser(JSONParser):
    """Refuses what is too long or nested too deeply, before it costs anything."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        sent = parser_context["request"].META.get("CONTENT_LENGTH")
        if int(sent or 0) > LONGEST:
            raise ParseError(_("The request is too long."))
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error


class Limit(SimpleRateThrottle):
    """So many requests of one account, or of one address; reading and writing apart.

    Addresses that proxies tell of are believed only as ``REST_FRAMEWORK["NUM_PROXIES"]`` says.
    """

    def __init__(self) -> None:
        """The rate depends on the request."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.scope = "READ" if request.method in SAFE_METHODS else "WRITE"
        self.rate = conf.settings.API[self.scope]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return bool(super().allow_request(request, view))

    def get_cache_key(self, request: Request, view: APIView) -> str:
        user = request.user
        who = key_of(user) if user.is_authenticated else self.get_ident(request)
        return f"recommendations:{self.scope}:{who}"

    def get_ident(self, request: Request) -> str:
        if api_settings.NUM_PROXIES is None:
            return str(request.META.get("REMOTE_ADDR", ""))
        return str(super().get_ident(request))


def described(**given: Any) -> Callable[[Any], Any]:
    """Describe a method in the OpenAPI document, whatever the host's schemas are made by."""

    def decorate(method: Any) -> Any:
        method.schema = AutoSchema
        return extend_schema(**given)(method)

    return decorate


class View(APIView):
    """One address of the API; answers are for the visitor alone."""

    authentication_classes = (ByCookie,)
    throttle_classes = (Limit,)
    permission_classes = ()
    parser_classes = (StrictJSONParser,)
    renderer_classes = (JSONRenderer,)
    schema = AutoSchema()

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    @property
    def page(self) -> HttpRequest:
        """Django's own request, as adapters and feeds take it."""
        found: HttpRequest = self.request._request
        return found

    def viewer(self, *, create: bool = False) -> api.Viewer:
        """Return who asks; with ``create``, an anonymous session gets a key."""
        return api.viewer(self.page, create=create)


def item_or_404(key: str, viewer: api.Viewer, request: HttpRequest) -> Any:
    """Return the host's object that a key names; to those who may not see it, it is not there."""
    adapter = registry.adapter_for(key)
    if adapter is not None and key.isprintable() and api.is_item(key):  # PostgreSQL takes no NUL
        pk = key.rpartition(":")[2]
        found = adapter.eligible(viewer, request).filter(pk=pk).first()
        if found is not None:
            return found
    raise NotFound
