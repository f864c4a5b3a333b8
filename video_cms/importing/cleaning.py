"""Turns the text of a row into values. Whatever cannot be one raises ``RowError`` with a reason."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from .report import RowError

FLAGS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}

Instance = TypeVar("Instance", bound=models.Model)


def parts(value: str) -> list[str]:
    """Return the parts of ``a|b|c``, each once."""
    return list(dict.fromkeys(part.strip() for part in value.split("|") if part.strip()))


def flag(value: str) -> bool:
    """Return what ``true``, ``no`` and the like mean."""
    if value.lower() not in FLAGS:
        raise RowError(_("%r is neither true nor false.") % value[:40])
    return FLAGS[value.lower()]


def moment(value: str) -> datetime:
    """Return a moment written as ISO 8601, in UTC when no zone is given."""
    try:
        found = datetime.fromisoformat(value)
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise RowError(_("%r is no date.") % value[:40]) from None
    if found > timezone.now():
        raise RowError(_("%r is in the future.") % value[:40])
    return found


def portion(value: str) -> float:
    """Return a watched portion."""
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not 0 <= found <= 1:
        raise RowError(_("%r is no watched portion: 0 to 1 is.") % value[:40])
    return found


def cleaned(instance: Instance, exclude: Collection[str] = ()) -> Instance:
    """Return an instance whose own fields are valid, the length of long texts included."""
    try:
        instance.clean_fields(exclude=set(exclude))
    except ValidationError as error:
        raise RowError(words(error)) from error
    for field in instance._meta.concrete_fields:
        if isinstance(field, models.TextField) and field.max_length:
            length = len(getattr(instance, field.attname))
            if length > field.max_length:
                raise RowError(
                    _("%(field)s: %(length)d characters; %(limit)d are the most.")
                    % {"field": field.name, "length": length, "limit": field.max_length}
                )
    return instance


def words(error: ValidationError) -> str:
    """Return what Django's validation found as one line."""
    if hasattr(error, "error_dict"):
        return " ".join(
            f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()
        )
    return " ".join(error.messages)
