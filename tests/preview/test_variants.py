"""The letter as different readers see it."""

import re
from email import message_from_bytes

import pytest

from pvd_mailer import clock
from pvd_mailer.letter import inbox_preview
from pvd_mailer.preview.state import GoodRender
from pvd_mailer.preview.variants import ClientSettings, frame_html, source_lines
from pvd_mailer.send.sample import write_letter
from pvd_mailer.services import proofs
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import Workspace
from tests.workspace import ROOT

DARK = "@media (prefers-color-scheme: dark) { a { color: red } }"


def framed(letter, document, **reading):
    return frame_html(document, letter, None, ClientSettings(**reading))


@pytest.mark.parametrize(
    ("rule", "dark", "holds"),
    [
        ("(prefers-color-scheme: dark)", True, True),
        ("(prefers-color-scheme: dark)", False, False),
        ("(prefers-color-scheme:light)", True, False),
        ("(PREFERS-COLOR-SCHEME: light)", False, True),
        ("only screen and (prefers-color-scheme: dark) and (max-width: 479px)", True, True),
    ],
)
def test_the_colour_mode_is_the_view_s_and_not_the_machine_s(letter_22, rule, dark, holds):
    result = framed(letter_22, f"<style>@media {rule} {{}}</style>", dark=dark)
    assert "prefers-color-scheme" not in result.lower()
    assert ("(min-width: 0px)" in result) is holds
    assert ("(min-width: 999999px)" in result) is not holds


def test_the_canvas_follows_the_view(letter_22):
    page = '<meta name="color-scheme" content="light dark"><style>:root { color-scheme: light dark; }</style>'
    assert framed(letter_22, page, dark=True).count("dark") == 2
    assert "light dark" not in framed(letter_22, page, dark=True)
    assert framed(letter_22, page).count("only light") == 2


def test_what_the_letter_says_of_colour_modes_is_left_alone(letter_22):
    prose = "<p>@media (prefers-color-scheme: dark), color-scheme: light dark</p>"
    assert framed(letter_22, prose, dark=True) == prose


def test_without_styles_none_is_left_and_attributes_stay(letter_22):
    result = framed(letter_22, letter_22.html, styles=False)
    assert "<style" not in result.lower()
    assert 'style="' in result


def test_links_open_beside_the_preview_and_anchors_inside(letter_22):
    page = '<a href="https://a.example/?b&gt;c" target="_self" class="x">a</a><a href="#b">b</a><a name="c">c</a>'
    first, second, third = re.findall(r"<a [^>]*>", framed(letter_22, page))
    assert first == '<a href="https://a.example/?b&gt;c" class="x" target="_blank" rel="noopener noreferrer">'
    assert second == '<a href="#b">'
    assert third == '<a name="c">'


def test_every_link_of_a_real_letter_opens_beside(real_letter):
    result = framed(real_letter, real_letter.html)
    links = re.findall(r"<a\b[^>]*href=\"[^#][^>]*>", result)
    assert links
    assert all(link.count("target=") == 1 and 'target="_blank"' in link for link in links)
    assert "cid:" not in result


def test_source_lines_keep_every_line_and_mark_comments():
    lines = source_lines("<p>a &amp; b</p>\n<!--[if mso]>\n<x>\n<![endif]-->\n")
    assert lines[0] == "&lt;p&gt;a &amp;amp; b&lt;/p&gt;"
    assert [line.startswith('<span class="aside">') for line in lines] == [False, True, True, True]


@pytest.mark.parametrize("wanted", ["22", "23"])
def test_the_message_weighs_what_is_said_of_it(wanted, tmp_path):
    workspace = Workspace(ROOT)
    made = proofs.render_and_check(workspace.issue(wanted), workspace, Settings())
    good = GoodRender.from_checked(made, clock.now())
    sizes = dict(write_letter(made.letter, made.issue, made.publication, tmp_path))
    real = sizes[tmp_path / "letter.eml"]
    assert message_from_bytes((tmp_path / "letter.eml").read_bytes()).is_multipart()
    assert abs(good.message_size - real) < real / 50


def test_a_short_subject_is_whole_everywhere():
    for line in (
        inbox_preview.preview_on_computer("Sujet", "Aperçu"),
        inbox_preview.preview_on_phone("Sujet", "Aperçu"),
    ):
        assert (line.subject.seen, line.subject.rest) == ("Sujet", "")
        assert (line.preheader.seen, line.preheader.rest) == ("Aperçu", "")


@pytest.mark.parametrize("show", [inbox_preview.preview_on_computer, inbox_preview.preview_on_phone])
def test_nothing_is_lost_between_what_is_seen_and_what_is_not(show):
    subject, preheader = "s" * 150, "p" * 200
    line = show(subject, preheader)
    assert line.subject.seen + line.subject.rest == subject
    assert line.preheader.seen + line.preheader.rest == preheader
    assert line.subject.rest
    assert line.preheader.rest
