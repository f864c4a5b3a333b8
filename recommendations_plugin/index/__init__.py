"""Trained vectors on disk (``artifacts``) and the search over them (``base``, ``faiss``)."""
