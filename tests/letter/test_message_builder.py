"""Messages built from one letter's template have the bytes of messages that email builds whole."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pvd_mailer.letter import Attachment, Letter, Placeholders
from pvd_mailer.letter.message_builder import MessageBuilder
from pvd_mailer.letter.mime import MessageHeaders, build_message
from pvd_mailer.render import Hosting
from tests.letter.test_mime import BREAKS, ENVELOPE, NASTY
from tests.workspace import REAL, real

EXAMPLES = 200 * int(os.environ.get("PVD_FUZZ", "1"))
HOLDERS = Placeholders("0123456789abcdef0123")
IN_HTML, IN_TEXT = HOLDERS.html("unsubscribe"), HOLDERS.text("unsubscribe")
# What quoted-printable looks at: its own escapes, blanks at the end of a line, dots at its start, every line end that
# Python knows, characters of one to four bytes, and runs that end near the 78th column.
FRAGMENTS = [IN_HTML, IN_TEXT, "=", "=3D", ".", "..", " ", "\t", "\n", "\r\n", "\r", "\n\n", "\n.", " \n", "\t\n"]
FRAGMENTS += [
    "é",
    "’",
    "\u00a0",
    "😀",
    "\u2028",
    "\x85",
    "\x0b",
    "\x0c",
    "\x1c",
    "\0",
    "--",
    "--=_",
    "From ",
    '<a href="',
]
content = st.lists(
    st.one_of(
        st.sampled_from(FRAGMENTS),
        st.text(max_size=12),
        st.integers(60, 90).map("x".__mul__),
        st.integers(20, 30).map("é".__mul__),
    ),
    max_size=20,
).map("".join)
atom = st.text("abcXYZ019-_", min_size=1, max_size=30)
local = st.one_of(atom, st.lists(atom, min_size=1, max_size=3).map(".".join), st.text(min_size=1, max_size=12))
domain = st.one_of(
    st.just("example.org"),
    st.lists(atom, min_size=1, max_size=4).map(".".join),
    st.just("mairie-d’été.example"),
    st.just("café.example"),
)
address = st.builds("{}@{}".format, local, domain)
name = st.one_of(
    st.sampled_from(
        [*NASTY, *BREAKS, "Camille Exemple", "Hélène d’Été", "a  b", " a", "a ", "M. Dupont", "=?utf-8?q?x?="]
    ),
    st.lists(atom, min_size=1, max_size=4).map(" ".join),
    st.text(max_size=40),
)
uri_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=200)
link = st.one_of(
    st.none(),
    st.builds("https://lettre.example.org/u/{}".format, st.one_of(uri_text, st.text(max_size=30))),
    st.sampled_from(["https://x.example/?a=1&b='2'", "https://x.example/=?utf-8?q?x?=", "https://x.example/, <b>"]),
)
moment = st.builds(
    datetime.fromtimestamp,
    st.integers(0, 7_000_000_000),
    st.sampled_from([UTC, timezone(timedelta(minutes=330)), timezone(timedelta(hours=-3))]),
)
pictures = st.lists(
    st.builds(
        Attachment,
        st.sampled_from(["a.png", "vue d’été.jpg", "x" * 80 + ".png"]),
        st.sampled_from(["a@example.org", "y" * 80 + "@example.org"]),
        st.sampled_from(["image/png", "image/jpeg"]),
        st.binary(max_size=200),
    ),
    max_size=2,
).map(tuple)
letters = st.builds(
    Letter,
    subject=name,
    preheader=st.just(""),
    html=content,
    text=content,
    attachments=pictures,
    embedded=st.booleans(),
    placeholders=st.just(HOLDERS),
    lang=st.sampled_from(["fr", "en"]),
)
readers = st.fixed_dictionaries(
    {
        "recipient_name": name,
        "recipient_address": address,
        "one_click_url": link,
        "message_id": st.one_of(st.builds("{}.{}@{}".format, atom, atom, domain), st.text(min_size=1, max_size=90)),
        "date": moment,
    }
)
senders = st.fixed_dictionaries(
    {},
    optional={
        "sender_name": name,
        "sender_address": address,
        "reply_to": st.one_of(st.none(), address),
        "list_name": name,
        "unsubscribe_mailto": st.builds("mailto:{}?subject={}".format, address, uri_text),
        "feedback_id": name,
        "is_automatic": st.booleans(),
    },
)


def outcome(build, letter, headers):
    """The bytes, or the kind of error instead."""
    try:
        return build(letter, headers)
    except ValueError:  # what both promise
        return ValueError
    except Exception as error:  # noqa: BLE001 - whatever email raises, both have to raise
        return type(error)


@given(letters, senders, st.lists(readers, min_size=2, max_size=4))
@settings(max_examples=EXAMPLES, deadline=None)
def test_every_reader_gets_the_bytes_that_email_would_build(letter, sender, several):
    builder = MessageBuilder()
    for reader in several:
        headers = MessageHeaders(**(ENVELOPE | sender | reader))
        assert outcome(builder.build, letter, headers) == outcome(build_message, letter, headers)


@given(content, content, link, st.integers(1, 400))
@example(f"{'x' * 70}{IN_HTML}", IN_TEXT, None, 1)
@example(IN_HTML, f".{IN_TEXT}", None, 1)
@example("", "", None, 1)
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_link_of_any_length_folds_the_lines_of_the_bodies_as_email_would(page, text, url, length):
    letter = Letter("Un sujet", "", page + IN_HTML, IN_TEXT + text, (), embedded=False, placeholders=HOLDERS, lang="fr")
    builder = MessageBuilder()
    for value in (url, f"https://lettre.example.org/u/{'=' * length}", f"https://lettre.example.org/?{'&' * length}"):
        headers = MessageHeaders(**(ENVELOPE | {"one_click_url": value}))
        assert outcome(builder.build, letter, headers) == outcome(build_message, letter, headers)


@pytest.mark.parametrize("hosting", [None, Hosting("https://lettre.example.org")])
@pytest.mark.parametrize("issue", REAL)
def test_our_own_issues_have_the_same_bytes_for_all_names(issue, hosting):
    letter, builder = real(issue, hosting), MessageBuilder()
    for number, person in enumerate([*NASTY, *BREAKS, "Camille Exemple", "Hélène d’Été"]):
        headers = MessageHeaders(
            **ENVELOPE
            | {
                "recipient_name": person,
                "message_id": f"022.{number}@la-lettre.example.org",
                "one_click_url": f"https://lettre.example.org/u/{'x' * number}",
            }
        )
        assert builder.build(letter, headers) == build_message(letter, headers)


def test_another_letter_and_another_sender_are_not_taken_for_the_last_one():
    builder, first = MessageBuilder(), real(REAL[0])
    headers = MessageHeaders(**ENVELOPE)
    for letter in (first, replace(first, subject="Un autre"), real(REAL[1])):
        for one in (headers, replace(headers, sender_name="Une autre"), replace(headers, is_automatic=True)):
            assert builder.build(letter, one) == build_message(letter, one)
