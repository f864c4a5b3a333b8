"""Looks: folders of templates and static files, one of them chosen for each Wagtail site.

A theme is a folder of ``settings.THEMES_DIR`` with a ``theme.toml``. What it does not have comes
from the theme it ``extends``, and at last from the apps' own templates. ``docs/themes.md`` tells
how to write one.

``catalogue`` knows the installed themes, ``current`` which of them a request is drawn with,
``loaders`` finds its templates, ``checks`` explains what is wrong with a ``theme.toml``.
"""
