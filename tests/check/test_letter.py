"""Letters in which the rules on links, pictures, accessibility, mail programs and delivery find nothing."""

import json

import pytest
import yaml

from pvd_mailer.check import RULES, proofread
from pvd_mailer.check.rule import Group
from tests.check.examples import subject
from tests.workspace import ROOT
from tools.checks.examples import Example

OWN = {
    rule.id
    for rule in RULES
    if rule.group in (Group.LINKS, Group.IMAGES, Group.ACCESSIBILITY, Group.CLIENTS, Group.DELIVERY) and not rule.online
}


def test_a_faultless_letter_has_none(tmp_path):
    assert [one.rule for one in proofread(subject(Example(), tmp_path)) if one.rule in OWN] == []


LINKED = "Lire [le guide des halles](https://ville.example.org/guide) et **venir**."
IN_EVERY_TEXT = f"""
- id: mot
  type: editorial
  body: "{LINKED}"
- id: rubrique
  type: heading
  title: "Une rubrique"
  intro: "{LINKED}"
- id: article
  type: article
  title: "Un article"
  body: "{LINKED}"
- id: chiffre
  type: key-figure
  value: "97"
  label: "halles"
  body: "{LINKED}"
- id: rendez-vous
  type: event
  kind: meeting
  title: "Un rendez-vous"
  start: 2023-05-16
  place: "Ville-Fictive"
  body: "{LINKED}"
- id: breves
  type: briefs
  items:
    - title: "Une brève"
      body: "{LINKED}"
- id: guide
  type: resource
  title: "Un guide"
  body: "{LINKED}"
  link:
    label: "Lire le guide des halles"
    url: https://ville.example.org/guide
- id: mots
  type: quote
  body: "{LINKED}"
  author: "Camille Exemple"
- id: film
  type: video
  title: "Un film"
  link:
    label: "Voir le film des halles"
    url: https://videos.example/halles
  body: "{LINKED}"
- id: a-faire
  type: call-to-action
  title: "À faire"
  body: "{LINKED}"
  button:
    label: "Répondre à l’enquête"
    url: https://ville.example.org/enquete
- id: partage
  type: share
  title: "Faire suivre"
  body: "{LINKED}"
"""


@pytest.mark.parametrize("theme", ["", "carnet-des-territoires"])
def test_links_and_bold_in_the_text_of_every_kind_of_block_are_legible(tmp_path, theme):
    settings = {}
    if theme:
        read = yaml.safe_load((ROOT / "templates" / theme / "publication.yaml").read_text("utf-8"))
        settings = {"theme": json.dumps(read["theme"])}
    found = proofread(subject(Example(blocks=IN_EVERY_TEXT, settings=settings), tmp_path))
    assert [f"{one.rule} {one.block} {one.message}" for one in found if one.rule in OWN] == []
