"""What the pass takes away, and where it leaves it, on pages of a few elements."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.render.page import parse_page, write_page
from pvd_mailer.render.passes.compact import compact_page
from pvd_mailer.render.passes.finish import finish_html
from pvd_mailer.render.passes.responsive import mjml_to_html
from tests.render.test_inline import CSS, elements


def page_of(body, *, sheet="", head=""):
    style = f"<style>{sheet}</style>" if sheet else ""
    return f"<!DOCTYPE html>\n<html><head>{head}{style}</head><body>{body}</body></html>"


def compacted(html):
    page = parse_page(html)
    compact_page(page)
    return write_page(page, html)


def compact_body(body, *, sheet=""):
    """`body` as it comes out, in a page with the style sheet `sheet`."""
    made = compacted(page_of(body, sheet=sheet))
    return made.partition('<body class="body" id="body">')[2].removesuffix("</body></html>")


# tbody


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<table><tbody><tr><td>a</td></tr></tbody></table>", "<table><tr><td>a</td></tr></table>"),
        (
            "<table>\n<tbody>\n<tr><td><table><tbody><tr><td>a</td></tr></tbody></table></td></tr></tbody></table>",
            "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
        ),
        # Rows in the order they had, and Outlook's comments between them.
        (
            "<table><tbody><tr><td>a</td></tr><!--[if mso]>x<![endif]--><tr><td>b</td></tr></tbody></table>",
            "<table><tr><td>a</td></tr><!--[if mso]>x<![endif]--><tr><td>b</td></tr></table>",
        ),
    ],
)
def test_a_tbody_that_a_parser_puts_back_goes(before, after):
    assert compact_body(before) == after


@pytest.mark.parametrize(
    "table",
    [
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        "<table><tbody><tr><td>a</td></tr></tbody><tbody><tr><td>b</td></tr></tbody></table>",
        "<table><caption>a</caption><tbody><tr><td>b</td></tr></tbody></table>",
        '<table><tbody class="turns"><tr><td>a</td></tr></tbody></table>',
        "<table><tbody><!--[if mso]>x<![endif]--><tr><td>a</td></tr></tbody></table>",
        "<table><tbody></tbody></table>",
    ],
)
def test_any_other_tbody_stays(table):
    assert compact_body(table, sheet=".turns{display:table-row}") == table


# Styles


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # What the element is, or inherits, anyway.
        ('<div style="direction:ltr;color:red">a</div>', '<div style="direction:ltr;color:red">a</div>'),
        ('<div dir="ltr"><p style="direction:ltr">a</p></div>', '<div dir="ltr"><p>a</p></div>'),
        ('<div dir="rtl"><p style="direction:ltr">a</p></div>', '<div dir="rtl"><p style="direction:ltr">a</p></div>'),
        (
            '<div style="text-align:left"><p style="text-align:left;margin:0">a</p></div>',
            '<div style="text-align:left"><p style="margin:0">a</p></div>',
        ),
        (
            '<div style="text-align:center"><p style="text-align:left">a</p></div>',
            '<div style="text-align:center"><p style="text-align:left">a</p></div>',
        ),
        ('<p style="text-align:left">a</p>', '<p style="text-align:left">a</p>'),  # nobody said it around
        ('<p align="left" style="text-align:left">a</p>', '<p align="left">a</p>'),
        # Centres blocks as well, which the property does not.
        (
            '<div align="center"><p style="text-align:center">a</p></div>',
            '<div align="center"><p style="text-align:center">a</p></div>',
        ),
        ('<p style="text-decoration:none;text-transform:none">a</p>', "<p>a</p>"),
        (
            '<p style="text-transform:uppercase"><b style="text-transform:none">a</b></p>',
            '<p style="text-transform:uppercase"><b style="text-transform:none">a</b></p>',
        ),
        (
            '<a href="#a" style="text-decoration:none;cursor:auto">a</a>',
            '<a href="#a" style="text-decoration:none;cursor:auto">a</a>',
        ),
        ('<img alt="" style="border:0;outline:none;text-decoration:none">', '<img alt="" style="border:0">'),
        (
            (
                '<table border="0" cellspacing="0" width="100%"'
                ' style="border:none;border-spacing:0px;table-layout:auto;vertical-align:top;width:100%"></table>'
            ),
            '<table border="0" cellspacing="0" width="100%"></table>',
        ),
        ('<table style="border:none;width:100%"></table>', '<table style="border:none;width:100%"></table>'),
        # What `align` says, a browser does not hand into tables: from right to left they would turn.
        (
            '<div align="left"><p style="text-align:left">a</p><p dir="rtl">b</p></div>',
            '<div align="left"><p style="text-align:left">a</p><p dir="rtl">b</p></div>',
        ),
        # Twice the same.
        ('<p style="background:#fff;background-color:#fff">a</p>', '<p style="background-color:#fff">a</p>'),
        (
            '<p style="background:url(a.png);background-color:#fff">a</p>',
            '<p style="background:url(a.png);background-color:#fff">a</p>',
        ),
        ('<p style="margin:0;margin:0">a</p>', '<p style="margin:0">a</p>'),
        # The last that a program understands; which, it knows.
        (
            '<p style="display:block;display:flex;direction:ltr">a</p>',
            '<p style="display:block;display:flex;direction:ltr">a</p>',
        ),
        # In fewer signs.
        ('<p style="margin:0px auto;mso-padding-alt:0px">a</p>', '<p style="margin:0 auto;mso-padding-alt:0px">a</p>'),
        ('<p style="width:calc(10px + 0px);margin:10px">a</p>', '<p style="width:calc(10px + 0px);margin:10px">a</p>'),
        ('<p style="padding:8px 4px 8px 4px">a</p>', '<p style="padding:8px 4px">a</p>'),
        ('<p style="padding:8px 0 0;padding-right:12px">a</p>', '<p style="padding:8px 12px 0 0">a</p>'),
        ('<p style="padding-top:8px;padding:0">a</p>', '<p style="padding-top:8px;padding:0">a</p>'),
        (
            '<p style="padding:8px 0;padding-top:4px !important">a</p>',
            '<p style="padding:8px 0;padding-top:4px !important">a</p>',
        ),
        ('<p style="margin:3px 3px 3px 3px">a</p>', '<p style="margin:3px">a</p>'),
        ('<p style="margin:3px 4px 3px">a</p>', '<p style="margin:3px 4px">a</p>'),
        # Nothing left.
        ('<p style="" class="">a</p>', "<p>a</p>"),
    ],
)
def test_a_style_says_the_same_in_fewer_bytes(before, after):
    assert compact_body(before) == after


@pytest.mark.parametrize(
    "sheet",
    [
        ".x{text-align:center}",
        "@media print{p{text-align:center !important}}",
        "div > .x:hover{text-align:right}",
        "*{text-align:center}",
        "[data-ogsc] .x{text-align:center}",
        "#y{text-align:center}",
        "div{text-align:center !important}",  # would go through the element that said otherwise
        ".x{all:unset}",
    ],
)
def test_what_shields_from_a_style_sheet_stays(sheet):
    body = '<div style="text-align:left"><p class="x" id="y" style="text-align:left">a</p></div>'
    named = "@media print{.x{margin:0}}"
    assert compact_body(body, sheet=sheet + named) == body
    assert compact_body(body, sheet=named + ".other{text-align:center}") == body.replace(
        ' style="text-align:left">a', ">a"
    )


# Fonts

ALL = "font-family:Helvetica, Arial, sans-serif;font-size:16px;line-height:1.6"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<p style="{ALL}">a</p>', '<p style="font:16px/1.6 Helvetica,Arial,sans-serif">a</p>'),
        (f'<p style="{ALL};font-weight:bold">a</p>', '<p style="font:bold 16px/1.6 Helvetica,Arial,sans-serif">a</p>'),
        (
            f'<p style="font-style:italic;{ALL};color:red">a</p>',
            '<p style="font:italic 16px/1.6 Helvetica,Arial,sans-serif;color:red">a</p>',
        ),
        # What `font` resets, it says again.
        (f'<h2 style="{ALL}">a</h2>', '<h2 style="font:bold 16px/1.6 Helvetica,Arial,sans-serif">a</h2>'),
        (
            f'<div style="font-weight:700"><p style="{ALL}">a</p></div>',
            '<div style="font-weight:700"><p style="font:700 16px/1.6 Helvetica,Arial,sans-serif">a</p></div>',
        ),
        (
            """<p style='font-family:Georgia, "Times New Roman", serif;font-size:21px;line-height:1.25'>a</p>""",
            '<p style="font:21px/1.25 Georgia,Times New Roman,serif">a</p>',
        ),
        # A part is missing.
        ('<p style="font-size:16px;line-height:1.6">a</p>', '<p style="font-size:16px;line-height:1.6">a</p>'),
        (
            '<p style="font-family:Arial, serif;font-size:0">a</p>',
            '<p style="font-family:Arial,serif;font-size:0">a</p>',
        ),
    ],
)
def test_a_font_is_one_declaration(before, after):
    assert compact_body(before) == after


@pytest.mark.parametrize(
    ("around", "sheet"),
    [
        ("font-variant:small-caps", ""),
        ("font-weight:bolder", ""),
        ("font:bold 12px serif", ""),
        ("", ".x{font-weight:bold}"),
        ("", "@media print{div{font-style:italic}}"),
        ("", ".x{font-stretch:condensed}"),
    ],
)
def test_a_font_stays_in_parts_where_its_weight_or_more_is_not_known(around, sheet):
    made = compact_body(f'<div style="{around}"><p class="x" style="{ALL}">a</p></div>', sheet=sheet)
    assert "font-size:16px" in made
    assert "font:16px" not in made


# Long words


@pytest.mark.parametrize(
    ("cell", "breaks"),
    [
        ("Des mots comme il y en a dans toutes les lettres", False),
        ("https://ville.example.org/guide", True),
        ("des-mots-que-leurs-traits-d’union-laissent-couper", False),
        ("des\u00a0mots\u00a0que\u00a0rien\u00a0ne\u00a0laisse\u00a0couper", True),
        ('<p style="font-size:34px">Territoires</p>', True),
        ('<p style="font:bold 34px/1.2 serif">Territoires</p>', True),
        ("<p>Territoires</p>", False),
        ('<p>a <a href="mailto:a@b.c">redaction.lettre@example.org</a></p>', True),
        ("<table><tr><td><p>a</p> redaction.lettre@example.org</td></tr></table>", True),
    ],
)
def test_a_cell_breaks_words_that_may_be_wider_than_a_phone(cell, breaks):
    made = compact_body(f'<table><tr><td style="font-size:0px;word-break:break-word">{cell}</td></tr></table>')
    assert made.startswith(f'<table><tr><td style="font-size:0{";word-break:break-word" if breaks else ""}">')


def test_an_address_that_says_so_breaks():
    body = '<p class="addr" style="word-break:break-word">a@b.c</p>'
    assert compact_body(body) == body


# Outlook, Gmail, and the line that is not seen


def test_outlooks_comments_keep_all_but_internet_explorer_and_classes_of_no_rule():
    opening = (
        '<!--[if mso | IE]><table role="presentation" class="sheet-outlook" width="600" style="width:600px"><tr>'
        '<td style="line-height:0px;font-size:0px;mso-line-height-rule:exactly"><![endif]-->'
    )
    assert compact_body(opening) == opening.replace(" | IE", "").replace(' class="sheet-outlook"', "")
    asked = "<!--[if mso]><style>.sheet-outlook{width:600px}</style><![endif]-->"
    made = compacted(page_of(opening, head=asked))
    assert opening.replace(" | IE", "") in made
    assert asked in made


def test_comments_side_by_side_become_one():
    made = finish_html(compacted(page_of("<!--[if mso | IE]>a<![endif]-->\n<!--[if mso | IE]>b<![endif]-->")), "fr")
    assert "<!--[if mso]>ab<![endif]-->" in made


@pytest.mark.parametrize(
    ("body", "hooks"),
    [
        ("<body>a</body>", '<body class="body" id="body">'),
        ('<body class="dark" style="margin:0">a</body>', '<body class="body dark" style="margin:0" id="body">'),
        ('<body id="top">a</body>', '<body id="top" class="body">'),
        ('<body><h2 id="body">a</h2></body>', '<body class="body">'),  # a block of the issue may be called so
    ],
)
def test_body_has_the_names_that_gmails_hooks_ask_for(body, hooks):
    assert hooks in compacted(f"<!DOCTYPE html><html><head><style>.dark{{color:red}}</style></head>{body}</html>")


def test_the_preheader_is_hidden_without_a_trick():
    mjml = "<mjml><mj-head><mj-preview>Un aperçu</mj-preview></mj-head><mj-body></mj-body></mjml>"
    made = compacted(mjml_to_html(mjml))
    assert '<div style="display:none;max-height:0;max-width:0;overflow:hidden;mso-hide:all">Un aperçu</div>' in made
    assert "#ffffff" not in made


CELL = '<table bgcolor="{}"><tr><td bgcolor="{}">a</td></tr></table>'


@pytest.mark.parametrize(
    ("outer", "inner", "sheet", "said"),
    [
        ("#ffffff", "#0f5e5c", "", True),
        ("#0c4b4a", "#ffffff", "", True),
        ("#ffffff", "#cadcdb", "", False),
        ("#ffffff", "#0f5e5c", "td{background:#000 !important}", True),
        ("#ffffff", "#0f5e5c", "td{background:#000}", False),  # the attribute would give way to it
    ],
)
def test_a_ground_that_turns_dark_or_light_is_said_where_filters_read_it(outer, inner, sheet, said):
    made = compact_body(CELL.format(outer, inner), sheet=sheet)
    assert (f'<td bgcolor="{inner}" style="background-color:{inner}">' in made) is said


# Pictures that say nothing, and classes that nobody asks for

PICTURE = '<img alt="{}" style="color:red;font-size:13px;line-height:18px;display:block">'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PICTURE.format(""), '<img alt="" style="display:block">'),
        (PICTURE.format("Une halle"), PICTURE.format("Une halle")),
        (
            f'<a href="#a" style="color:red;display:block;text-decoration:underline">{PICTURE.format("")}</a>',
            '<a href="#a" style="display:block"><img alt="" style="display:block"></a>',
        ),
        *(
            (link, link)
            for inside in ("a", '<img alt=""> a', ' <img alt="">', '<img alt="a">', "<b>a</b>", "")
            for link in [f'<a href="#a" style="color:red;text-decoration:underline">{inside}</a>']
        ),
    ],
)
def test_the_look_of_words_goes_where_there_are_none(before, after):
    assert compact_body(before) == after


def test_a_class_stays_where_a_style_sheet_a_hook_or_the_archive_asks_for_it():
    body = '<div class="gone logo asked"><p class="foot">a</p><p class="go">b</p></div>'
    sheet = "@media print{.asked p{color:red}}.gone-by,.go-on{color:red}"
    assert compact_body(body, sheet=sheet) == '<div class="logo asked"><p class="foot">a</p><p>b</p></div>'


def test_a_comment_of_nothing_goes_and_the_blank_after_it_stays():
    assert compact_body("<p>a<!--[if mso | IE]><![endif]--> <b>b</b></p>") == "<p>a <b>b</b></p>"


# What MJML writes into every head


def test_the_head_loses_what_is_for_programs_that_are_gone():
    made = compacted(mjml_to_html("<mjml><mj-body><mj-section></mj-section></mj-body></mjml>"))
    for gone in ("#outlook", "X-UA-Compatible", "lte mso 11", "-ms-", ".mj-outlook-group-fix", "mj-full-width-mobile"):
        assert gone not in made
    for kept in ("mso-table-lspace:0pt", "-webkit-text-size-adjust", "<o:PixelsPerInch>96", "viewport", "xmlns:v"):
        assert kept in made.replace(" ", "") or kept in made


def test_a_style_sheet_loses_blanks_and_semicolons_that_end_nothing():
    sheet = "a > b , i { color : red !important ; }\n@media ( min-width : 1px ) { p { margin : 0 ; } }"
    made = finish_html(page_of("", sheet=sheet), "fr")
    assert "<style>a>b,i{color :red!important}@media ( min-width :1px ){p{margin :0}}</style>" in made


def test_columns_keep_the_rules_for_their_widths_but_for_a_whole_one():
    made = compacted(
        mjml_to_html(
            "<mjml><mj-body><mj-section><mj-column><mj-text>a</mj-text></mj-column></mj-section>"
            '<mj-section><mj-column width="40%"><mj-text>a</mj-text></mj-column>'
            '<mj-column width="60%"><mj-text>a</mj-text></mj-column></mj-section></mj-body></mjml>'
        )
    )
    assert "mj-column-per-100" not in made
    for width in ("40", "60"):
        assert made.count(f".mj-column-per-{width}") == 2  # for Thunderbird once more
        assert f'class="mj-column-per-{width}"' in made


def test_a_class_of_mjml_that_the_templates_ask_for_stays():
    body = '<div class="mj-column-per-100 x" style="width:100%">a</div>'
    assert compact_body(body, sheet=".mj-column-per-100 p,.x{color:red}") == body
    assert compact_body(body, sheet=".x{color:red}") == '<div class="x" style="width:100%">a</div>'


# Anything


@given(st.lists(elements(), min_size=1, max_size=4).map("".join), CSS)
@settings(max_examples=150)
def test_a_second_time_finds_nothing_and_the_words_are_the_same(body, sheet):
    before = write_page(parse_page(page_of(body, sheet=sheet)), page_of(body))
    after = compacted(before)
    assert compacted(after) == after
    assert [element.tag for element in parse_page(after).iter("*")] == [
        element.tag for element in parse_page(before).iter("*")
    ]
    assert "".join(parse_page(after).itertext()) == "".join(parse_page(before).itertext())
