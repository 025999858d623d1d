"""Search many values in many files at once, as bytes and in the disguises in which a leak would travel."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

WINDOW = 8
HASHES = ("sha256", "sha1", "md5")


def disguises(value: str) -> set[bytes]:
    """The byte forms of one value.

    As it is, upper and lower case, without diacritics, cp1252; these as hex and base64; and their hashes without a
    key, also of the letters and digits alone, which whoever guesses a name can make as well.
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", value) if not unicodedata.combining(sign))
    texts = {value, value.upper(), value.lower(), plain, plain.upper(), plain.lower()}
    forms = {text.encode() for text in texts} | {text.encode("cp1252", "ignore") for text in texts}
    hidden = {form.hex().encode() for form in forms}
    # A base64 text shows a value in one of three ways, depending on what stands before it.
    for form in forms:
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + form)
            hidden.add(coded[(shift * 8 + 5) // 6 : len(coded) - 4])
    bare = {"".join(sign for sign in text if sign.isalnum()) for text in texts}
    for form in forms | {text.encode() for text in bare}:
        for algorithm in HASHES:
            digest = hashlib.new(algorithm, form, usedforsecurity=False).digest()
            hidden |= {digest, digest.hex().encode(), base64.b64encode(digest)}
    return {form for form in forms | hidden if len(form) >= WINDOW}


class Needles:
    """A set of byte strings of at least eight bytes, searched by their first eight."""

    def __init__(self, values: Iterable[str]) -> None:
        self._by_start: dict[int, list[bytes]] = {}
        for value in values:
            for form in disguises(value):
                start = int.from_bytes(form[:WINDOW], "little")
                self._by_start.setdefault(start, []).append(form)
        self._starts = np.array(sorted(self._by_start), dtype=np.uint64)
        # Two bytes tell nearly every place that cannot be one; the search in order is for the few that are left.
        self._may_start = np.zeros(1 << 16, dtype=bool)
        self._may_start[self._starts & 0xFFFF] = True

    def found_in(self, content: bytes) -> int:
        """How many of the byte strings stand in the content. It never says which."""
        if len(content) < WINDOW or not len(self._starts):
            return 0
        found: set[bytes] = set()
        for offset in range(WINDOW):
            usable = (len(content) - offset) // WINDOW * WINDOW
            windows = np.frombuffer(content, dtype="<u8", count=usable // WINDOW, offset=offset)
            likely = np.flatnonzero(self._may_start[windows & 0xFFFF])
            place = np.searchsorted(self._starts, windows[likely]).clip(max=len(self._starts) - 1)
            for index in likely[self._starts[place] == windows[likely]]:
                at = offset + int(index) * WINDOW
                candidates = self._by_start[int(windows[index])]
                found.update(form for form in candidates if content.startswith(form, at))
        return len(found)


def files_below(*folders: Path) -> Iterator[Path]:
    """Every regular file below the folders."""
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
