"""The accessibility statement: what it says, that it claims no more than is stated, and that every page leads to it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pvd_mailer.issue.accessibility import Accessibility, Compliance
from pvd_mailer.render import Hosting
from pvd_mailer.site.export.pages import exported_files
from tests.site.conftest import CLAIRE, PREFERENCES, SUBSCRIBE
from tests.workspace import ISSUE, PUBLICATION

STATEMENT = f"/{PUBLICATION}/accessibility/"
SAID = """
accessibility:
  state: {state}
  day: 2026-03-01
  audited_on: {audited}
  auditor: "Cabinet d’Exemple"
  criteria_met: {met}
  shortcomings:
    - "Les cartes n’ont pas d’équivalent en texte. <b>Écrivez-nous</b>."
  burdens: ["Les vidéos de 2021 n’ont pas d’audiodescription."]
  exempt: ["Les vidéos d’avant le 23 septembre 2020."]
  plan_url: https://exemple.example/schema
  contact: accessibilite@exemple.example

theme:
"""


def state(site_server, state="partially-compliant", audited="2026-02-10", met=72):
    """Have publication.yaml state it, as an editor does while the site runs."""
    site_server.edit("\ntheme:\n", SAID.format(state=state, audited=audited, met=met))


def test_by_default_it_says_that_there_was_no_audit(sqlite_site):
    page = sqlite_site.call(STATEMENT).body
    for words in (
        "Déclaration d’accessibilité",
        "Accessibilité\xa0: non conforme",
        "pas fait l’objet d’un audit",
        "https://lettre.test",
        "Agence nationale de la cohésion des territoires",
        "mailto:petitesvillesdedemain@example.org",
        "Défenseur des droits",
        "https://formulaire.defenseurdesdroits.fr/",
    ):
        assert words in page, words
    assert "conforme" not in page.replace("non conforme", "")
    assert "a été établie" not in page
    assert sqlite_site.call(f"{STATEMENT}?lang=en").body.count("Accessibility: not compliant") == 2


def test_it_says_what_the_publication_states(sqlite_site):
    state(sqlite_site)
    page = sqlite_site.call(STATEMENT).body
    for words in (
        "Accessibilité\xa0: partiellement conforme",
        "10\xa0février 2026",
        "1er\xa0mars 2026",
        "Cabinet d’Exemple",
        "72&#160;%",
        "Les cartes n’ont pas d’équivalent en texte. &lt;b&gt;",
        "audiodescription",
        "23 septembre 2020",
        "https://exemple.example/schema",
        "accessibilite@exemple.example",
    ):
        assert words in page, words
    assert "Accessibilité\xa0: partiellement conforme" in sqlite_site.call(SUBSCRIBE).body


def test_an_audit_of_more_than_three_years_ago_is_none(sqlite_site):
    state(sqlite_site, state="compliant", audited="2023-11-28", met=100)
    assert "Accessibilité\xa0: non conforme" in sqlite_site.call(SUBSCRIBE).body
    page = sqlite_site.call(STATEMENT).body
    assert "plus de trois ans" in page
    assert "respectent tous les critères" not in page


def test_every_page_leads_to_it(sqlite_site):
    link = f'<a href="{STATEMENT}">Accessibilité\xa0: non conforme</a>'
    sqlite_site.fill(PREFERENCES, address=CLAIRE)
    own = sqlite_site.mail()["path"]
    for path in ("/", SUBSCRIBE, PREFERENCES, STATEMENT, own, f"{own}/erase", sqlite_site.link_of(CLAIRE), "/nowhere"):
        assert link in sqlite_site.call(path).body, path
    assert link in sqlite_site.call("/u/x.y", "POST", b"").body
    assert f'href="{STATEMENT}?lang=en">Accessibility' in sqlite_site.call(f"{SUBSCRIBE}?lang=en").body


def test_its_address_answers_without_a_slash_too_and_of_nobody_not(sqlite_site):
    answer = sqlite_site.call(STATEMENT[:-1])
    assert answer.status == 308
    assert answer.headers["Location"].endswith(STATEMENT)
    assert sqlite_site.call("/nobody/accessibility/").status == 404


def test_published_files_hold_it_and_lead_to_it(sqlite_site, monkeypatch):
    monkeypatch.setattr(type(sqlite_site.site.context.settings), "pages_url", "https://fichiers.example/lettre")
    found = {path: data.decode("utf-8", "replace") for path, data in exported_files(sqlite_site.site).items()}
    page = found[f"{PUBLICATION}/accessibility/index.html"]
    assert "https://fichiers.example/lettre" in page
    assert 'href="../site.css?v=' in page
    assert 'href="?lang' not in page
    assert 'href="accessibility/index.html"' in found[f"{PUBLICATION}/index.html"]
    assert f'href="{PUBLICATION}/accessibility/index.html"' in found["index.html"]


DAYS = st.dates(date(2019, 1, 1), date(2031, 12, 31))


@given(st.sampled_from(["non-compliant", "partially-compliant", "compliant"]), DAYS, DAYS)
def test_it_never_claims_more_than_a_valid_audit_found(found, audited, today):
    said = Accessibility(state=found, day=date(2032, 1, 1), audited_on=audited, shortcomings=("x",))
    claimed = said.compliance(today)
    is_valid = audited <= today and (today.year - audited.year, today.month, today.day) <= (
        3,
        audited.month,
        audited.day,
    )
    assert claimed == (Compliance(found) if is_valid else Compliance.NONE)


def test_the_letter_leads_to_it_where_it_has_pages(issue_workspace):
    for hosting, leads in ((Hosting("https://lettre.test"), True), (Hosting(), False)):
        letter = issue_workspace.render(hosting=hosting)
        for part in (letter.html, letter.text):
            assert (f"https://lettre.test{STATEMENT}" in part) is leads
            assert ("Accessibilité\xa0: non conforme" in part) is leads


def test_the_letter_says_what_held_on_its_day(issue_workspace):
    said = SAID.format(state="compliant", audited="2022-02-10", met=100).replace("2026-03-01", "2022-03-01")
    file = issue_workspace.own / "publication.yaml"
    file.write_text(file.read_text("utf-8").replace("\ntheme:\n", said), "utf-8")
    hosting = Hosting("https://lettre.test")
    assert "totalement conforme" in issue_workspace.render(hosting=hosting).text
    assert "non conforme" in issue_workspace.render(ISSUE.replace("2023-03-07", "2025-03-07"), hosting).text
