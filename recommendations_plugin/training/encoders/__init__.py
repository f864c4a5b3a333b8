"""Ways to make vectors of items from the graph, one a module; each returns a ``Block``."""
