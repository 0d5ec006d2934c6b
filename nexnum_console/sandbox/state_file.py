"""Orders that outlive the process: a snapshot on disk, written soon after each change."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from pathlib import Path

from nexnum_console.sandbox.world import World

SAVE_SECONDS = 0.2
# A long history must not slow the carriers: saving gets at most 1/50 of the time.
REST_PER_SAVE = 50

log = logging.getLogger("sandbox")


class StateFile:
    """The snapshot of one world at ``path``."""

    def __init__(self, path: Path, world: World) -> None:
        self._path = path
        self._world = world
        self._saved: object = None

    def load(self) -> None:
        """Take over what is saved, if anything is.

        Errors: ``OSError``, ``ValueError``, ``KeyError``, ``TypeError`` when it is unreadable.
        """
        if not self._path.exists():
            return
        saved = json.loads(self._path.read_text("utf-8"))
        if not isinstance(saved, dict):
            raise ValueError("it holds no JSON object")
        self._world.restore(saved)

    def save(self) -> None:
        """Write when something changed; a reader sees the old or the new state, never half."""
        mark = self._world.mark()
        if mark == self._saved:
            return
        draft = self._path.with_name(self._path.name + ".part")
        draft.write_text(json.dumps(self._world.snapshot()), "utf-8")
        os.replace(draft, self._path)
        self._saved = mark

    async def keep_saving(self) -> None:
        """Save until cancelled; a disk that refuses is reported and tried again."""
        pause = SAVE_SECONDS
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            try:
                self.save()
            except OSError as error:
                log.warning("cannot save the state: %s", error)
            pause = max(SAVE_SECONDS, REST_PER_SAVE * (time.monotonic() - began))
