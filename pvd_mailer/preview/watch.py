"""Renders again when the issue, a picture, a template or the publication is saved."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from watchfiles import awatch

from pvd_mailer.preview.state import Preview
from pvd_mailer.workspace import builtin_templates

__all__ = ["follow"]

# In milliseconds. A program writes a file within 10 ms of emptying it; an editor looks up after 100.
STEP = 10
DEBOUNCE = 20
TICK = 500
"""How often folders that were removed or replaced are looked for."""
GRACE = 0.1
"""In seconds: a good letter gives way to faults only if the file is not saved again by then."""


def _roots(preview: Preview) -> list[Path]:
    wanted = [preview.folder.path.resolve(), preview.workspace.templates.resolve(), builtin_templates().resolve()]
    return [path for path in wanted if path.is_dir() and not any(path.is_relative_to(o) for o in wanted if o != path)]


def _identity(roots: list[Path]) -> list[tuple[Path, int, int]]:
    """What the system watches is the folder that had this name; another of the same name is another."""
    found = []
    for path in roots:
        with suppress(OSError):
            status = path.stat()
            found.append((path, status.st_dev, status.st_ino))
    return found


async def _changes(roots: list[Path]) -> AsyncIterator[bool]:
    """Whether something was saved, at each save and at each tick."""
    polling = None
    while roots:
        try:
            watched = awatch(
                *roots,
                debounce=DEBOUNCE,
                step=STEP,
                rust_timeout=TICK,
                yield_on_timeout=True,
                force_polling=polling,
                poll_delay_ms=TICK,
            )
            async for changes in watched:
                yield bool(changes)
        except (OSError, RuntimeError):
            if polling or not all(path.is_dir() for path in roots):
                return  # a folder went while it was looked at
            polling = True  # the system watches no more folders (inotify's limit): look at them instead
        else:
            return


async def _notice(preview: Preview, dirty: asyncio.Event, saved: asyncio.Event) -> None:
    while True:
        roots = _roots(preview)
        before = _identity(roots)
        first = True
        async for changed in _changes(roots):
            if changed:
                saved.set()
            if changed or first:  # a save between the last render and the first look must not be missed
                dirty.set()
            first = False
            if _identity(_roots(preview)) != before:
                break
        else:
            await asyncio.sleep(TICK / 1000)
        dirty.set()


async def _render(preview: Preview, dirty: asyncio.Event, saved: asyncio.Event) -> None:
    while True:
        await dirty.wait()
        dirty.clear()
        shown = await asyncio.to_thread(preview.render)
        if shown.is_blocked and not preview.shown.is_blocked:
            with suppress(TimeoutError):
                # A file that was emptied and is being written again is not at fault.
                await asyncio.wait_for(dirty.wait(), GRACE)
                continue
        if saved.is_set() or not shown.same_as(preview.shown):
            saved.clear()
            preview.publish(shown)


async def follow(preview: Preview) -> None:
    """Keep `preview` in step with its files, until cancelled."""
    dirty, saved = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_notice(preview, dirty, saved))
        tasks.create_task(_render(preview, dirty, saved))
