"""A letter with one fault for each rule on links, pictures, accessibility, mail programs and delivery."""

import json

import pytest
import yaml

from pvd_mailer.check import RULES, proofread
from pvd_mailer.check.rule import Example, Group
from tests.check.examples import subject
from tests.desk import ROOT

OWN = {
    rule.id
    for rule in RULES
    if rule.group in (Group.LINKS, Group.IMAGES, Group.ACCESSIBILITY, Group.CLIENTS, Group.DELIVERY) and not rule.online
}
SPOILED = Example(
    head={
        "subject": '"La lettre Petites villes de demain n° 24 : les halles"',
        "preheader": '"La lettre Petites villes de demain n° 24 : les halles"',
    },
    settings={
        "colophon": '{organisation: "La mairie", contact_label: "Écrire", contact: mairie@ville.example, entries: [{role: "Rédaction", name: "Léa"}]}'
    },
    pictures={
        "lourde.png": "photo.png",
        "petite.png": "small.png",
        "lieu.jpg": "position.jpg",
        "bouge.gif": "moving.gif",
    },
    blocks="""
- id: liens
  type: article
  title: "Les liens"
  image:
    file: lourde.png
    alt: "Image d’une halle"
  body: |
    Voir [la carte](https://ville.example.org/a-completer), [ici](https://ville.example.org/plan?utm_source=lettre),
    [le plan des halles](https://www.google.com/url?q=https://ville.example.org/plan),
    [le guide](https://ville.example.org/guide.pdf) et [le guide](https://ville.example.org/guides).

    The market hall is the heart of the town, and it will be open to all of you.
- id: petite
  type: image
  image:
    file: petite.png
    decorative: true
  link: https://ville.example.org/halles
- id: lieu
  type: image
  image:
    file: lieu.jpg
    alt: "Une halle de brique, vue de la place."
    credit: "Léa"
- id: bouge
  type: image
  image:
    file: bouge.gif
    alt: "Une halle de verre, vue du marché."
    credit: "Léa"
""",
    html=(
        '<div style="display:flex;color:#888;background:#fff"><p style="color:#888">Lire '
        '<a href="https://ville.example.org/b" style="color:#900;text-decoration:none">la brochure du marché</a>.</p>'
        "<table><tr><td>Un</td></tr></table><h5>Deux</h5></div>"
        f"<style>{'.a { color: #123456 } ' * 500}</style><p>{'Un toit. ' * 10_000}</p>"
    ),
    rewrite={
        r'<html lang="fr"': "<html",
        r"<title>[^<]*</title>": "",
        r"initial-scale=1": "initial-scale=1, user-scalable=no",
        r"pvd-h-\w+-unsubscribe": "https://ville.example.org/x",
        r"[^\x00-\xff]": "'",
    },
)


def test_every_planted_fault_of_the_letter_is_caught(tmp_path):
    found = {one.rule for one in proofread(subject(SPOILED, tmp_path))}
    assert OWN - found == set()


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
