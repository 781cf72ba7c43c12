"""What `--online` asks: the pages and pictures that the letter leads to, and the domain that it comes from."""

from dataclasses import dataclass, field

from pvd_mailer.check import Subject
from pvd_mailer.check.asked import addresses
from pvd_mailer.online import Answers
from pvd_mailer.online.asking import Asker, Shelf
from pvd_mailer.online.domain import Registrar
from pvd_mailer.workspace import Workspace

__all__ = ["Outside"]


@dataclass(frozen=True)
class Outside:
    """The world outside, as it is asked; tests give it servers of their own."""

    asker: Asker = field(default_factory=Asker)
    registrar: Registrar = field(default_factory=Registrar)

    def answers(self, subject: Subject, workspace: Workspace) -> Answers:
        """Everything that is to be known of the letter of `subject`; good answers of the last day are in `var/`."""
        pages = self.asker.pages(addresses(subject), Shelf(workspace.var / "online"))
        return Answers(pages, self.registrar.domain(subject.publication.sender.address.rpartition("@")[2].lower()))
