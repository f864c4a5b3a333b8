"""Personal feeds for any Wagtail site: a graph, a model trained on it, an index that serves it."""

__version__ = "0.1.0"
