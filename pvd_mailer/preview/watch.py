"""Renders again, and then proofreads, when the issue, a picture, a template or the publication is saved."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from watchfiles import awatch

from pvd_mailer.preview.state import Preview, PreviewState
from pvd_mailer.workspace import builtin_templates

__all__ = ["keep_rendered"]

# In milliseconds. What a program is still writing after so long is rendered twice; an editor looks up after 100.
_STEP_MS = 4
_DEBOUNCE_MS = 20
_TICK_MS = 500
"""How often folders that were removed or replaced are looked for."""
_GRACE_SECONDS = 0.1
"""In seconds: a good letter gives way to faults only if the file is not saved again by then."""


def _watched_folders(preview: Preview) -> list[Path]:
    folders = [preview.folder.path.resolve(), preview.workspace.templates.resolve(), builtin_templates().resolve()]
    return [
        path
        for path in folders
        if path.is_dir() and not any(path.is_relative_to(other) for other in folders if other != path)
    ]


def _folder_identities(folders: list[Path]) -> list[tuple[Path, int, int]]:
    """What the system watches is the folder that had this name; another of the same name is another."""
    identities = []
    for path in folders:
        with suppress(OSError):
            status = path.stat()
            identities.append((path, status.st_dev, status.st_ino))
    return identities


async def _watch_changes(folders: list[Path]) -> AsyncIterator[bool]:
    """Whether something was saved, at each save and at each tick."""
    polling = None
    while folders:
        try:
            watched = awatch(
                *folders,
                debounce=_DEBOUNCE_MS,
                step=_STEP_MS,
                rust_timeout=_TICK_MS,
                yield_on_timeout=True,
                force_polling=polling,
                poll_delay_ms=_TICK_MS,
            )
            async for changes in watched:
                yield bool(changes)
        except (OSError, RuntimeError):
            if polling or not all(path.is_dir() for path in folders):
                return  # a folder went while it was looked at
            polling = True  # the system watches no more folders (inotify's limit): look at them instead
        else:
            return


async def _watch_files(preview: Preview, dirty: asyncio.Event, saved: asyncio.Event) -> None:
    while True:
        folders = _watched_folders(preview)
        identities = _folder_identities(folders)
        is_first = True
        async for changed in _watch_changes(folders):
            if changed:
                saved.set()
            if changed or is_first:  # a save between the last render and the first look must not be missed
                dirty.set()
            is_first = False
            if _folder_identities(_watched_folders(preview)) != identities:
                break
        else:
            await asyncio.sleep(_TICK_MS / 1000)
        dirty.set()


class _Checks:
    """The checks of letters, one at a time; only that of the newest letter tells what it found."""

    def __init__(self, preview: Preview, tasks: asyncio.TaskGroup) -> None:
        self._preview, self._tasks = preview, tasks
        self._turn = asyncio.Lock()
        self._superseded = threading.Event()

    def supersede(self) -> None:
        """Have the check that is under way end before its next rule, and say nothing."""
        self._superseded.set()

    def begin(self, state: PreviewState, *, quietly: bool) -> None:
        """Check the letter of `state`, and publish it with its findings; `quietly`: only if they are others."""
        self._superseded = threading.Event()
        self._tasks.create_task(self._check(state, self._superseded, quietly=quietly))

    async def _check(self, state: PreviewState, superseded: threading.Event, *, quietly: bool) -> None:
        try:
            async with self._turn:
                checked = await asyncio.to_thread(self._preview.check, state, superseded)
        finally:
            is_newest = not superseded.is_set()
            superseded.set()
        if checked is not None and is_newest and not (quietly and checked.looks_like(self._preview.state)):
            self._preview.publish(checked)


async def _render_changes(preview: Preview, dirty: asyncio.Event, saved: asyncio.Event, checks: _Checks) -> None:
    while True:
        await dirty.wait()
        dirty.clear()
        checks.supersede()
        state = await asyncio.to_thread(preview.render_letter)
        if state.is_blocked and not preview.state.is_blocked:
            with suppress(TimeoutError):
                # A file that was emptied and is being written again is not at fault.
                await asyncio.wait_for(dirty.wait(), _GRACE_SECONDS)
                continue
        quietly = not saved.is_set() and not preview.state.is_being_checked and state.looks_like(preview.state)
        if not quietly:
            saved.clear()
            preview.publish(state)
        if state.is_being_checked:
            checks.begin(state, quietly=quietly)


async def keep_rendered(preview: Preview) -> None:
    """Keep `preview` in step with its files, until cancelled."""
    dirty, saved = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        checks = _Checks(preview, tasks)
        tasks.create_task(_watch_files(preview, dirty, saved))
        tasks.create_task(_render_changes(preview, dirty, saved, checks))
