"""What `--online` asks: the pages and pictures that the letter leads to, and the domain that it comes from."""

from dataclasses import dataclass, field

from pvd_mailer.check import CheckContext
from pvd_mailer.check.links.responses import urls_to_check
from pvd_mailer.online import OnlineResults
from pvd_mailer.online.checker import LinkChecker, ResponseCache
from pvd_mailer.online.dns_records import DomainChecker
from pvd_mailer.workspace import Workspace

__all__ = ["OnlineChecker"]


@dataclass(frozen=True)
class OnlineChecker:
    """The world outside, as it is asked; tests give it servers of their own."""

    link_checker: LinkChecker = field(default_factory=LinkChecker)
    domain_checker: DomainChecker = field(default_factory=DomainChecker)

    def check(self, check_context: CheckContext, workspace: Workspace) -> OnlineResults:
        """What the network says of the letter of `check_context`; good answers of the last day are kept in `var/`."""
        links = self.link_checker.check(urls_to_check(check_context), ResponseCache(workspace.var / "online"))
        return OnlineResults(
            links, self.domain_checker.check(check_context.publication.sender.address.rpartition("@")[2].lower())
        )
