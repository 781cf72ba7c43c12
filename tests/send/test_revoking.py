"""A key that leaked: which letters it signed, what dies with it, and what goes on."""

from datetime import timedelta

import pytest

from pvd_mailer import clock
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.keys import key_id, load_keys, write_keys
from pvd_mailer.tokens import Purpose, TokenSigner, read_token
from tests.send.scripted import ACCEPTED, Scripted


@pytest.fixture
def sent_letter(mailing_commands):
    """Issue 1 has left, signed with the first of two keys."""
    channel = Scripted(ACCEPTED, ACCEPTED)
    mailing_commands.send(mailing_commands.approve(channel), channel)
    return mailing_commands


@pytest.fixture
def key_file(sent_letter):
    """Its file of keys."""
    return sent_letter.office.settings.keys_path


def test_the_list_tells_keys_apart_and_whose_letters_they_signed(key_file, run, monkeypatch):
    now = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: now)
    run("keys", "rotate")
    old, new = map(key_id, load_keys(key_file).signing)
    lines = run("keys", "list").out.splitlines()
    assert lines[0].startswith(old)
    assert lines[0].endswith("opens what it signed")
    assert lines[1].strip() == "petites-villes-de-demain 1"
    assert lines[2].startswith(new)
    assert lines[2].endswith("signs now")
    assert len(lines) == 3


def test_a_revoked_key_dies_with_the_links_that_it_signed(key_file, run):
    before = load_keys(key_file)
    token = TokenSigner(before, Purpose.UNSUBSCRIBE).sign("r1")
    assert "`pvd-mailer keys revoke`" in run("keys", "rotate").out
    ran = run("keys", "revoke", key_id(before.signing[0]), "--yes")
    assert ran.code == 0
    assert "to leave, in the letters of petites-villes-de-demain 1" in ran.out
    assert "1 key has ended." in ran.out
    after = load_keys(key_file)
    assert read_token(after, Purpose.UNSUBSCRIBE, token) is None
    assert read_token(after, Purpose.UNSUBSCRIBE, TokenSigner(after, Purpose.UNSUBSCRIBE).sign("r1")) == "r1"
    assert not any(key in ran.out + ran.err for key in (*before.signing, *after.signing, after.opposition))


def test_all_of_them_end_and_a_new_one_signs(key_file, run):
    run("keys", "rotate")
    before = load_keys(key_file)
    assert "2 keys have ended." in run("keys", "revoke", "--all", "--yes").out
    after = load_keys(key_file)
    assert len(after.signing) == 1
    assert not set(after.signing) & set(before.signing)
    assert after.fingerprint == before.fingerprint


def test_nothing_ends_without_a_yes_or_a_name(key_file, run):
    before = load_keys(key_file)
    ran = run("keys", "revoke", key_id(before.signing[0]))
    assert (ran.code, "Add --yes" in ran.err) == (2, True)
    ran = run("keys", "revoke", "--yes")
    assert (ran.code, key_id(before.signing[0]) in ran.err) == (2, True)
    assert "there is no key 12345678" in run("keys", "revoke", "12345678", "--yes").err
    assert load_keys(key_file) == before


def test_a_send_at_work_would_go_on_signing(sent_letter, key_file, run):
    before = load_keys(key_file)
    with sender_lock(sent_letter.database):
        ran = run("keys", "revoke", "--all", "--yes")
    assert ran.code == 3
    assert load_keys(key_file) == before


def test_a_restore_where_the_keys_are_gone_says_that_a_revoked_one_may_be_back(key_file, run, tmp_path, monkeypatch):
    monkeypatch.setenv("PVD_BACKUP_PASSPHRASE", "quatre mots sans rapport")
    before = load_keys(key_file)
    assert run("backup", str(tmp_path / "a.age")).code == 0
    assert run("keys", "revoke", "--all", "--yes").code == 0
    said = run("restore", str(tmp_path / "a.age"), "--yes").out
    assert "revoke it anew" not in said
    assert not set(load_keys(key_file).signing) & set(before.signing)
    key_file.unlink()
    said = run("restore", str(tmp_path / "a.age"), "--yes").out
    assert "If one of them was revoked since, it signs and opens links again" in said
    assert load_keys(key_file) == before


def test_a_key_without_a_date_may_have_signed_every_letter(key_file, run):
    ring = load_keys(key_file)
    write_keys(type(ring)(ring.signing, ring.opposition), key_file)
    said = run("keys", "list").out
    assert "date not known" in said
    assert "petites-villes-de-demain 1" in said
