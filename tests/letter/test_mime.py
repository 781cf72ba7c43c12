import re
from datetime import UTC, datetime

import pytest
from fast_mail_parser import parse_email

from pvd_mailer.letter.mime import MessageHeaders, build_message
from pvd_mailer.render import Hosting
from tests.workspace import REAL, blocks, real

ENVELOPE = {
    "sender_name": "Petites villes de demain",
    "sender_address": "la-lettre@lettre.example.org",
    "reply_to": "redaction@example.org",
    "list_name": "La lettre",
    "list_id": "la-lettre.example.org",
    "recipient_name": "Léa O’Neill",
    "recipient_address": "lea@example.org",
    "unsubscribe_mailto": "mailto:quitter@example.org?subject=unsubscribe%20la-lettre",
    "one_click_url": None,
    "message_id": "022.abc@la-lettre.example.org",
    "date": datetime(2023, 3, 7, 9, 0, tzinfo=UTC),
    "feedback_id": "22:petites-villes-de-demain:letter:lalettreexample",
}
NASTY = [
    'O\'Neill "Léa"',
    "Neill, Léa",
    "Léa; Bcc: x@example.org",
    "Léa <x@example.org>",
    "Léa (x)",
    "é" * 90,
    "a" * 90,
    "\\",
    "😀 שלום",
    "",
    "x@example.org",
]
BREAKS = [
    "Léa\r\nBcc: x@example.org",
    "Léa\nBcc: x@example.org",
    "Léa\rBcc: x@example.org",
    "Léa\u2028Bcc: x@example.org",
    "Léa\0Bcc",
]


def message(letter, **more):
    return build_message(letter, MessageHeaders(**(ENVELOPE | more)))


def headers(parsed):
    found = {name.lower(): values for name, values in parsed.headers.items()}
    assert all(len(values) == 1 for values in found.values())
    return {name: values[0] for name, values in found.items()}


def names_of_headers(raw):
    top = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return [name.lower() for name in re.findall(r"^([!-9;-~]+):", top, re.MULTILINE)]


@pytest.fixture(scope="module", params=REAL)
def letter(request):
    return real(request.param)


def test_another_library_reads_every_header(letter):
    parsed = parse_email(message(letter))
    found = headers(parsed)
    assert parsed.subject == letter.subject
    assert found["from"] == "Petites villes de demain <la-lettre@lettre.example.org>"
    assert found["to"] == "Léa O’Neill <lea@example.org>"
    assert found["reply-to"] == "redaction@example.org"
    assert found["date"] == "Tue, 07 Mar 2023 09:00:00 +0000"
    assert found["message-id"] == "<022.abc@la-lettre.example.org>"
    assert found["list-id"] == '"La lettre" <la-lettre.example.org>'
    assert found["feedback-id"] == "22:petites-villes-de-demain:letter:lalettreexample"
    assert found["list-unsubscribe"] == "<mailto:quitter@example.org?subject=unsubscribe%20la-lettre>"
    assert found["mime-version"] == "1.0"


def test_the_message_says_its_language(letter):
    assert headers(parse_email(message(letter)))["content-language"] == letter.lang


def test_another_library_reads_both_parts_and_the_pictures(letter):
    parsed = parse_email(message(letter))
    values = {"unsubscribe": ENVELOPE["unsubscribe_mailto"]}
    (text,) = parsed.text_plain
    (page,) = parsed.text_html
    assert text.replace("\r\n", "\n") == letter.fill_text(values)
    assert page.replace("\r\n", "\n") == letter.fill_html(values)
    assert [one.content for one in parsed.attachments] == [one.data for one in letter.attachments]
    assert [one.mimetype for one in parsed.attachments] == [one.media_type for one in letter.attachments]


def test_the_text_comes_first_and_the_pictures_belong_to_the_page(letter):
    raw = message(letter).decode("ascii")
    kinds = re.findall(r"^Content-Type: ([a-z]+/[a-z]+)", raw, re.MULTILINE)
    pictures = [one.media_type for one in letter.attachments]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", *pictures]
    for one in letter.attachments:
        assert f"Content-ID: <{one.content_id}>" in raw.replace("\r\n ", " ").replace("  ", " ")


def test_a_letter_with_hosted_pictures_carries_none():
    hosted = real(REAL[1], Hosting("https://lettre.example.org"))
    raw = message(hosted).decode("ascii")
    kinds = re.findall(r"^Content-Type: ([a-z]+/[a-z]+)", raw, re.MULTILINE)
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_the_wire_is_ascii_with_short_lines_ended_by_crlf(letter):
    raw = message(letter)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert raw.count(b"Content-Transfer-Encoding: quoted-printable\r\n") == 2
    assert raw.lower().count(b'charset="utf-8"') == 2


def test_the_same_message_has_the_same_bytes(letter):
    assert message(letter) == message(letter)


def test_boundaries_differ_from_part_to_part_and_stand_in_no_part(letter):
    raw = message(letter).decode("ascii")
    found = re.findall(r'boundary="([^"]+)"', raw)
    assert len(found) == len(set(found)) == 2
    for boundary in found:
        assert boundary not in letter.html + letter.text


def test_one_click_is_promised_only_where_something_answers(letter):
    assert "list-unsubscribe-post" not in headers(parse_email(message(letter)))
    url = "https://lettre.example.org/u/abc"
    found = headers(parse_email(message(letter, one_click_url=url)))
    assert found["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert found["list-unsubscribe"] == f"<{url}>, <{ENVELOPE['unsubscribe_mailto']}>"


def test_the_readers_way_out_is_the_headers(letter):
    url = "https://lettre.example.org/u/abc"
    parsed = parse_email(message(letter, one_click_url=url))
    assert f'href="{url}"' in parsed.text_html[0]
    assert url in parsed.text_plain[0]


@pytest.mark.parametrize("field", ["recipient_name", "sender_name", "list_name"])
@pytest.mark.parametrize("name", NASTY)
def test_a_name_cannot_add_a_header_or_an_address(letter_22, field, name):
    expected = names_of_headers(message(letter_22))
    raw = message(letter_22, **{field: name})
    assert names_of_headers(raw) == expected
    found = headers(parse_email(raw))
    assert found["to"].rstrip(">").endswith("lea@example.org")
    assert found["list-id"].endswith("<la-lettre.example.org>")
    if field == "recipient_name" and name and "\\" not in name and '"' not in name:
        assert name in found["to"]


@pytest.mark.parametrize("field", ["recipient_name", "sender_name", "list_name"])
@pytest.mark.parametrize("name", BREAKS)
def test_a_line_break_in_a_name_cannot_add_a_header(letter_22, field, name):
    try:
        raw = message(letter_22, **{field: name})
    except ValueError:
        return  # refused, which is as good
    assert names_of_headers(raw) == names_of_headers(message(letter_22))


@pytest.mark.parametrize(
    "subject", ["Été : « 89 % » — l’œil 😀", "é" * 150, "a" * 150, "mot " * 37, '"Guillemets" & <chevrons>']
)
def test_a_subject_is_read_as_it_was_written(issue_workspace, subject):
    text = blocks('- id: a\n  type: article\n  title: "A"\n  body: "A"').replace('"Un sujet"', "'" + subject + "'")
    raw = message(issue_workspace.render(text))
    assert parse_email(raw).subject == subject.strip()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
