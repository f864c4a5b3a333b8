"""What the JSON API takes and gives."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from .. import api, registry, traces, wording
from ..placements import NAME

#: Most cards of a page, and most traces in a report.
PAGE, REPORT = 60, 200
KEY = {"max_length": 190, "help_text": "Such as “articles.articlepage:12”."}
PLACEMENT: dict[str, Any] = {"regex": NAME, "max_length": 60}


# --- questions ----------------------------------------------------------------------------------


class Number(serializers.FloatField):
    """A number; true and false are none."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        return float(super().to_internal_value(data))


class Page(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=PAGE, default=12)


class FeedQuestion(Page):
    placement = serializers.RegexField(**PLACEMENT)
    cursor = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=4000,
        help_text="That of the page before; empty or left out for the first.",
    )
    within = serializers.CharField(
        required=False, **{**KEY, "help_text": "A category's key: only what belongs to it."}
    )


class ExplanationQuestion(serializers.Serializer[Any]):
    placement = serializers.RegexField(**PLACEMENT, default="home")


class Interaction(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["watch", "like", "unlike"])
    item = serializers.CharField(**KEY)
    value = Number(
        required=False, min_value=0, max_value=1, help_text="The watched portion, for “watch”."
    )
    seconds = Number(required=False, min_value=0, help_text="How long was watched, for “watch”.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == "watch" and "value" not in attrs:
            raise serializers.ValidationError({"value": "A watch needs its portion, 0 to 1."})
        return attrs


class Report(serializers.Serializer[Any]):
    """Cards' traces; forged and old ones are left out."""

    seen = serializers.ListField(
        child=serializers.CharField(max_length=traces.LONGEST), max_length=REPORT, default=list
    )
    followed = serializers.ListField(
        child=serializers.CharField(max_length=traces.LONGEST), max_length=REPORT, default=list
    )


# --- answers ------------------------------------------------------------------------------------


class Reason(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField(help_text="What it speaks of.")
    target = serializers.CharField(help_text="The key of what to withdraw, or empty.")
    text = serializers.SerializerMethodField(help_text="The sentence for a card.")

    def get_text(self, reason: api.Reason) -> str:
        return wording.sentence(reason)


class Card(serializers.Serializer[Any]):
    key = serializers.CharField()
    reason = Reason()
    trace = serializers.SerializerMethodField(help_text="For reports of what was seen, or empty.")
    item = serializers.SerializerMethodField(help_text="What the site says of the item.")

    def get_trace(self, card: api.Recommendation) -> str:
        return traces.sign(card.trace) if card.trace else ""

    def get_item(self, card: api.Recommendation) -> dict[str, Any]:
        adapter = registry.adapter_for(card.key)
        return adapter.data(card.object, self.context["request"]) if adapter else {}


class Feed(serializers.Serializer[Any]):
    items = Card(many=True)
    cursor = serializers.CharField(help_text="Asks for the next page; empty at the end.")


class Explanation(serializers.Serializer[Any]):
    """Why an item is, or is not, in the visitor's feed. Operators get what every stage says."""

    rank = serializers.IntegerField(allow_null=True)
    seen = serializers.BooleanField()
    reason = Reason(required=False)
    pulls = Reason(many=True, help_text="What of the visitor's draws them to it, strongest first.")
    stages = serializers.DictField(required=False)
