"""Folders as a channel: what arrives is seen without following links, what leaves appears whole or not at all.

No decisions here. Whatever a partner can put in an inbox (links, pipes, devices, odd names, growing files) is
described or refused to open, never followed, and a read is bounded before it begins.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = "folder"
FILE = "file"
LINK = "link"
OTHER = "other"

_CHUNK_BYTES = 4 << 20


class NotPlainFileError(Exception):
    """What was to be read is not a regular file, or is larger than allowed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a folder, as it is itself: a link is a link."""

    name: str
    kind: str
    size: int
    inode: int


def list_entries(folder: Path | int, most: int | None = None) -> list[Entry]:
    """What lies in a folder, by name; at most `most` of it. What vanishes while looking is left out."""
    found: list[Entry] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if most is not None and len(found) >= most:
                break
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            found.append(Entry(entry.name, _kind(status.st_mode), status.st_size, status.st_ino))
    return sorted(found, key=lambda entry: os.fsencode(entry.name))


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return LINK
    if stat.S_ISDIR(mode):
        return FOLDER
    return FILE if stat.S_ISREG(mode) else OTHER


@contextmanager
def opened_folder(path: Path) -> Iterator[int]:
    """A handle on a folder that is not a link; what is read through it stays in this very folder.

    Raises:
        FileNotFoundError, NotADirectoryError.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotADirectoryError(error.errno, "a link") from None
        raise
    try:
        yield handle
    finally:
        os.close(handle)


def has(folder: int, name: str) -> bool:
    """Whether something of this name lies in an opened folder, be it a link that leads nowhere."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def read_file(folder: int, name: str, most_bytes: int) -> bytes:
    """Read a regular file of limited size in an opened folder.

    Raises:
        FileNotFoundError, NotPlainFileError: as read_file_and_status.
    """
    return read_file_and_status(folder, name, most_bytes)[0]


def read_file_and_status(folder: int, name: str, most_bytes: int) -> tuple[bytes, os.stat_result]:
    """Read a regular file of limited size in an opened folder, and say what it was when the reading began.

    Raises:
        FileNotFoundError: there is none.
        NotPlainFileError: a link, a pipe, a device, or larger than `most_bytes`.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NotPlainFileError from None
        raise
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most_bytes:
            raise NotPlainFileError
        parts: list[bytes] = []
        left = most_bytes + 1
        while left > 0 and (chunk := os.read(handle, min(left, _CHUNK_BYTES))):
            parts.append(chunk)
            left -= len(chunk)
    finally:
        os.close(handle)
    if left <= 0:
        raise NotPlainFileError
    return b"".join(parts), status


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the former one or the whole new one, also after a power cut.

    A part that a killed process left is overwritten by the next write of the same file; two writers of one file
    at once are kept apart by the writer lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = part_of(path)
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def part_of(path: Path) -> Path:
    """What a file is called while it is being written."""
    return path.with_name(f".{path.name}.part")


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def move(source: Path, target: Path) -> None:
    """Move a thing to a name that is free; a link is moved as a link. Between file systems it is copied first."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_over(source, target)
        remove(source)
    sync_folder(target.parent)
    sync_folder(source.parent)


def _copy_over(source: Path, target: Path) -> None:
    aside = part_of(target)
    remove(aside)
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, aside, symlinks=True)
    else:
        shutil.copy2(source, aside, follow_symlinks=False)
    aside.rename(target)


def remove(path: Path) -> None:
    """Remove a thing and what lies in it; a link itself, never what it points at. Nothing there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
