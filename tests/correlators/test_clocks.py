"""The year of a log that writes none."""

from datetime import date

import pytest

from runs.analysis.correlators.clocks import nearest_day

EPOCH = date(1970, 1, 1).toordinal()


@pytest.mark.parametrize(
    ("month", "day", "near", "found"),
    [
        (11, 20, date(2026, 11, 20), date(2026, 11, 20)),
        (12, 31, date(2027, 1, 1), date(2026, 12, 31)),
        (1, 1, date(2026, 12, 31), date(2027, 1, 1)),
        (2, 29, date(2028, 3, 1), date(2028, 2, 29)),
    ],
)
def test_the_nearest_year_is_taken(month: int, day: int, near: date, found: date) -> None:
    assert nearest_day(month, day, near.toordinal() - EPOCH) == found.toordinal() - EPOCH


def test_a_day_of_no_year_nearby_is_none() -> None:
    assert nearest_day(2, 29, date(2026, 6, 1).toordinal() - EPOCH) is None
