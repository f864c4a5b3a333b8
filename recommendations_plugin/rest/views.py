"""The addresses of the JSON API, version 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from .. import api, registry
from . import serializers
from .access import View, described, item_or_404

#: Who is told what every stage says.
MAY_SEE_STAGES = "recommendations_plugin.view_trainingrun"

Question = TypeVar("Question", bound="Serializer[Any]")


def answer_to(question: type[Question], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was asked, as it should be; anything else is a 400 that says what is wrong."""
    asked = question(data=data)
    asked.is_valid(raise_exception=True)
    found: dict[str, Any] = asked.validated_data
    return found


class FeedView(View):
    @described(
        operation_id="feed",
        parameters=[serializers.FeedQuestion],
        responses=serializers.Feed,
        summary="A page of the visitor's feed",
    )
    def get(self, request: Request, placement: str) -> Response:
        given = {**request.query_params.dict(), "placement": placement}
        asked = answer_to(serializers.FeedQuestion, given)
        try:
            feed = api.recommend(
                self.viewer(),
                placement=asked["placement"],
                limit=asked["limit"],
                cursor=asked.get("cursor", ""),
                within=_facet(asked.get("within", "")),
                request=self.page,
            )
        except api.InvalidCursor as error:
            raise ValidationError({"cursor": [str(error)]}) from error
        return Response(serializers.Feed(feed, context={"request": self.page}).data)


def _facet(key: str) -> api.Facet | None:
    if not key:
        return None
    found = api.find_facet(key)
    if found is None:
        raise ValidationError({"within": ["There is no such category."]})
    return found


class SimilarView(View):
    @described(
        operation_id="similar",
        parameters=[serializers.Page],
        responses=serializers.Feed,
        summary="What goes well beside an item",
    )
    def get(self, request: Request, key: str) -> Response:
        asked = answer_to(serializers.Page, request.query_params.dict())
        viewer = self.viewer()
        item = item_or_404(key, viewer, self.page)
        feed = api.similar(item, viewer, limit=asked["limit"], request=self.page)
        return Response(serializers.Feed(feed, context={"request": self.page}).data)


class ExplanationView(View):
    @described(
        operation_id="explain",
        parameters=[serializers.ExplanationQuestion],
        responses=serializers.Explanation,
        summary="Why an item is, or is not, in the visitor's feed",
    )
    def get(self, request: Request, key: str) -> Response:
        asked = answer_to(serializers.ExplanationQuestion, request.query_params.dict())
        viewer = self.viewer()
        item = item_or_404(key, viewer, self.page)
        stages = api.explain(viewer, item, placement=asked["placement"])
        found = {
            "rank": stages["rank"],
            "seen": stages["seen"],
            "pulls": [reason for reason, strength in stages.get("pulls", []) if strength > 0],
        }
        if "reason" in stages:
            found["reason"] = stages["reason"]
        if request.user.has_perm(MAY_SEE_STAGES):
            found["stages"] = {**stages, **_plain(stages)}
        return Response(serializers.Explanation(found).data)


def _plain(stages: Mapping[str, Any]) -> dict[str, Any]:
    """Return those stages as data for JSON that are not."""
    if "reason" not in stages:
        return {}
    pulls = [
        {**serializers.Reason(reason).data, "strength": strength}
        for reason, strength in stages["pulls"]
    ]
    return {"reason": serializers.Reason(stages["reason"]).data, "pulls": pulls}


class InteractionsView(View):
    @described(
        operation_id="record",
        request=serializers.Interaction,
        responses={204: None},
        summary="Record that the visitor watched or liked an item",
    )
    def post(self, request: Request) -> Response:
        asked = answer_to(serializers.Interaction, _object(request.data))
        item = item_or_404(asked["item"], self.viewer(), self.page)
        measured = {name: asked[name] for name in ("value", "seconds") if name in asked}
        _record(self, asked["kind"], item, **measured)
        return Response(status=204)


class DismissalView(View):
    @described(
        operation_id="dismiss",
        request=None,
        responses={204: None},
        summary="Keep an item out of the visitor's feeds",
    )
    def put(self, request: Request, key: str) -> Response:
        _record(self, "dismiss", item_or_404(key, self.viewer(), self.page))
        return Response(status=204)

    @described(
        operation_id="undismiss",
        request=None,
        responses={204: None},
        summary="Let an item back into the visitor's feeds",
    )
    def delete(self, request: Request, key: str) -> Response:
        _record(self, "undismiss", item_or_404(key, self.viewer(), self.page))
        return Response(status=204)


def _record(view: View, kind: str, item: Any, **measured: float) -> None:
    """Have the host record what a visitor did, or do it here."""
    adapter = registry.adapter_for(item)
    try:
        if adapter is None or not adapter.perform(view.page, kind, item, **measured):
            api.record(kind, view.viewer(create=True), item, **measured)
    except api.InvalidSignal as error:
        raise ValidationError({"detail": str(error)}) from error


class ImpressionsView(View):
    @described(
        operation_id="report",
        request=serializers.Report,
        responses={204: None},
        summary="Report which cards were seen, and which followed",
    )
    def post(self, request: Request) -> Response:
        asked = answer_to(serializers.Report, _object(request.data))
        api.report(self.page, **asked)
        return Response(status=204)


class ViewerView(View):
    @described(
        operation_id="forget",
        request=None,
        responses={204: None},
        summary="Forget everything known of the visitor",
    )
    def delete(self, request: Request) -> Response:
        api.forget(self.viewer())
        return Response(status=204)


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValidationError({"detail": "The body has to be a JSON object."})
    return data


def document(endpoints: Sequence[URLPattern]) -> Callable[[HttpRequest], JsonResponse]:
    """Return the view that gives the OpenAPI document of these addresses."""

    @cache
    def made() -> dict[str, Any]:
        found: dict[str, Any] = SchemaGenerator(patterns=endpoints).get_schema(public=True)
        found["info"] = {"title": "Recommendations", "version": "1"}
        found["servers"] = [{"url": ".."}]  # from where the document lies
        return found

    def view(request: HttpRequest) -> JsonResponse:
        return JsonResponse(made(), headers={"Cache-Control": "public, max-age=3600"})

    return view
