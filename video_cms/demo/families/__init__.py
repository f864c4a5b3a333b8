"""How the clips of each parent category look and sound."""

from __future__ import annotations

from . import (
    art,
    cooking,
    games,
    history,
    making,
    music,
    nature,
    science,
    sports,
    technology,
    travel,
    wellness,
)
from .family import Family

#: By the name of the parent category.
FAMILIES: dict[str, Family] = {
    "Music": music.FAMILY,
    "Nature": nature.FAMILY,
    "Science": science.FAMILY,
    "Cooking": cooking.FAMILY,
    "Travel": travel.FAMILY,
    "Sports": sports.FAMILY,
    "Games": games.FAMILY,
    "Art & Design": art.FAMILY,
    "History": history.FAMILY,
    "Technology": technology.FAMILY,
    "Wellness": wellness.FAMILY,
    "Making": making.FAMILY,
}
