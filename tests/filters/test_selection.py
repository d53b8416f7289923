"""Places and pages of what a filter selected, against a plain list of rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis.domain.filters.selection import BLOCK_ROWS, Everything, Selection


@given(
    st.integers(0, 3 * BLOCK_ROWS + 9),
    st.sampled_from([0.0, 0.0005, 0.3, 1.0]),
    st.integers(0, 99),
    st.lists(st.tuples(st.integers(-5, 4 * BLOCK_ROWS), st.integers(0, 300)), max_size=8),
)
def test_pages_and_places_are_those_of_a_list(size: int, density: float, seed: int, places: list[tuple[int, int]]) -> None:
    mask = np.random.default_rng(seed).random(size) < density
    rows = np.flatnonzero(mask)
    selection = Selection(mask)
    assert len(selection) == len(rows)
    for place, count in places:
        assert selection.rows(place, count).tolist() == rows[max(place, 0) : max(place, 0) + count].tolist()
        assert selection.rank(place) == np.searchsorted(rows, place)
        assert selection.holds(place) == (place in rows)


@given(st.integers(0, 500), st.integers(-5, 600), st.integers(0, 50))
def test_no_filter_is_a_selection_of_all(size: int, place: int, count: int) -> None:
    everything, selection = Everything(size), Selection(np.ones(size, bool))
    assert len(everything) == len(selection)
    assert everything.rank(place) == selection.rank(place)
    assert everything.rows(place, count).tolist() == selection.rows(place, count).tolist()
    assert everything.holds(place) == selection.holds(place)
