"""Fresh secret bytes, from the operating system alone."""

from __future__ import annotations

import os

SECRET_BYTES = 32


def new_secret() -> bytes:
    """32 bytes nobody can guess: token roots, store keys, case keys, partner secrets."""
    return os.urandom(SECRET_BYTES)
