"""The publications as they are now: a server lives long, and an editor changes a name or a colour while it runs."""

import logging
import os
import time
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Final

from pvd_mailer.compose import load_publication
from pvd_mailer.issue import Publication
from pvd_mailer.workspace import Workspace

__all__ = ["LivePublications"]

_log = logging.getLogger("pvd_mailer.site")
_SETTLE_SECONDS: Final = 1.0
"""Seconds that a file has to lie untouched: an editor that writes it in two goes is waited for."""


class LivePublications(Mapping[str, Publication]):
    """Reads a publication.yaml again when it has changed; one with a fault in it is left, and what was read stays.

    Which publications there are does not change while the server runs.
    """

    def __init__(self, workspace: Workspace, publications: Mapping[str, Publication]) -> None:
        self._workspace = workspace
        self._publications = dict(publications)
        self._stamps = {name: self._stamp(name) for name in publications}
        self._lock = Lock()

    def _stamp(self, name: str) -> tuple[int, int, int]:
        try:
            stat = os.stat(self._workspace.templates / name / "publication.yaml")  # noqa: PTH116 - asked for all the time
        except OSError:  # gone for the moment it takes to put another in its place
            return 0, 0, 0
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def __getitem__(self, name: str) -> Publication:
        """The publication as it was last read whole.

        Raises:
            KeyError: there is none of that name.
        """
        known_stamp = self._stamps[name]
        stamp = self._stamp(name)
        # Of a time to come is a file that was copied from a machine with another clock: it is read at once.
        if stamp not in (known_stamp, (0, 0, 0)) and not 0 <= time.time() - stamp[0] / 1e9 <= _SETTLE_SECONDS:
            with self._lock:
                if self._stamps[name] == known_stamp:  # no other thread was quicker
                    self._stamps[name] = stamp
                    self._reload(name)
        return self._publications[name]

    def _reload(self, name: str) -> None:
        publication, _findings = load_publication(name, self._workspace)
        if publication is None:
            _log.warning("publication-refused", extra={"fields": {"publication": name}})
            return
        self._publications[name] = publication
        _log.info("publication-read", extra={"fields": {"publication": name}})

    def __iter__(self) -> Iterator[str]:
        """Their names, in the order of their folders."""
        return iter(self._publications)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._publications)
