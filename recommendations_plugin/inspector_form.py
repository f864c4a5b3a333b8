"""The form of the feed inspector: whose feed, where, and what is tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.snippets.widgets import AdminSnippetChooser

from . import conf, inspector
from .events.steering import Rule
from .models import EditorialRule, Facet, Item
from .rules_admin import placement_choices
from .types import Facet as FacetType
from .types import FacetKind

#: Interests that can be chosen, past items, and people named where a search finds several.
MOST_INTERESTS, PAST, NAMED = 60, 3, 5
#: The largest weight that can be tried.
HEAVIEST = 10

PERSONAS = {
    "newcomer": gettext_lazy("A newcomer"),
    "history": gettext_lazy("Somebody who watched"),
    "viewer": gettext_lazy("A person"),
}
#: The parts of the score in words.
PARTS = {
    "similarity": gettext_lazy("Model"),
    "engagement": gettext_lazy("Engagement"),
    "interest": gettext_lazy("Interest"),
    "creator": gettext_lazy("Creator"),
    "trending": gettext_lazy("Trending"),
    "freshness": gettext_lazy("Freshness"),
    "shared": gettext_lazy("In common"),
    "rule": gettext_lazy("Rules"),
}


def shown_if(field: str, *values: str) -> dict[str, str]:
    """Return the attributes by which Wagtail shows something for some values of a field only."""
    return {"data-w-rules-target": "show", "data-w-rules": json.dumps({field: values})}


class InspectorForm(forms.Form):
    """Whose feed, where, and what is tried."""

    persona = forms.ChoiceField(
        label=gettext_lazy("Whose feed"), widget=forms.RadioSelect, initial="newcomer"
    )
    placement = forms.ChoiceField(label=gettext_lazy("Placement"), initial="home")
    interests = forms.MultipleChoiceField(
        label=gettext_lazy("Interests"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    viewer = forms.CharField(
        label=gettext_lazy("Account"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("A user name or e-mail address. That you looked is logged."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("None")), *EditorialRule.Kind.choices],
    )
    item = forms.ModelChoiceField(Item.objects.filter(live=True), required=False)
    facet = forms.ModelChoiceField(Facet.objects.all(), required=False)
    position = forms.IntegerField(
        label=gettext_lazy("Position"), min_value=1, max_value=100, initial=1, required=False
    )
    strength = forms.TypedChoiceField(
        label=gettext_lazy("Strength"),
        choices=EditorialRule.Strength.choices,
        initial=EditorialRule.Strength.CLEARLY,
        coerce=int,
        empty_value="50",
        required=False,
    )

    def __init__(self, *args: Any, may_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(key, words) for key, words in PERSONAS.items() if may_name or key != "viewer"]
        self._set_choices("persona", offered)
        self._set_choices("placement", placement_choices())
        parents = Facet.objects.filter(kind=FacetKind.PARENT_CATEGORY).order_by("name")
        self.parents = {facet.key: facet for facet in parents[:MOST_INTERESTS]}
        self._set_choices("interests", [(key, facet.name) for key, facet in self.parents.items()])
        for name in self._past_names():
            self.fields[name] = forms.ModelChoiceField(
                Item.objects.filter(live=True), required=False, label=_("Watched")
            )
        for name in (*self._past_names(), "item", "facet"):
            model = Facet if name == "facet" else Item
            self.fields[name].widget = AdminSnippetChooser(model)
        self.fields["item"].label = _("Item")
        self.fields["facet"].label = _("Category, creator or tag")
        for name, weight in conf.settings.WEIGHTS.items():
            self.fields[f"weight_{name}"] = forms.FloatField(
                label=PARTS.get(name, name),
                required=False,
                min_value=0,
                max_value=HEAVIEST,
                widget=forms.NumberInput(attrs={"placeholder": weight, "step": "0.05"}),
            )

    def _set_choices(self, name: str, choices: Any) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @staticmethod
    def _past_names() -> list[str]:
        return [f"watched_{number}" for number in range(1, PAST + 1)]

    # --- its parts, for the template ------------------------------------------------------------

    def who(self) -> Iterator[tuple[Any, dict[str, str]]]:
        """Yield the fields of the persona, with what shows them."""
        yield self["persona"], {}
        yield self["placement"], {}
        if self.parents:
            yield self["interests"], shown_if("persona", "newcomer", "history")
        for name in self._past_names():
            yield self[name], shown_if("persona", "history")
        if len(self.fields["persona"].choices) == len(PERSONAS):  # type: ignore[attr-defined]
            yield self["viewer"], shown_if("persona", "viewer")

    def tried(self) -> Iterator[tuple[Any, dict[str, str]]]:
        """Yield the fields of a rule to try, with what shows them."""
        yield self["kind"], {}
        yield self["item"], shown_if("kind", *EditorialRule.Kind.values)
        yield self["facet"], shown_if("kind", "boost", "bury", "exclude")
        yield self["position"], shown_if("kind", "pin")
        yield self["strength"], shown_if("kind", "boost", "bury")

    def weighted(self) -> list[Any]:
        """Return the fields of the weights."""
        return [self[name] for name in self.fields if name.startswith("weight_")]

    # --- what they say --------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("persona") == "viewer" and "viewer" not in self.errors:
            cleaned["user"] = self._user(cleaned.get("viewer", ""))
        kind, item = cleaned.get("kind"), cleaned.get("item")
        facet = None if kind == EditorialRule.Kind.PIN else cleaned.get("facet")
        cleaned["facet"] = facet
        if kind and bool(item) == bool(facet):
            self.add_error("item", _("Choose an item, or a category, creator or tag."))
        return cleaned

    def _user(self, text: str) -> Any:
        """Return the one account that is meant; say on the field what is wrong otherwise."""
        users = list(_found(text)[: NAMED + 1]) if text else []
        if len(users) == 1 and inspector.is_closed(users[0]):
            self.add_error("viewer", _("They switched recommendations off. Choose somebody else."))
        elif len(users) > 1:
            names = ", ".join(user.get_username() for user in users[:NAMED])
            self.add_error(
                "viewer", _("Several are found: %(names)s. Type one name.") % {"names": names}
            )
        elif not users:
            self.add_error("viewer", _("Nobody is found. Type a user name or an e-mail address."))
        return users[0] if len(users) == 1 else None

    def persona_of(self) -> inspector.Persona:
        """Return whose feed is asked for."""
        data = self.cleaned_data
        if data["persona"] == "viewer":
            return inspector.Persona(user=data["user"])
        chosen = [self.parents[key] for key in data["interests"]]
        past = [data[name] for name in self._past_names()] if data["persona"] == "history" else []
        return inspector.Persona(
            interests=[FacetType(FacetKind(f.kind), f.key, f.name) for f in chosen],
            history=list(dict.fromkeys(item.key for item in past if item)),
        )

    def trial(self) -> Rule | None:
        """Return the rule that is tried."""
        data = self.cleaned_data
        if not data["kind"]:
            return None
        return Rule(
            kind=data["kind"],
            item=data["item"].key if data["item"] else "",
            facet=data["facet"].key if data["facet"] else "",
            position=data["position"] or 1,
            strength=int(data["strength"]) / 100,
        )

    def weights(self) -> dict[str, float]:
        """Return the weights that are tried."""
        given = {name: self.cleaned_data[f"weight_{name}"] for name in conf.settings.WEIGHTS}
        return {name: value for name, value in given.items() if value is not None}


def _found(text: str) -> QuerySet[Any]:
    """Return the accounts of a name or address: the one that has it, else those it begins."""
    model: Any = get_user_model()
    fields = {model.USERNAME_FIELD, model.get_email_field_name()}
    names = [field.name for field in model._meta.fields if field.name in fields]

    def having(how: str) -> QuerySet[Any]:
        query = Q()
        for name in names:
            query |= Q(**{f"{name}__{how}": text})
        return model._default_manager.filter(query).order_by(model.USERNAME_FIELD)

    exact = having("iexact")
    return exact if exact.exists() else having("istartswith")
