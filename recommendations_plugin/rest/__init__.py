"""The JSON API, by Django REST framework: ``pip install "wagtail-recommendations-plugin[api]"``."""
