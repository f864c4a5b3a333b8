"""The plugin's settings: one ``RECOMMENDATIONS`` dict, defaults here, checked at start.

Read them as attributes: ``conf.settings.SYNC_BATCH``.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.utils.crypto import salted_hmac

DEFAULTS: dict[str, Any] = {
    #: Folder for trained models and their indexes; ``None`` means ``BASE_DIR/var/recommendations``.
    "ARTIFACTS_DIR": None,
    #: How many published versions stay on disk, the active one always among them.
    "ARTIFACTS_KEPT": 3,
    #: Dotted path of the graph backend and what it is made with. Without an address the embedded
    #: server of ``manage.py recommendations_graph`` is used.
    "GRAPH": {"BACKEND": "recommendations_plugin.graph.bolt.BoltGraph", "OPTIONS": {}},
    #: Address of the embedded graph server.
    "EMBEDDED_GRAPH": {"HOST": "127.0.0.1", "PORT": 7688, "DIR": None},
    #: Dotted path of the queue adapter: ``django_q`` or, for tests and scripts, ``immediate``.
    "JOBS": "recommendations_plugin.jobs.django_q.DjangoQJobs",
    #: Queue cluster that trains; ``None`` puts training on the default cluster.
    "TRAINING_CLUSTER": "training",
    #: Dotted path of the vector index.
    "INDEX": "recommendations_plugin.index.faiss.FaissIndex",
    #: Watched portion from which a watch counts as a view and raises interest.
    "VIEW_THRESHOLD": 0.3,
    #: What raises the score of an interest in a parent category.
    "INTEREST_GAIN": {"chosen": 1.0, "view": 0.1, "like": 0.3, "dismiss": -0.1},
    #: Weights of the parts of a recommendation's score, each part in 0–1; what editors' rules say
    #: of an item is from -1 to 1.
    "WEIGHTS": {
        "similarity": 1.0,
        "engagement": 0.15,
        "interest": 0.1,
        "creator": 0.1,
        "trending": 0.05,
        "freshness": 0.05,
        "shared": 0.3,
        "rule": 0.5,
    },
    #: What differs by where a feed stands, by the placement's name (see ``placements``).
    "PLACEMENTS": {},
    #: Most recent interactions a viewer's vector is made from.
    "HISTORY": 200,
    #: Seconds for which a process remembers what the catalogue offers to everybody, figures twelve
    #: times as long while nothing else changes. What a viewer does shows at once all the same, and
    #: the CMS is asked of each card.
    "CATALOGUE_AGE": 5,
    #: Events claimed at once by the sync task, seconds a claim lasts, tries before a dead letter.
    "SYNC_BATCH": 5000,
    "SYNC_LEASE": 120,
    "SYNC_ATTEMPTS": 5,
    #: Seconds a training run may go without a sign of life before another may start.
    "TRAINING_LEASE": 900,
    #: The model: most numbers that an item is found by, random seed, CPU threads, whether a graph
    #: network is trained too (``training.parameters``).
    "MODEL": {"DIMENSION": 1280, "SEED": 1, "THREADS": 1, "NETWORK": True},
    #: Minutes between scheduled trainings; 0 switches the schedule off.
    "TRAIN_EVERY": 24 * 60,
    #: What makes a training come before its time: this share of interactions is newer than the
    #: model, or recommendations are followed less by this share than before (by at least
    #: ``IMPRESSIONS`` of each time). Looked at every ``CHECK_EVERY`` minutes; 0 switches it off.
    #: Encoders are chosen again once there is more data by the share ``CHOOSE_AGAIN``; before that
    #: a training takes over the last choice, which saves most of its time. 0: always again.
    "RETRAIN": {
        "CHECK_EVERY": 60,
        "NEWER": 0.1,
        "DROP": 0.3,
        "IMPRESSIONS": 1000,
        "CHOOSE_AGAIN": 0.25,
    },
    #: Days processed events are kept.
    "EVENTS_KEPT": 30,
    #: Days it is kept which recommendations were seen, and what came of them.
    "IMPRESSIONS_KEPT": 90,
    #: How often one account or address may read from the JSON API, and write to it.
    "API": {"READ": "120/min", "WRITE": "60/min"},
}


class Settings:
    """Attribute access to ``RECOMMENDATIONS`` over its defaults; dicts merge one level deep."""

    def __getattr__(self, name: str) -> Any:
        if name not in DEFAULTS:
            raise AttributeError(f"RECOMMENDATIONS has no setting {name!r}.")
        default = DEFAULTS[name]
        value = getattr(django_settings, "RECOMMENDATIONS", {}).get(name, default)
        if isinstance(default, dict):
            value = {**default, **value}
        setattr(self, name, value)
        return value

    def reload(self) -> None:
        """Forget what was read, so that changed Django settings are seen."""
        self.__dict__.clear()


settings = Settings()


def reload_settings(*, setting: str, **kwargs: Any) -> None:
    """Follow ``override_settings(RECOMMENDATIONS=…)``."""
    if setting == "RECOMMENDATIONS":
        settings.reload()


setting_changed.connect(reload_settings, dispatch_uid="recommendations_reload_settings")


def embedded_password() -> str:
    """Return the embedded graph's password: the same in every process of this site, in no file."""
    return salted_hmac("recommendations_plugin.graph", "embedded").hexdigest()[:32]


def graph_options() -> dict[str, Any]:
    """Return the graph backend's options; without a ``uri``, those of the embedded server."""
    options = settings.GRAPH["OPTIONS"]
    if options.get("uri"):
        return dict(options)
    embedded = settings.EMBEDDED_GRAPH
    return {
        "uri": f"bolt://{embedded['HOST']}:{embedded['PORT']}",
        "user": "root",
        "password": embedded_password(),
        "database": "recommendations",
        **options,
    }
