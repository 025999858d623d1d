"""The search itself: a leak test that cannot find anything proves nothing."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.privacy.search_bytes import Needles

VALUE = "j.döe-jansen@example.nl"


@pytest.mark.parametrize(
    "content",
    [
        VALUE.encode(),
        b"x" * 13 + VALUE.upper().encode() + b"y",
        b"..." + VALUE.replace("ö", "o").encode(),
        VALUE.encode("cp1252"),
        VALUE.encode().hex().encode(),
        base64.b64encode(b"a" + VALUE.encode() + b"tail"),
        base64.b64encode(b"ab" + VALUE.encode() + b"tail"),
        base64.b64encode(b"abc" + VALUE.encode() + b"tail"),
        b"id: " + hashlib.sha256(VALUE.encode()).hexdigest().encode(),
        hashlib.md5(VALUE.upper().encode()).digest(),
        base64.b64encode(hashlib.sha1(b"jdoejansenexamplenl").digest()),
    ],
)
def test_a_planted_value_is_found(content: bytes) -> None:
    """The value is found at any offset and in each disguise."""
    assert Needles([VALUE]).found_in(content) >= 1


def test_what_is_not_there_is_not_found() -> None:
    """Content that shares only the beginning of a value holds no leak."""
    assert 0 == Needles([VALUE]).found_in(b"j.doe-janssen@example.com" * 10)
