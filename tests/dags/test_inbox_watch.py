"""The watch on the inbox, look by look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.airflow


def events_after(home: Path, looks: list[Callable[[], Any]]) -> list[int]:
    """For every look how many new things were told; each callable changes the inbox before its look."""
    from samenloop_inbox import InboxTrigger

    told: list[int] = []
    todo = list(looks)

    class Watched(InboxTrigger):
        def _look(self) -> set[tuple[str, int, int]]:
            if not todo:
                raise EOFError
            todo.pop(0)()
            told.append(0)
            return super()._look()

    async def watch() -> None:
        trigger = Watched(homes=[str(home)], pattern="inbox/deliveries/*", seconds=0)
        try:
            async for event in trigger.run():
                told[-1] = event.payload["new"]
        except EOFError:
            pass

    asyncio.run(watch())
    return told


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox" / "deliveries"
    folder.mkdir(parents=True)
    return folder


def nothing() -> None:
    """Between two looks nothing happens."""


def test_a_delivery_is_told_once_it_stands_still(inbox: Path, tmp_path: Path) -> None:
    """New at one look, unchanged at the next: told then, and only then."""
    arrive = (inbox / "huur-a_2026-10_0001").mkdir
    assert [0, 1, 0, 0] == events_after(tmp_path, [arrive, nothing, nothing, nothing])


def test_what_grows_is_waited_for(inbox: Path, tmp_path: Path) -> None:
    """A folder to which files are being added is told when that has stopped."""
    folder = inbox / "huur-a_2026-10_0001"
    steps = [folder.mkdir, (folder / "signals.sealed").touch, (folder / "manifest.json").touch, nothing, nothing]
    assert [0, 0, 0, 1, 0] == events_after(tmp_path, steps)


def test_each_arrival_is_told(inbox: Path, tmp_path: Path) -> None:
    """What was told before does not hide what comes after; what was taken away may come again."""
    first, second = inbox / "huur-a_2026-10_0001", inbox / "water-a_2026-10_0001"
    steps = [first.mkdir, nothing, second.mkdir, nothing, first.rmdir, first.mkdir, nothing]
    assert [0, 1, 0, 1, 0, 0, 1] == events_after(tmp_path, steps)


def test_a_transfer_that_goes_on_is_not_told(inbox: Path, tmp_path: Path) -> None:
    """A name that begins with a dot is a transfer program's own."""
    assert [0, 0] == events_after(tmp_path, [(inbox / ".huur-a_2026-10_0001.part").mkdir, nothing])


def test_airflow_can_keep_the_watch(tmp_path: Path) -> None:
    """What the trigger says of itself makes the same trigger again, by a path that the triggerer can import."""
    from airflow.sdk.module_loading import import_string
    from samenloop_inbox import InboxTrigger

    trigger = InboxTrigger(homes=[str(tmp_path)], pattern="inbox/follow_up/*", seconds=3.0)
    path, arguments = trigger.serialize()
    assert (path, arguments) == import_string(path)(**arguments).serialize()
