"""Files as a user without special rights or room finds them, also where tests run as root."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION = 0x20080522
_PASSES_OVER_RIGHTS = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
_Words = ctypes.c_uint32 * 6  # effective, permitted, inheritable, and once more for the higher ones


@contextmanager
def as_anybody() -> Iterator[None]:
    """Let this thread go by the rights of files as everybody does; root gets its own back afterwards."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, words = (ctypes.c_uint32 * 2)(_VERSION, 0), _Words()
    assert 0 == libc.capget(header, words), os.strerror(ctypes.get_errno())
    before = words[0]
    words[0] = before & ~_PASSES_OVER_RIGHTS
    assert 0 == libc.capset(header, words), os.strerror(ctypes.get_errno())
    try:
        yield
    finally:
        words[0] = before
        assert 0 == libc.capset(header, words), os.strerror(ctypes.get_errno())


@contextmanager
def rights(path: Path, mode: int) -> Iterator[None]:
    """A place with other rights for a while, for a user without special ones."""
    former = path.stat().st_mode & 0o7777
    path.chmod(mode)
    try:
        with as_anybody():
            yield
    finally:
        path.chmod(former)


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """No file of this process may grow past so many bytes, as under `ulimit -f`."""
    limit, former = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, former)
