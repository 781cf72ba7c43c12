"""An issue with one fault for each rule on the text: by rule, the words of the line where it was planted."""

ISSUE = """\
publication: petites-villes-de-demain
number: 26
date: 2023-05-02
subject: "Les halles : un été sur la place"
preheader: "Un webinaire le 16 mai, et un guide."
blocks:
  - id: mot-d-accueil
    type: editorial
    body: |
      Rendez-vous lundi 23 mai devant la halle.

      Candidatures ouvertes jusqu’au 31 juin.

      Inscrivez-vous avant le vendredi 14 avril.

      Le lieu : (à compléter).

  - id: visite
    type: event
    kind: meeting
    title: "Visite de la filature"
    start: 2023-04-20 13:30
    place: "Ville-Fictive"

  - id: methodes
    type: article
    title: "Trois méthodes"
    body: |
      Trois collectivités comparent leurs méthodes et répondent à vos questions.

  - id: verdir
    type: resource
    title: "Verdir une cour"
    body: |
      Un guide pas à pas.
    link:
      label: "Consulter le guide des cours d’école"
      url: https://example.org/guides/halles

  - id: photo
    type: article
    title: "La photo du marché"
    image:
      file: halle.png
      alt: "Une halle rouge, au soleil."
      credit: "La rédaction"
    body: |
      Un samedi matin.

  - id: typographie
    type: article
    title: "Signes et espaces"
    body: |
      Êtes-vous prêts ?

      Ils sont 52% à venir.

      Il a répondu "peut-être".

      C'est la fête.

      Et puis voilà...

      Une ville - la plus petite.

      La 2ème édition commence.

      Elle commence à 13h30.

      L’Etat finance le toit.

      Ils sont 12 000 habitants.

      Deux  espaces de suite.

  - id: langue
    type: article
    title: "Des mots et des phrases"
    body: |
      Le marché couvet rouvre.

      Le CNDC aide les salles.

      Dans cette ville, une halle, un marché et une place que tout le monde connaît, qui furent fermés, puis ouverts, puis fermés
      encore, et que le conseil municipal, réuni un soir de pluie, décida de rouvrir pour de bon, avec l’aide de tous.

      Une halle rouvre. Un marché revient. Une place renaît. Une rue revit. Un café ouvre. Un banc attend. Un arbre pousse.
      Une fontaine chante. Un vélo passe. Une école sort. Un chien dort. Un chat veille. Une cloche sonne. Un train siffle.
      Une porte grince. Un volet bat. Une lampe brille. Un livre tombe. Une main salue. Un pied frappe. Un enfant rit.
      Une dame parle. Un monsieur écoute. Une voisine note. Un voisin sourit. Une halle rouvre. Un marché revient. Une place
      renaît. Une rue revit. Un café ouvre. Un banc attend. Un arbre pousse. Une fontaine chante. Un vélo passe. Une école sort.
      Un chien dort. Un chat veille. Une cloche sonne. Un train siffle. Une porte grince. Un volet bat. Une lampe brille.
"""
LAST = """\
publication: petites-villes-de-demain
number: 23
date: 2023-04-04
subject: "Les gares reprennent vie"
preheader: "Un webinaire sur les gares, et trois brèves."
blocks:
  - id: methodes
    type: article
    title: "Une gare"
    body: |
      Trois collectivités comparent leurs méthodes et répondent à vos questions.
  - id: verdir
    type: resource
    title: "Bâtir une halle"
    body: |
      Un guide pas à pas.
    link:
      label: "Consulter le guide des halles"
      url: https://example.org/guides/halles
  - id: photo
    type: article
    title: "La photo de la gare"
    image:
      file: halle.png
      alt: "Une gare rouge, au soleil."
      credit: "La rédaction"
    body: |
      Un dimanche matin.
"""
PLANTED = {
    "weekday": "lundi 23 mai",
    "no-such-day": "31 juin",
    "past-event": "start: 2023-04-20",
    "past-deadline": "vendredi 14 avril",
    "issue-sequence": "number: 26",
    "leftover-text": "Trois collectivités comparent",
    "leftover-link": "guides/halles",
    "leftover-image": "file: halle.png",
    "placeholder": "(à compléter)",
    "space-before-sign": "prêts ?",
    "unit-space": "52%",
    "quotation-marks": '"peut-être"',
    "apostrophe": "C'est",
    "ellipsis": "voilà...",
    "dash": "ville - la",
    "ordinal": "2ème",
    "hour": "13h30",
    "capital-accent": "L’Etat",
    "thousands": "12 000",
    "stray-space": "Deux  espaces",
    "spelling": "couvet",
    "long-sentence": "Dans cette ville",
    "long-paragraph": "Une halle rouvre. Un marché revient.",
    "acronym": "CNDC",
}
