import re

import pytest

from pvd_mailer.compose import load_issue
from pvd_mailer.workspace import Workspace
from tests.reading import body_text, normal
from tests.workspace import REAL, ROOT

RUBRICS = ["Le Club", "Rencontres régionales", "L’offre de services", "Les ressources utiles"]
FIGURES = [
    "16 à 30 ans",
    "89 %",
    "52 %",
    "66 %",
    "56 %",
    "58 %",
    "41 %",
    "31 %",
    "38 %",
    "30 %",
    "97",
    "600",
    "60 groupes",
    "15 personnes",
    "5 000",
    "10 projets",
    "4 acteurs",
    "2 ans",
    "5 appels",
    "6e appel",
    "2e baromètre",
    "(78)",
    "(49)",
    "(35)",
]
DATES = [
    "mars 2023",
    "23 mai 2023",
    "mercredi 8 mars",
    "de 13 h 30 à 14 h 30",
    "20 janvier 2023",
    "jeudi 23 mars",
    "mercredi 15 mars",
    "mercredi 29 mars",
    "de 14 h à 15 h",
    "mardi 21 mars, de 14 h à 16 h",
    "juin 2021",
    "2018",
    "2019",
    "2022",
    "février",
]
PEOPLE = ["Brice Teinturier", "Shaza", "Yasmine", "Youssouf", "Guy Muller", "Radoine Ayourjil"]
COLOPHON = {
    "Directeur de publication": "Stanislas Bourron",
    "Responsable d’édition": "Emmanuelle Le Bris",
    "Rédactrice en chef": "Julie Ragot",
    "Rédaction/maquette": "Timothée Debrard",
    "Design graphique": "Silvia Colato",
    "Crédits photos": "ANCT",
}
PLACES = ["Épône", "Mauges-sur-Loire", "Guipry-Messac", "Mantes-la-Jolie"]
BODIES = [
    "Ipsos",
    "Banque des Territoires",
    "Association des petites villes de France",
    "Incubateur des Territoires",
    "ADRC",
    "Hub des Territoires",
    "Anah",
    "Cerema",
    "ADEME",
    "Réseau rural français",
    "POPSU",
    "L’Outil en Main",
    "Chemins d’avenirs",
    "Sites & Cités remarquables",
    "Fédération Patrimoine-Environnement",
    "Parcs naturels régionaux",
    "Agence nationale du Sport",
    "Office français de la biodiversité",
    "Aides-territoires",
    "Fonds vert",
    "Micro-Folie",
    "ANCTour",
]
CREDITS = ["© ANCT", "© DGITM", "Accompagnement numérique sur-mesure, ANCT", "Banque des Territoires", "ADRC"]
CALLS = ["#Petitesvillesdedemain", "Transférez, partagez", "projetothèque"]


@pytest.fixture(scope="module", params=["html", "text"])
def body_part(request, letter_22):
    return body_text(letter_22.html) if request.param == "html" else normal(letter_22.text)


@pytest.mark.parametrize("fact", [*FIGURES, *DATES, *PEOPLE, *PLACES, *BODIES, *CREDITS, *CALLS])
def test_a_fact_of_the_reference_is_in_both_parts(body_part, fact):
    plain = re.sub(r" ?\[\d+\]", "", body_part)
    assert normal(fact).casefold() in plain.casefold()


@pytest.mark.parametrize("rubric", RUBRICS)
def test_a_rubric_is_in_both_parts(body_part, rubric):
    assert rubric.casefold() in body_part.casefold()


@pytest.mark.parametrize("role", COLOPHON)
def test_the_colophon_names_who_makes_the_letter(body_part, role):
    assert re.search(f"{role}(?: :)? {COLOPHON[role]}", body_part)


def test_issue_22_is_the_number_and_the_day():
    made = load_issue(ROOT / "issues" / REAL[0], Workspace(ROOT)).issue
    assert (made.number, made.date.isoformat()) == (22, "2023-03-07")


@pytest.mark.parametrize("name", REAL)
def test_nobody_typed_a_weekday_before_a_date(name):
    made = load_issue(ROOT / "issues" / name, Workspace(ROOT)).issue
    days = r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s? \d"
    for block in made.blocks:
        content = block.model_dump_json(exclude={"note"})
        assert not re.search(days, content, re.IGNORECASE), block.id


@pytest.mark.parametrize("name", REAL)
def test_the_real_issues_have_nothing_said_of_them(name):
    assert load_issue(ROOT / "issues" / name, Workspace(ROOT)).findings == ()


@pytest.mark.parametrize("name", REAL)
def test_the_real_issues_name_reserved_domains_only(name):
    text = (ROOT / "issues" / name / "issue.yaml").read_text("utf-8")
    for host in re.findall(r"(?:https?://|@)([a-z0-9.-]+)", text):
        assert host.endswith((".example.org", ".example", ".test", ".invalid")) or host == "example.org"


@pytest.mark.parametrize("name", REAL)
def test_every_picture_of_the_folder_is_used(name):
    folder = ROOT / "issues" / name / "images"
    made = load_issue(ROOT / "issues" / name, Workspace(ROOT)).issue
    assert {image.file for image in made.images()} == {file.name for file in folder.iterdir()}
