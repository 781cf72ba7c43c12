"""Any iterable in lists of a bounded length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvd_mailer.chunked import chunked


@given(st.lists(st.integers()), st.integers(min_value=1, max_value=9))
def test_the_chunks_are_the_items_and_all_but_the_last_are_full(items, size):
    chunks = list(chunked(iter(items), size))
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(0 < len(chunk) <= size for chunk in chunks)


@pytest.mark.parametrize("size", [1, 3])
def test_a_generator_is_read_no_further_than_the_chunk_that_is_asked_for(size):
    read = []
    chunks = chunked((read.append(number) for number in range(10)), size)
    next(chunks)
    assert read == list(range(size))
