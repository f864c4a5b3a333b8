"""What counts as trending: engagement, the newer the more.

Forward decay (Cormode et al., "Forward Decay: A Practical Time Decay Model for Streaming Systems",
ICDE 2009): instead of shrinking old engagement day by day, newer engagement counts more, so the
order is always right and an index can hold it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: Days after which engagement counts half.
HALF_LIFE = timedelta(days=7)
#: The moment at which engagement counts once. A float holds what 17 years add to it.
LANDMARK = datetime(2026, 1, 1, tzinfo=UTC)
LARGEST = 900.0


def weight(at: datetime) -> float:
    """Return what engagement at this moment counts."""
    return 2.0 ** min((at - LANDMARK) / HALF_LIFE, LARGEST)
