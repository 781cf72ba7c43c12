"""What a rule reads: texts, and which block an element of the letter was drawn for."""

import pytest

from pvd_mailer.check.locate import locate
from pvd_mailer.check.locations import BlockLocation, LetterElement
from pvd_mailer.check.rule import Violation
from pvd_mailer.check.text.passages import FILLER
from pvd_mailer.compose import load_issue
from pvd_mailer.findings import Severity
from pvd_mailer.issue.blocks import Resource
from pvd_mailer.render import Hosting, render_letter
from pvd_mailer.services.proofs import check_context_of
from pvd_mailer.workspace import Workspace
from tests.check.examples import subject
from tests.workspace import ROOT
from tools.checks.examples import Example


@pytest.fixture(scope="module", params=[None, "https://www.example.org"], ids=["embedded", "hosted"])
def issue_22_context(request):
    workspace = Workspace(ROOT)
    made = load_issue(workspace.issue("22").path, workspace)

    def write():
        return render_letter(made.issue, made.publication, made.pictures, made.templates, Hosting(request.param))

    return check_context_of(made, workspace, write)


def test_a_picture_belongs_to_the_block_that_shows_it(issue_22_context):
    shown = {
        issue_22_context.block_of_element(image): image.get("alt")
        for image in issue_22_context.tree.iter("img")
        if image.get("alt")
    }
    wanted = {
        block.id: block.image.alt
        for block in issue_22_context.issue.blocks
        if getattr(block, "image", None) and not isinstance(block, Resource)  # whose title says it
    }
    assert shown == wanted


def test_a_link_belongs_to_the_block_that_it_stands_in(issue_22_context):
    urls = {link.get("href"): issue_22_context.block_of_element(link) for link in issue_22_context.tree.iter("a")}
    assert urls["https://petites-villes-de-demain.example.org/barometre-2023"] == "barometre"
    assert urls["https://petites-villes-de-demain.example.org/rencontre-nationale-2023"] == "barometre"
    assert urls["https://parcs-naturels-regionaux.example/webinaires/ateliers-hors-les-murs"] == "breves"
    assert urls["https://petites-villes-de-demain.example.org/mentions-legales"] is None


def test_a_heading_belongs_to_its_block(issue_22_context):
    for heading in issue_22_context.tree.iter("h2", "h3"):
        if heading.get("id"):
            assert issue_22_context.block_of_element(heading) in issue_22_context.blocks_by_id


def test_what_is_found_in_the_letter_is_told_at_its_block(issue_22_context):
    (block,) = [one for one in issue_22_context.issue.blocks if one.id == "chiffre-du-mois"]
    (image,) = [one for one in issue_22_context.tree.iter("img") if one.get("alt") == block.image.alt]
    told = locate("a-rule", Severity.ADVICE, Violation("x", LetterElement(image)), issue_22_context)
    assert (told.block, told.location.line) == (
        "chiffre-du-mois",
        locate("b", Severity.ADVICE, Violation("x", BlockLocation("chiffre-du-mois")), issue_22_context).location.line,
    )
    assert told.excerpt.startswith("<img")


def test_texts_are_what_readers_read_and_nothing_else(issue_22_context):
    texts = [passage.text for passage in issue_22_context.passages]
    assert "Le Club" in texts
    assert "La tranquillité" in texts
    assert not any("tools/draw_images" in text or "https://" in text for text in texts)


def test_addresses_and_names_are_blotted_out_at_the_same_offsets(tmp_path):
    body = "Voir https://example.org/a?b=c, www.example.org ! Écrire à nous@example.org, #Halles, guide.pdf. Chez Yahoo! et Ouigo."
    read = subject(
        Example(
            blocks=f'- id: a\n  type: article\n  title: "Un"\n  body: "{body}"\n', dictionary_words="Yahoo!\nOuigo\n"
        ),
        tmp_path,
    )
    passage = read.passage_at("blocks", 0, "body")
    assert len(passage.plain) == len(passage.text)
    assert [word for word in passage.plain.replace(FILLER, " ").split() if word.isalpha()] == [
        "Voir",
        "Écrire",
        "à",
        "Chez",
        "et",
    ]
    assert passage.plain[passage.text.index(" !") : passage.text.index(" !") + 2] == " !"
