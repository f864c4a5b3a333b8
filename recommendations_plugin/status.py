"""The state of the whole chain, from the outbox to the feed, as data and as sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import ranking, runs, wording
from .events import drift, impressions, outbox, summaries
from .jobs.base import jobs
from .models import Summary, TrainingRun
from .types import Step

if TYPE_CHECKING:
    from .index.artifacts import Artifact

#: Seconds the oldest event may wait before the outbox counts as stuck.
PATIENCE = 300


#: What the links of the chain are called.
NAMES = {
    "graph": gettext_lazy("Graph"),
    "outbox": gettext_lazy("Outbox"),
    "queue": gettext_lazy("Queue"),
    "training": gettext_lazy("Training"),
    "index": gettext_lazy("Index"),
    "feed": gettext_lazy("Feed"),
}


@dataclass
class Part:
    """One link of the chain: healthy or not, in a sentence, with the figures behind it."""

    name: str
    healthy: bool
    summary: str
    hint: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> Any:
        """Its name for people."""
        return NAMES[self.name]


@dataclass
class Status:
    """All links; ``step`` is the rung of the ladder that a feed would start from."""

    parts: list[Part]
    step: Step

    @property
    def healthy(self) -> bool:
        return all(part.healthy for part in self.parts)

    def as_dict(self) -> dict[str, Any]:
        return {
            "healthy": self.healthy,
            "feed": self.step.value,
            "parts": {part.name: asdict(part) for part in self.parts},
        }


def check(*, graph: bool = True) -> Status:
    """Look at every link; ``graph=False`` leaves the graph out (web processes never ask it).

    What takes long to count is read as it was last summed up.
    """
    usable = ranking.context.usable_artifact()
    kept = summaries.kept()
    parts = [_graph()] if graph else []
    parts += [_outbox(), _queue(), _training(kept.get("drift")), _index(usable)]
    step = usable[1] if usable else Step.CATEGORIES
    parts.append(_feed(step, kept.get("steps")))
    return Status(parts, step)


def results() -> tuple[list[impressions.Result], datetime | None]:
    """Return what came of the recommendations of the last 30 days, and when it was summed up."""
    found = summaries.kept().get("results")
    if found is None:
        return [], None
    return [impressions.Result(**row) for row in found.value], found.made_at


def _graph() -> Part:
    from .graph.base import GraphError, open_graph

    try:
        with open_graph() as graph:
            name, counts = graph.ping(), graph.counts()
    except GraphError as error:
        return Part(
            "graph",
            False,
            _("The graph is away: %(error)s") % {"error": error},
            _(
                "Start it (`manage.py recommendations_graph`, or Neo4j) or correct NEO4J_URI. "
                "Nothing is lost: events wait in the outbox."
            ),
        )
    sizes = ", ".join(f"{number} {what}" for what, number in counts.items())
    return Part("graph", True, f"{name}: {sizes}.", details=counts)


def _outbox() -> Part:
    health = outbox.health()
    oldest, waiting = health["oldest_seconds"] or 0, health["waiting"] or 0
    details = dict(health)
    if health["failed"]:
        return Part(
            "outbox",
            False,
            ngettext(
                "%(number)d event was given up.",
                "%(number)d events were given up.",
                health["failed"],
            )
            % {"number": health["failed"]},
            _(
                "Read their errors in the admin under Reports → Events given up, then run "
                "`manage.py recommendations_sync --retry-failed`."
            ),
            details,
        )
    if oldest > PATIENCE:
        return Part(
            "outbox",
            False,
            ngettext(
                "%(number)d event waits, the oldest for %(seconds).0f s.",
                "%(number)d events wait, the oldest for %(seconds).0f s.",
                waiting,
            )
            % {"number": waiting, "seconds": oldest},
            _("Is a queue worker running (`manage.py qcluster`), and the graph up?"),
            details,
        )
    words = ngettext("%(number)d event waits.", "%(number)d events wait.", waiting)
    return Part("outbox", True, words % {"number": waiting}, details=details)


def _queue() -> Part:
    backlog = jobs().backlog()
    oldest = backlog["oldest_seconds"] or 0
    stuck = oldest > PATIENCE
    return Part(
        "queue",
        not stuck,
        ngettext(
            "%(number)d task queued, the oldest for %(seconds).0f s.",
            "%(number)d tasks queued, the oldest for %(seconds).0f s.",
            backlog["queued"],
        )
        % {"number": backlog["queued"], "seconds": oldest},
        _("Restart the queue workers (`manage.py qcluster`).") if stuck else "",
        backlog,
    )


def _training(kept: Summary | None) -> Part:
    last = TrainingRun.objects.order_by("-id").first()
    good = runs.latest()
    if last is None:
        return Part(
            "training",
            False,
            _("No model was ever trained."),
            _("Run `manage.py recommendations_train`."),
        )
    if last.status == TrainingRun.Status.RUNNING and good is not None:
        done = ", ".join(filter(None, [f"{last.progress:.0%}", wording.doing(last.step)]))
        words = _("A training runs: %(done)s. %(version)s is served.")
        return Part("training", True, words % {"done": done, "version": good.version})
    if last.status == TrainingRun.Status.FAILED:
        words = _("The last training failed: %(error)s") % {"error": last.why}
        return Part("training", False, words, _("Train again."))
    if good is None:
        return Part(
            "training",
            False,
            _("No training has ended well yet."),
            _("Wait for it, or train again."),
        )
    moved = drift.Drift(0.0)
    if kept is not None and kept.value["run"] == good.pk:
        followed = kept.value["followed"]
        moved = drift.Drift(kept.value["newer"], tuple(followed) if followed else None)
    finished = _("%(version)s, finished %(time)s UTC.") % {
        "version": good.version,
        "time": f"{good.finished_at:%Y-%m-%d %H:%M}",
    }
    return Part(
        "training",
        True,
        " ".join(filter(None, [finished, figures(good.metrics), *moved.reasons])),
        details={
            "version": good.version,
            "metrics": good.metrics,
            "data": good.data,
            "drift": asdict(moved),
        },
    )


def figures(metrics: dict[str, Any]) -> str:
    """Return a training's metrics beside popularity's, in words."""
    if not metrics:
        return ""
    baseline = metrics.get("popularity", {})
    return " ".join(
        _("%(metric)s %(value).4f (popularity %(popularity).4f)")
        % {"metric": name, "value": metrics[name], "popularity": baseline.get(name, 0)}
        for name in ("recall@20", "ndcg@20")
        if metrics.get(name) is not None
    )


def _index(usable: tuple[Artifact, Step] | None) -> Part:
    active = runs.active_version()
    if not active:
        return Part(
            "index",
            False,
            _("No index is active."),
            _("Train a model, or run `manage.py rebuild_faiss`."),
        )
    if usable is None or usable[1] == Step.LAST_GOOD:
        from .index import artifacts  # numpy: not at a process's start

        try:
            artifacts.verify(active)
            reason = ""
        except artifacts.BrokenArtifact as error:
            reason = str(error)
        return Part(
            "index",
            False,
            _("The active index %(version)s is broken: %(reason)s")
            % {"version": active, "reason": reason},
            _("Run `manage.py rebuild_faiss` (from stored vectors) or train again."),
        )
    artifact = usable[0]
    return Part(
        "index",
        True,
        _("%(version)s: %(number)d items.")
        % {"version": artifact.version, "number": len(artifact.index)},
        details={"version": artifact.version, "items": len(artifact.index)},
    )


def _feed(step: Step, kept: Summary | None) -> Part:
    seen: dict[str, int] = kept.value if kept else {}
    summaries = {
        Step.MODEL: _("Feeds come from the active model."),
        Step.LAST_GOOD: _("Feeds fell back to an older index, because the active one is broken."),
        Step.CATEGORIES: _(
            "Feeds fell back to popular items in each viewer's categories, then popular, then "
            "latest, because no index can be used."
        ),
    }
    summary, total = summaries[step], sum(seen.values())
    if total:
        shares = ", ".join(
            f"{wording.rung(name)} {number / total:.0%}" for name, number in seen.items()
        )
        words = _("Of %(total)d recommendations seen within a day: %(shares)s.")
        summary = f"{summary} {words % {'total': total, 'shares': shares}}"
    return Part("feed", step == Step.MODEL, summary, details={"step": step.value, "seen": seen})
