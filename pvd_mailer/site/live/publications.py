"""The publications as they are now: a server lives long, and an editor changes a name or a colour while it runs."""

import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from pvd_mailer.compose import load_publication
from pvd_mailer.issue import Publication
from pvd_mailer.site.live.reloading_file import ReloadingFile
from pvd_mailer.workspace import Workspace

__all__ = ["LivePublications"]

_log = logging.getLogger("pvd_mailer.site")
_SETTLE_SECONDS: Final = 1.0


class LivePublications(Mapping[str, Publication]):
    """Reads a publication.yaml again when it has changed; one with a fault in it is left, and what was read stays.

    Which publications there are does not change while the server runs.
    """

    def __init__(self, workspace: Workspace, publications: Mapping[str, Publication]) -> None:
        self._files = {
            name: ReloadingFile(
                workspace.templates / name / "publication.yaml",
                publication,
                partial(_load, name, workspace),
                settle_seconds=_SETTLE_SECONDS,
            )
            for name, publication in publications.items()
        }

    def __getitem__(self, name: str) -> Publication:
        """The publication as it was last read whole.

        Raises:
            KeyError: there is none of that name.
        """
        return self._files[name].value

    def __iter__(self) -> Iterator[str]:
        """Their names, in the order of their folders."""
        return iter(self._files)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._files)


def _load(name: str, workspace: Workspace) -> Publication | None:
    publication, _findings = load_publication(name, workspace)
    event = "publication-refused" if publication is None else "publication-read"
    _log.log(logging.WARNING if publication is None else logging.INFO, event, extra={"fields": {"publication": name}})
    return publication
