"""What was measured of trained models, as tables for people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import TrainingRun
from .tables import NOTHING, Cell, Table, change, figure

#: Metrics in the order of the tables, with what they mean.
METRICS = {
    "recall@20": gettext_lazy("share of what viewers did next that is among 20 recommendations"),
    "ndcg@20": gettext_lazy("the same, counting more what stands further up"),
    "mrr@20": gettext_lazy("one over the place of the first one that was right"),
    "coverage@20": gettext_lazy("share of the catalogue that somebody is shown"),
    "novelty@20": gettext_lazy("how seldom watched what is shown is, in bits"),
    "diversity@20": gettext_lazy("how unlike each other the items of a list are"),
    "miscalibration@20": gettext_lazy("how far lists are from what viewers care for; 0 is best"),
}
#: What segments are of, in words.
SEGMENTS = {
    "segments": {
        "new": gettext_lazy("New viewers"),
        "casual": gettext_lazy("Casual viewers"),
        "heavy": gettext_lazy("Heavy viewers"),
    },
    "item_segments": {
        "new": gettext_lazy("New items"),
        "tail": gettext_lazy("Seldom watched items"),
        "head": gettext_lazy("Often watched items"),
    },
}
#: Figures of the data a model learned from.
DATA = {
    "viewers": gettext_lazy("Viewers"),
    "items": gettext_lazy("Items"),
    "interactions": gettext_lazy("Interactions"),
}


def beside(run: TrainingRun) -> Table:
    """Return a run's metrics beside popularity's and those of the model that was live then."""
    own, popular, live = run.metrics, run.metrics.get("popularity", {}), run.metrics.get("live", {})
    columns = [_("On what viewers did last"), _("This model"), _("Popularity")]
    rows = []
    for name, words in METRICS.items():
        if name not in own:
            continue
        cells: list[Any] = [_with_interval(own, name), figure(popular.get(name))]
        if live:
            cells += [figure(live.get(name)), change(own[name], live.get(name))]
        rows.append((Cell(name, words), cells))
    if live:
        columns += [_("The live model, on the same data"), _("Difference from it")]
    return Table(_("How good the model is"), columns, rows)


def segments(run: TrainingRun) -> Table:
    """Return for whom, and for what, a run's model finds how much."""
    rows = [
        (
            words.get(name, name),
            [
                figures.get("viewers", figures.get("items")),
                figure(figures["recall"]),
                figure(figures.get("popularity")),
            ],
        )
        for kind, words in SEGMENTS.items()
        for name, figures in run.metrics.get(kind, {}).items()
    ]
    columns = [_("Kind"), _("Number"), _("Recall of the model"), _("Recall of popularity")]
    return Table(_("For whom, and for what"), columns, rows)


def facts(run: TrainingRun) -> Table:
    """Return what a run learned from, and how its model is made."""
    rows: list[tuple[Any, list[Any]]] = [
        (words, [figure(run.data[name], 0)]) for name, words in DATA.items() if name in run.data
    ]
    recipe = run.data.get("choice", {}).get("recipe", {})
    rows += [(_("Encoder"), [_encoder(part)]) for part in recipe.get("parts", ())]
    if recipe:
        rows.append((_("Interactions after which one counts half"), [_half_life(recipe)]))
        rows.append((_("Weight of facets"), [figure(recipe.get("facet_weight"), 2)]))
    rows += [(Cell(name), [str(value)]) for name, value in run.parameters.items()]
    return Table(_("Data and parameters"), [_("What"), _("Value")], rows)


def compared(one: TrainingRun, two: TrainingRun) -> list[Table]:
    """Return two runs side by side: metrics, data and parameters."""
    columns = [_("Metric"), str(one), str(two), _("Difference")]
    popular = [run.metrics.get("popularity", {}) for run in (one, two)]
    rows = []
    for name, words in METRICS.items():
        values = [run.metrics.get(name) for run in (one, two)]
        if values != [None, None]:
            notes = [_beside_popular(of.get(name)) for of in popular]
            cells = [Cell(figure(value), note) for value, note in zip(values, notes, strict=True)]
            rows.append((Cell(name, words), [*cells, change(*values)]))
    metrics = Table(
        _("Metrics"),
        columns,
        rows,
        _(
            "Each model was measured on what viewers did last before its own training. Where these "
            "differ, look at how far each is above popularity on its data."
        ),
    )
    return [metrics, _facts_compared(one, two)]


def _facts_compared(one: TrainingRun, two: TrainingRun) -> Table:
    rows: list[tuple[Any, list[str]]] = [
        (words, [figure(run.data.get(name), 0) for run in (one, two)])
        for name, words in DATA.items()
    ]
    recipes = [run.data.get("choice", {}).get("recipe", {}) for run in (one, two)]
    rows.append((_("Encoders"), [_encoders(recipe) for recipe in recipes]))
    rows.append((_("Interactions after which one counts half"), [*map(_half_life, recipes)]))
    names = dict.fromkeys([*one.parameters, *two.parameters])
    rows += [
        (name, [str(run.parameters.get(name, NOTHING)) for run in (one, two)]) for name in names
    ]
    return Table(_("Data and parameters"), [_("What"), str(one), str(two)], rows)


def _with_interval(metrics: dict[str, Any], name: str) -> Cell:
    interval = metrics.get("intervals", {}).get(name)
    words = {"low": figure(interval[0]), "high": figure(interval[1])} if interval else {}
    note = _("95 %%: %(low)s to %(high)s") % words if interval else ""
    return Cell(figure(metrics[name]), note)


def _beside_popular(value: float | None) -> str:
    return "" if value is None else _("popularity: %(value)s") % {"value": figure(value)}


def _encoder(part: dict[str, Any]) -> Cell:
    name, weight = part.get("encoder", ""), part.get("weight")
    known = {key: value for key, value in part.items() if key not in ("encoder", "weight")}
    told = ", ".join(f"{key} {value}" for key, value in known.items())
    return Cell(f"{name} × {figure(weight, 2)}", told)


def _encoders(recipe: dict[str, Any]) -> str:
    return ", ".join(str(_encoder(part)) for part in recipe.get("parts", ())) or NOTHING


def _half_life(recipe: dict[str, Any]) -> str:
    return figure(recipe["half_life"], 0) if recipe.get("half_life") else _("none fades")
