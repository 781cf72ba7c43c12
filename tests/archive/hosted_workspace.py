"""A workspace whose letters are hosted."""

import shutil
from dataclasses import replace

from pvd_mailer.services.approvals import approve
from pvd_mailer.settings import load_settings
from pvd_mailer.site.state import open_site_for_export
from tests.send.line import Mailing, readers
from tests.send.scripted import Scripted
from tests.workspace import PUBLICATION, blocks, picture

STATIC = "https://pages.test/la-lettre"
SITE = "https://lettre.test"
RICH = blocks("""
- id: une-rubrique
  type: heading
  title: "Une rubrique"

- id: un
  type: article
  title: "Un titre"
  image:
    file: une-image.png
    alt: "Une image"
  body: |
    Un texte avec [un lien](https://www.example.org/page?a=1&b=2).

- id: un-webinaire
  type: event
  kind: webinar
  title: "Halles & marchés"
  start: 2023-03-23 13:30
  end: 2023-03-23 14:30
  link:
    label: "S’inscrire"
    url: https://example.org/webinaire

- id: des-breves
  type: briefs
  items:
    - title: "Une permanence"
      start: 2023-03-24 10:00
      body: "Sans rendez-vous."
    - title: "Une journée"
      start: 2023-03-25
      body: "Sans heure."
""")


class HostedWorkspace(Mailing):
    """A line whose letters have pictures and dates, and are sent by a channel that leaves the machine."""

    def __init__(self, issue_workspace, database):
        super().__init__(issue_workspace, database)
        issue_workspace.write(RICH)
        (issue_workspace.folder / "images" / "une-image.png").write_bytes(picture())
        self.join(*readers(3))

    def with_settings(self):
        """The office with the settings of the environment as it is now."""
        self.office = replace(self.office, settings=load_settings(self.issue_workspace.workspace))
        return self

    def publish_issue(self, channel=None, **more):
        """Approve the issue and send it; the dispatch's id."""
        channel = channel or Scripted()
        one = self.approve(channel, **more)
        self.send(one, channel)
        return one

    def add_publication(self, name="autre-lettre"):
        """Another publication, with an issue of its own."""
        folder = self.issue_workspace.root / "templates" / name
        shutil.copytree(self.issue_workspace.own, folder)
        file = folder / "publication.yaml"
        text = file.read_text("utf-8").replace('name: "Petites villes de demain"', 'name: "Une autre lettre"', 1)
        file.write_text(text.replace("id: petites-villes-de-demain.", "id: autre."), "utf-8")
        issue = self.issue_workspace.root / "issues" / "002-2023-04"
        shutil.copytree(self.issue_workspace.folder, issue, ignore=shutil.ignore_patterns("sent.json"))
        text = RICH.replace("number: 1\n", "number: 2\n").replace(PUBLICATION, name)
        (issue / "issue.yaml").write_text(text, "utf-8")

    def publish_other(self):
        """Approve and send the issue of the other publication."""
        approved = approve.approve_issue(
            self.office, self.issue_workspace.workspace.issue("2"), Scripted(), audience="all", approver="Claire"
        )
        self.send(approved.approval.dispatch.id, Scripted())

    @property
    def site(self):
        return open_site_for_export(self.office)
