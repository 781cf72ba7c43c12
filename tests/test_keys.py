"""The keys of readers' links: made once, rotated without killing a link, never shown."""

import json
import multiprocessing
import stat
import threading
import time

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from pvd_mailer.keys import (
    KeyRing,
    KeysError,
    key_id,
    load_keys,
    make_keys,
    restore_keys,
    revoke_keys,
    rotate_keys,
    with_new_key,
    write_keys,
)
from pvd_mailer.keys import file as key_file
from pvd_mailer.tokens import Purpose, TokenSigner, read_token

REFS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=32)
KEYS = make_keys()


@pytest.fixture
def file(tmp_path):
    """Where the keys are."""
    return tmp_path / "settings" / "keys.json"


def test_the_keys_are_made_once_for_their_owner_alone(file):
    keys = load_keys(file)
    assert load_keys(file) == keys
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [one.name for one in file.parent.iterdir()] == ["keys.json"]


def test_processes_that_start_at_once_use_the_same_keys(file):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(load_keys, [file] * 16)
    assert len({one.to_json() for one in found}) == 1


def test_two_rotations_at_once_add_a_key_each(file):
    load_keys(file)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(rotate_keys, [file] * 8)
    assert len(load_keys(file).signing) == 9


def test_no_key_is_shown():
    shown = f"{KEYS!r} {KEYS} {[KEYS]}"
    assert not any(key in shown for key in (*KEYS.signing, KEYS.opposition))


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "\udcff", '{"signing": [], "opposition": "x"}'),
        '{"signing": ["short"], "opposition": "short"}',
        json.dumps({"signing": "a" * 64, "opposition": "b" * 64}),
        json.dumps({"signing": ["a" * 64]}),
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_told_of_and_never_replaced(file, text):
    file.parent.mkdir()
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    for use in (load_keys, rotate_keys):
        with pytest.raises(KeysError, match="damaged") as caught:
            use(file)
        assert "backup" in caught.value.hint
    assert file.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_a_folder_in_its_place_is_told_of(file):
    file.mkdir(parents=True)
    with pytest.raises(KeysError, match="it is a folder"):
        load_keys(file)


@given(REFS)
def test_a_link_lives_on_after_rotations(ref):
    token = TokenSigner(KEYS, Purpose.UNSUBSCRIBE).sign(ref)
    later = with_new_key(with_new_key(KEYS))
    assert read_token(later, Purpose.UNSUBSCRIBE, token) == ref
    newest = TokenSigner(later, Purpose.UNSUBSCRIBE).sign(ref)
    assert newest != token
    assert read_token(later, Purpose.UNSUBSCRIBE, newest) == ref
    assert read_token(KEYS, Purpose.UNSUBSCRIBE, newest) is None


@given(REFS)
def test_a_token_is_what_itsdangerous_makes(ref):
    signer = Signer(
        list(KEYS.signing), salt=b"pvd-mailer unsubscribe", sep=".", key_derivation="hmac", digest_method=_sha256()
    )
    assert TokenSigner(KEYS, Purpose.UNSUBSCRIBE).sign(ref) == signer.sign(ref).decode()


def _sha256():
    import hashlib  # noqa: PLC0415 - itsdangerous wants the function itself

    return hashlib.sha256


@given(REFS, st.integers(0, 200), st.characters())
def test_a_changed_token_is_nobodys(ref, place, character):
    token = TokenSigner(KEYS, Purpose.UNSUBSCRIBE).sign(ref)
    changed = token[: place % len(token)] + character + token[place % len(token) + 1 :]
    found = read_token(KEYS, Purpose.UNSUBSCRIBE, changed)
    # The last character of base64 has bits that count for nothing: such a token is another spelling of the same one.
    assert found is None or (found == ref and changed[:-1] == token[:-1])


@given(st.one_of(st.text(max_size=300), st.just("."), st.just("a."), st.just(".a")))
def test_anything_else_is_nobodys(text):
    assert read_token(KEYS, Purpose.UNSUBSCRIBE, text) is None


def test_a_key_ring_of_a_backup_comes_where_there_is_none(file):
    assert restore_keys(KEYS, file) is None
    assert load_keys(file) == KEYS


def test_a_key_ring_that_was_rotated_since_keeps_its_newer_keys(file):
    newer = with_new_key(with_new_key(KEYS))
    write_keys(newer, file)
    assert restore_keys(KEYS, file) is None
    assert load_keys(file) == newer
    write_keys(KEYS, file)
    assert restore_keys(newer, file) is None
    assert load_keys(file) == newer
    other = with_new_key(KEYS)
    write_keys(other, file)
    assert restore_keys(newer, file) is None
    assert set(load_keys(file).signing) == {*newer.signing, *other.signing}


@pytest.mark.parametrize("text", [make_keys().to_json(), "damaged"])
def test_another_key_ring_is_put_aside_and_kept(file, text):
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    aside = restore_keys(KEYS, file)
    assert aside.read_text("utf-8") == text
    assert load_keys(file) == KEYS


def test_an_opposition_is_the_same_after_a_rotation_and_another_for_another_ring():
    digest = KEYS.opposition_digest("claire@example.org")
    assert with_new_key(KEYS).opposition_digest("claire@example.org") == digest
    assert with_new_key(KEYS).fingerprint == KEYS.fingerprint
    assert make_keys().opposition_digest("claire@example.org") != digest
    assert len(digest) == 64


def test_a_key_ring_is_read_as_it_was_written():
    assert KeyRing.from_json(KEYS.to_json()) == KEYS


def test_a_link_to_the_keys_stays_one(tmp_path):
    file, link = tmp_path / "vault" / "keys.json", tmp_path / "settings" / "keys.json"
    link.parent.mkdir()
    link.symlink_to(file)
    first = load_keys(link)
    assert file.is_file()
    rotate_keys(link)
    revoke_keys(link, [key_id(first.signing[0])])
    restore_keys(with_new_key(load_keys(file)), link)
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_keys(link) == load_keys(file)
    assert len(load_keys(file).signing) == 2


def test_links_in_a_circle_are_told_of(file):
    file.parent.mkdir()
    file.symlink_to(file)
    for use in (load_keys, rotate_keys):
        with pytest.raises(KeysError, match="circle"):
            use(file)


def test_a_key_that_was_revoked_opens_nothing_and_does_not_come_back(file):
    before = load_keys(file)
    token = TokenSigner(before, Purpose.UNSUBSCRIBE).sign("r1")
    kept = rotate_keys(file)
    assert key_id(before.signing[0]) not in before.signing[0]
    after = revoke_keys(file, [key_id(before.signing[0])])
    assert after == load_keys(file)
    assert after.signing == kept.signing[1:]
    assert after.opposition == before.opposition
    assert read_token(after, Purpose.UNSUBSCRIBE, token) is None
    assert before.signing[0] not in file.read_text("utf-8")
    restore_keys(before, file)
    assert load_keys(file) == after


def test_where_the_key_that_signs_is_revoked_a_new_one_signs(file):
    before = load_keys(file)
    after = revoke_keys(file, [key_id(before.signing[0])])
    assert len(after.signing) == 1
    assert after.signing != before.signing
    assert after.fingerprint == before.fingerprint
    assert set(after.created) == {key_id(after.signing[0])}


def test_a_ring_of_before_has_no_dates_and_is_read(file):
    file.parent.mkdir()
    file.write_text(json.dumps({"signing": ["a" * 64], "opposition": "b" * 64}), "utf-8")
    assert load_keys(file).created == {}
    assert len(rotate_keys(file).created) == 1


@pytest.mark.parametrize(
    "more",
    [{"made": []}, {"made": {"a": "yesterday"}}, {"made": {"a": "2026-01-01T00:00:00"}}, {"revoked": "abc"}],
)
def test_a_ring_whose_dates_are_damaged_is_told_of(file, more):
    file.parent.mkdir()
    file.write_text(json.dumps({"signing": ["a" * 64], "opposition": "b" * 64, **more}), "utf-8")
    with pytest.raises(KeysError, match="damaged"):
        load_keys(file)


def test_only_a_key_of_the_ring_can_be_revoked(file):
    before = load_keys(file)
    for ids in ([], ["12345678"], [key_id(before.signing[0]), "12345678"]):
        with pytest.raises(ValueError):  # noqa: PT011 - it says no more
            revoke_keys(file, ids)
    assert load_keys(file) == before


def test_a_revocation_during_a_restore_is_not_undone(file, monkeypatch):
    before = load_keys(file)
    rotate_keys(file)
    ended = key_id(before.signing[0])
    started = threading.Event()
    read = KeyRing.from_json

    def slow(text):
        started.set()
        time.sleep(0.3)
        return read(text)

    monkeypatch.setattr(KeyRing, "from_json", slow)
    restoring = threading.Thread(target=restore_keys, args=(with_new_key(before), file))
    restoring.start()
    assert started.wait(5)
    revoke_keys(file, [ended])
    restoring.join(5)
    assert ended not in {key_id(key) for key in load_keys(file).signing}


@pytest.mark.parametrize("part", ["signing", "opposition", "made"])
def test_a_ring_with_half_a_surrogate_is_damaged(file, part):
    said = {"signing": ["a" * 64], "opposition": "b" * 64}
    said[part] = {"signing": ["\ud800" * 64], "opposition": "\ud800" * 64, "made": {"\ud800": "2026-01-01T00:00:00Z"}}[
        part
    ]
    file.parent.mkdir()
    file.write_text(json.dumps(said), "utf-8")
    with pytest.raises(KeysError, match="damaged"):
        load_keys(file)


def test_a_change_that_gets_no_lock_says_so(file, monkeypatch):
    monkeypatch.setattr(key_file, "_LOCK_TIMEOUT", 0.2)
    before = load_keys(file)
    with FileLock(f"{file}.lock"):
        with pytest.raises(KeysError, match="no lock"):
            rotate_keys(file)
        with pytest.raises(KeysError, match="no lock"):
            revoke_keys(file, [key_id(before.signing[0])])
    assert load_keys(file) == before
