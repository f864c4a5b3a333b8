"""Template tags that show feeds.

::

    {% load recommendations %}
    {% recommendations placement="sidebar" number=8 as feed %}
    {% for recommendation in feed.items %}{% recommendation_card recommendation %}{% endfor %}

    {% recommendation_feed placement="sidebar" number=8 heading="For you" %}
    {% similar_items article number=4 as feed %}
    {% unfinished_items number=4 as feed %}
    {% recommendation_item article %}
"""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .. import api, registry, traces, wording

register = template.Library()


@register.simple_tag(takes_context=True)
def recommendations(
    context: template.Context,
    placement: str = "sidebar",
    number: int = 8,
    within: registry.Facet | None = None,
    like: str = "",
) -> api.Feed:
    """Return the visitor's feed.

    ``within`` keeps to one facet; ``like``: the built-in placement that this one is like, such as
    “trending”, “popular”, “latest”, “following”.
    """
    request = context.get("request")
    return api.recommend(
        api.viewer(request),
        placement=placement,
        limit=number,
        within=within,
        like=like,
        shared=True,
        request=request,
    )


@register.inclusion_tag("recommendations_plugin/feed.html", takes_context=True)
def recommendation_feed(
    context: template.Context,
    placement: str = "sidebar",
    number: int = 8,
    heading: str = "",
    layout: str = "list",
    within: registry.Facet | None = None,
    like: str = "",
) -> dict[str, Any]:
    """Show the visitor's feed as cards; ``layout``: grid, row or list."""
    feed = recommendations(context, placement=placement, number=number, within=within, like=like)
    outer: Any = context.flatten()
    shown = {"feed": feed, "heading": heading, "placement": placement, "layout": layout}
    return {**outer, **shown, "label": heading}


@register.simple_tag(takes_context=True)
def similar_items(context: template.Context, obj: Model, number: int = 8) -> api.Feed:
    """Return what goes well beside an item."""
    request = context.get("request")
    return api.similar(obj, api.viewer(request), limit=number, request=request)


@register.simple_tag(takes_context=True)
def unfinished_items(context: template.Context, number: int = 8) -> api.Feed:
    """Return what the visitor began and did not finish."""
    request = context.get("request")
    return api.unfinished(api.viewer(request), limit=number, request=request)


@register.simple_tag(takes_context=True)
def recommendation_item(context: template.Context, item: Model | str) -> str:
    """Show one item's card, or nothing where the CMS does not show it to this visitor."""
    request = context.get("request")
    feed = api.picked([item], api.viewer(request), placement="text", request=request)
    return recommendation_card(context, feed.items[0]) if feed.items else ""


@register.simple_tag(takes_context=True)
def recommendation_card(
    context: template.Context, recommendation: api.Recommendation, **extra: Any
) -> str:
    """Show one card with the template of the item's adapter; ``extra`` is for that template."""
    adapter = registry.adapter_for(recommendation.key)
    if adapter is None or context.template is None:
        return ""
    card = context.template.engine.get_template(adapter.card_template)
    item = recommendation.object
    url = adapter.url(item)
    with context.push(item=item, url=url, recommendation=recommendation, **extra):
        return card.render(context) + _mark(recommendation, url)


def _mark(recommendation: api.Recommendation, url: str) -> SafeString:
    """Return what tells ``seen.js`` that its parent element is this card, and where it leads."""
    if recommendation.trace is None:
        return mark_safe("")
    trace = traces.sign(recommendation.trace)
    return format_html('<span hidden data-recommendation="{}" data-url="{}"></span>', trace, url)


@register.inclusion_tag("recommendations_plugin/seen.html", takes_context=True)
def recommendation_reports(context: template.Context) -> dict[str, Any]:
    """Have a page report which cards were seen; once a page, where the visitor is known."""
    request = context.get("request")
    known = bool(request and api.viewer(request).key)
    return {"known": known, "csrf_token": context.get("csrf_token")}


@register.simple_tag
def recommendation_reason(recommendation: api.Recommendation | None) -> str:
    """Say in words why an item is recommended; nothing where there is no reason to give."""
    return wording.sentence(recommendation.reason) if recommendation else ""
