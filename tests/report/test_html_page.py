"""The report's page: one file that loads nothing, which everybody can read."""

import itertools
import re
from datetime import timedelta

import pytest
from lxml import html as lxml_html

from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.i18n import set_language
from pvd_mailer.render import palette
from pvd_mailer.report import charts
from pvd_mailer.report.build import build_report
from pvd_mailer.report.html_page import ReportTheme, render_report_page
from tests.proof.test_accessibility import AXE
from tests.report.scene import START, SentIssues, event
from tools.photograph import ROOT, View, opened

HOUR = timedelta(hours=1)


def face():
    """The publication's own, from its file."""
    from pvd_mailer.compose import load_publication  # noqa: PLC0415 - beside its one use
    from pvd_mailer.workspace import Workspace  # noqa: PLC0415 - beside its one use

    publication, _found = load_publication("petites-villes-de-demain", Workspace(ROOT))
    theme = publication.theme
    return ReportTheme(
        publication.name,
        theme.heading_font,
        theme.body_font,
        palette.compute_colours(theme.light),
        palette.compute_colours(theme.dark, theme.light.accent),
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    database = open_database(None, tmp_path_factory.mktemp("page") / "pvd.sqlite")
    prepare_database(database)
    scene = SentIssues(database)
    people = [f"l{at}@{('grande.test', 'ville.test', 'mairie.example')[at % 3]}" for at in range(300)]
    before = START - timedelta(days=30)
    old = scene.sent(1, people, start=before)
    scene.tell(*(event(old, at, "delivered", start=before) for at in range(290)))
    scene.tell(event(old, 3, "complained", start=before), event(old, 4, "unsubscribed", start=before))
    one = scene.sent(2, people)
    scene.tell(*(event(one, at, "delivered", at * HOUR / 40) for at in range(250)))
    scene.tell(
        *(event(one, at, "bounced", HOUR, status="5.1.1", reason="<script>alert(1)</script>") for at in range(4))
    )
    scene.tell(event(one, 260, "deferred"), event(one, 5, "complained"), event(one, 6, "unsubscribed"))
    scene.tell(event(one, 7, "unsubscribed"), event(one, 7, "resubscribed", HOUR))
    with database.read() as connection:
        made = build_report(connection, 2, START + timedelta(days=2)).report
    database.close()
    return made


@pytest.fixture(params=["fr", "en"])
def document(request, report):
    set_language(request.param)
    return render_report_page(report, face())


@pytest.fixture
def file(document, tmp_path):
    page = tmp_path / "report.html"
    page.write_text(document, encoding="utf-8")
    return page


@pytest.mark.parametrize("view", [View(375), View(1280), View(375, dark=True), View(1280, dark=True)], ids=str)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(browser, file, view, need):
    need("tools/node/node_modules/axe-core")
    with opened(browser, file, view) as page:
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.reload()
        page.evaluate(AXE.read_text("utf-8"))
        result = page.evaluate("axe.run(document)")
        assert [(one["id"], one["nodes"][0]["html"]) for one in result["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= view.width
        assert said == []  # such as a style that the page's own policy refuses
        assert page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_it_holds_no_script_and_loads_nothing(document):
    tree = lxml_html.document_fromstring(document)
    assert not tree.xpath("//script | //link | //img | //iframe | //object | //@style | //@src | //@href")
    assert not re.search(r"url\(|@import|@font-face|https?://", document)
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in document
    assert "&lt;script&gt;" in document


def test_every_plot_has_a_title_a_description_and_its_numbers_in_a_table(document):
    tree = lxml_html.document_fromstring(document)
    plots = tree.xpath("//svg[@role='img']")
    assert len(plots) == 6
    for plot in plots:
        title, described = plot.get("aria-labelledby").split()
        assert tree.get_element_by_id(title).text_content().strip()
        assert tree.get_element_by_id(described).text_content().strip()
        (section,) = plot.xpath("ancestor::section")
        assert section.xpath(".//table/caption")
    assert all(table.xpath("./thead//th[@scope='col']") for table in tree.xpath("//table"))


def test_no_address_is_in_it(document):
    assert "@" not in re.sub(r"@media", "", document)


def test_it_prints_whole(browser, file):
    with opened(browser, file, View(1280)) as page:
        page.emulate_media(media="print")
        hidden = page.evaluate(
            "[...document.querySelectorAll('.scroll')].filter(e => e.scrollHeight > e.clientHeight + 1 && "
            "getComputedStyle(e).overflowY !== 'visible').length"
        )
        assert hidden == 0
        assert len(page.pdf()) > 10_000


OVERLAPS = """() => {
  const box = (e) => e.getBoundingClientRect();
  const apart = (a, b) => a.left >= b.right - 1 || a.top >= b.bottom - 1;
  const meet = (a, b) => !apart(a, b) && !apart(b, a);
  const found = [];
  for (const svg of document.querySelectorAll('svg[role=img]')) {
    const texts = [...svg.querySelectorAll('text')].filter((e) => e.textContent.trim());
    const lines = [...svg.querySelectorAll('line.limit')];
    texts.forEach((one, at) => {
      for (const other of texts.slice(at + 1))
        if (meet(box(one), box(other))) found.push([one.textContent, other.textContent]);
      for (const line of lines) if (meet(box(one), { ...box(line).toJSON(), right: box(line).right + 2 }))
        found.push([one.textContent, 'a limit']);
      const [inner, outer] = [box(one), box(svg)];
      if (inner.left < outer.left - 1 || inner.right > outer.right + 1) found.push([one.textContent, 'cut']);
    });
  }
  return found;
}"""


@pytest.fixture(params=[2, 5, 20, 3000], scope="module")
def of_size(request, tmp_path_factory):
    """An issue to so many people, one of whom complained."""
    database = open_database(None, tmp_path_factory.mktemp("size") / "pvd.sqlite")
    prepare_database(database)
    scene = SentIssues(database)
    people = [f"l{at}@ville.test" for at in range(request.param)]
    scene.sent(1, people, start=START - timedelta(days=30))
    one = scene.sent(2, people)
    scene.tell(*(event(one, at, "delivered") for at in range(0, request.param, 1 + request.param // 300)))
    scene.tell(event(one, 1, "complained"))
    with database.read() as connection:
        made = build_report(connection, 2, START + timedelta(days=2)).report
    database.close()
    return made


def test_no_words_of_a_plot_lie_on_others_however_few_the_readers(browser, of_size, tmp_path):
    set_language("fr")
    file = tmp_path / "report.html"
    file.write_text(render_report_page(of_size, face()), encoding="utf-8")
    for view in (View(375), View(1280)):
        with opened(browser, file, view) as page:
            assert page.evaluate(OVERLAPS) == []


def test_a_scale_has_whole_numbers_each_once(of_size):
    set_language("en")
    drawn = charts.columns(of_size.periods)
    steps = [int(mark.text.replace(",", "")) for mark in drawn.steps]
    assert steps == sorted(set(steps))
    assert len({b - a for a, b in itertools.pairwise(steps)}) == 1
    heights = [drawn.bottom - mark.at for mark in drawn.steps]
    assert heights == pytest.approx([heights[-1] * step / steps[-1] for step in steps])


def test_how_many_were_delivered_is_not_said_where_nobody_tells(of_size):
    """The earlier issue of each was sent, and nothing was heard of it."""
    set_language("fr")
    tree = lxml_html.document_fromstring(render_report_page(of_size, face()))
    (table,) = tree.xpath("//table[caption[@id='cap-peers']]")
    rows = [[cell.text_content() for cell in row.xpath("./*")] for row in table.xpath("./tbody/tr")]
    delivered = [row[3] for row in rows]
    assert (delivered[0] == "–", delivered[1]) == (False, "–")
