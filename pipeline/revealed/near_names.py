"""Whether two names may be one, written in two ways: a typing error, a dropped diacritic, or one sound."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA

from pipeline.vocabulary.identity.sounds import sound_of

SHORT_NAME_FROM = 2
ONE_EDIT_FROM = 4
TWO_EDITS_FROM = 8


@lru_cache(maxsize=65_536)
def are_alike(one: str, other: str) -> bool:
    """Whether two surname keys may be one name: misspelt, or with one sound."""
    return is_misspelt(one, other) or sound_of(one) == sound_of(other)


def is_misspelt(one: str, other: str) -> bool:
    """Whether two names differ by a typing error or a dropped diacritic.

    In a short name one letter is much, so there the first must be the same.
    """
    if is_near(one, other) or _without_umlauts(one) == _without_umlauts(other):
        return True
    shortest, longest = sorted((len(one), len(other)))
    if shortest < SHORT_NAME_FROM or longest < ONE_EDIT_FROM - 1 or one[0] != other[0]:
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1


def is_near(one: str, other: str) -> bool:
    """Whether two texts differ by no more than a typing error."""
    shortest = min(len(one), len(other))
    if shortest < ONE_EDIT_FROM:
        return False
    allowed = 2 if shortest >= TWO_EDITS_FROM else 1
    return abs(len(one) - len(other)) <= allowed and OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _without_umlauts(name: str) -> str:
    """Systems write ö, ü and ä as oe, ue and ae, or lose the dots."""
    return name.replace("oe", "o").replace("ue", "u").replace("ae", "a")
