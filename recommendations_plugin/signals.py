"""Signals a host can listen to."""

from django.dispatch import Signal

#: Sent after a viewer's signals were recorded, inside the transaction. ``signals``: list of
#: ``types.Signal``.
recorded = Signal()

#: Sent after a feed was made, for a host's metrics. ``feed``: the ``types.Feed``, whose ``step`` is
#: the rung of the ladder that answered; ``viewer``: the ``types.Viewer``.
feed_served = Signal()

#: Sent after a model went live. ``version``: the artifact's version.
model_activated = Signal()

#: Sent after what an anonymous session did became a user's, inside the transaction.
#: ``session`` and ``viewer``: both as ``types.Viewer``.
viewer_merged = Signal()

#: Sent after everything known of a viewer was erased. ``viewer``: the viewer's key.
viewer_forgotten = Signal()
