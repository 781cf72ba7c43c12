"""The age format: what others wrote is read, what is written others read, and nothing that was changed passes."""

import io
import itertools
import tracemalloc

import pyrage.passphrase
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.database.backup import age
from pvd_mailer.database.backup.age import (
    AGE_CHUNK,
    AGE_TAG,
    BrokenAgeFileError,
    WrongPassphraseError,
    create_age_file,
    open_age_file,
)

WORDS = "quatre mots sans rapport"
EDGES = (0, 1, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, 2 * AGE_CHUNK, 2 * AGE_CHUNK + 17)
# The age project's test kit (C2SP/CCTV, testkit/scrypt), as it is published.
KIT = (
    b"age-encryption.org/v1\n-> scrypt rF0/NwblUHHTpgQgRpe5CQ 10\ngUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY\n"
    b"--- IOXiQYStkoT1mvZW2tFOqZdhRVvj58egABx/sWfZQbc\n"
)


@pytest.fixture(autouse=True)
def cheap_scrypt(monkeypatch):
    """Guessing is cheap here."""
    monkeypatch.setattr(age, "SCRYPT_WORK_FACTOR", 4)


def enclosed(data, words=WORDS, sizes=(1 << 20,)):
    """`data`, sealed in writes of these sizes, over and over."""
    target = io.BytesIO()
    sealing = create_age_file(target, words)
    source = io.BytesIO(data)
    for size in itertools.cycle(sizes):
        part = source.read(size)
        if not part:
            break
        sealing.write(part)
    sealing.close()
    return target.getvalue()


def read(data, words=WORDS):
    with open_age_file(io.BytesIO(data), words) as inside:
        return inside.read()


def pattern(length):
    return bytes(itertools.islice(itertools.cycle(range(251)), length))


@pytest.mark.parametrize("length", EDGES)
@pytest.mark.parametrize("sizes", [(1 << 20,), (1000, 3, 70_000)])
def test_another_program_reads_what_is_written(length, sizes):
    assert pyrage.passphrase.decrypt(enclosed(pattern(length), sizes=sizes), WORDS) == pattern(length)


@pytest.mark.parametrize("length", EDGES)
def test_what_another_program_wrote_is_read(length):
    """Backups of before were written by it."""
    assert read(pyrage.passphrase.encrypt(pattern(length), WORDS)) == pattern(length)


def test_the_scheme_is_the_published_one():
    """Its header opens by its passphrase, and by no other; what would follow is the stream."""
    with pytest.raises(BrokenAgeFileError):
        open_age_file(io.BytesIO(KIT), "password")  # no payload behind it: not the passphrase is wrong
    with pytest.raises(WrongPassphraseError):
        open_age_file(io.BytesIO(KIT), "motdepasse")


def test_the_work_that_makes_guessing_dear_is_not_made_less(monkeypatch):
    monkeypatch.undo()
    header = enclosed(b"a").split(b"\n")[1]
    assert header.startswith(b"-> scrypt ")
    assert header.endswith(b" 17")


@pytest.mark.parametrize(
    "header",
    [
        KIT.replace(b" 10\n", b" 23\n"), KIT.replace(b" 10\n", b" 0\n"), KIT.replace(b" 10\n", b" +9\n"),
        KIT.replace(b" 10\n", b" 9223372036854775818\n"), KIT.replace(b"5CQ", b"5CR"), KIT.replace(b"v1\n", b"v2\n"),
        KIT.replace(b"\n---", b"\n-> scrypt GzXG5ofdANo6w3msn3QsIQ 10\nQQ\n---"), KIT[:80], b"",
    ],
)  # fmt: skip
def test_a_header_that_is_not_as_it_has_to_be_is_refused_before_any_work(header):
    with pytest.raises(BrokenAgeFileError):
        open_age_file(io.BytesIO(header + bytes(40)), "password")


@settings(max_examples=200, deadline=None)
@given(
    length=st.sampled_from(EDGES),
    places=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=3),
    change=st.integers(1, 255),
    cut=st.one_of(st.none(), st.floats(0, 1, exclude_max=True)),
)
def test_no_changed_or_cut_file_is_read_to_its_end(length, places, change, cut):
    data = bytearray(enclosed(pattern(length)))
    if cut is None:
        for place in {int(place * len(data)) for place in places}:
            data[place] ^= change
    else:
        del data[int(cut * len(data)) :]
    with pytest.raises((BrokenAgeFileError, WrongPassphraseError)):
        read(bytes(data))


@pytest.mark.parametrize("length", [AGE_CHUNK, 2 * AGE_CHUNK, 3 * AGE_CHUNK])
def test_whole_chunks_cut_off_or_doubled_are_noticed(length):
    data = enclosed(pattern(length))
    size = AGE_CHUNK + AGE_TAG
    for other in (
        data[:-size],
        data + data[-size:],
        data[:-size] + data[-size:] + data[-size:],
        data + bytes(AGE_TAG),
        data + b"a",
    ):
        with pytest.raises(BrokenAgeFileError):
            read(other)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3 * AGE_CHUNK), st.integers(0, 2 * AGE_CHUNK)), max_size=8))
def test_what_is_sought_is_found(steps):
    whole = pattern(2 * AGE_CHUNK + 100)
    with open_age_file(io.BytesIO(enclosed(whole)), WORDS) as inside:
        for place, length in steps:
            inside.seek(place)
            assert inside.read(length) == whole[place : place + length]
        assert inside.seek(0, io.SEEK_END) == len(whole)


def test_memory_does_not_grow_with_the_file(tmp_path):
    file = tmp_path / "large.age"
    part = bytes(1 << 20)
    tracemalloc.start()
    with file.open("wb") as target:
        sealing = create_age_file(target, WORDS)
        for _ in range(64):
            sealing.write(part)
        sealing.close()
    with open_age_file(file.open("rb"), WORDS) as inside:
        while inside.read(1 << 16):
            pass
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 << 20


def test_too_little_memory_is_no_wrong_passphrase(monkeypatch):
    def none_left(*_told):
        raise MemoryError

    data = enclosed(b"a")
    monkeypatch.setattr(age, "_wrapping_cipher", none_left)
    with pytest.raises(MemoryError):
        open_age_file(io.BytesIO(data), WORDS)
