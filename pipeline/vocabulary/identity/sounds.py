"""The Dutch sound of a surname key: one form for letters that are taken for one another, and no vowels.

What partners write differently is mostly a vowel, a doubled letter or a letter that sounds alike (d/dt/t, s/z,
f/v/ph, c/k/ck, g/ch). The first letter stays. A name of which too little is left stays as it is spelled: short
sounds have too many bearers.
"""

from __future__ import annotations

import re

import polars as pl

FEWEST_SOUNDS = 3
_TOGETHER = {
    "sch": "sg",
    "tsj": "s",
    "tj": "t",
    "ch": "g",
    "ck": "k",
    "ph": "f",
    "th": "t",
    "dt": "t",
    "gt": "gt",
    "qu": "k",
    "x": "ks",
    "c": "k",
    "q": "k",
    "z": "s",
    "v": "f",
    "d": "t",
}
_VOWELS = dict.fromkeys("aeiouyjhw", "")
_DOUBLED = {letter * 2: letter for letter in "bfgklmnprst"}
_ANY_TOGETHER = re.compile("|".join(_TOGETHER))
_ANY_VOWEL = re.compile("[" + "".join(_VOWELS) + "]")
_ANY_DOUBLED = re.compile("([" + "".join(_DOUBLED.values()) + r"])\1+")


def surname_sounds(keys: pl.DataFrame) -> list[pl.Series]:
    """`surname_sound` and `surname_sound_alt` of the columns `surname_key` and `surname_key_alt`."""
    first, second = _sound("surname_key"), _sound("surname_key_alt")
    return keys.select(surname_sound=first, surname_sound_alt=pl.when(first != second).then(second)).get_columns()


def _sound(column: str) -> pl.Expr:
    key = pl.col(column)
    alike = key.str.replace_many(_TOGETHER, leftmost=True)
    sound = alike.str.head(1) + alike.str.slice(1).str.replace_many(_VOWELS)
    sound = sound.str.replace_many(_DOUBLED).str.replace_many(_DOUBLED)
    return pl.when(sound.str.len_chars() >= FEWEST_SOUNDS).then(sound).otherwise(key)


def sound_of(key: str) -> str:
    """The sound of one surname key, for who compares two at a time."""
    alike = _ANY_TOGETHER.sub(lambda found: _TOGETHER[found[0]], key)
    sound = _ANY_DOUBLED.sub(r"\1", alike[:1] + _ANY_VOWEL.sub("", alike[1:]))
    return sound if len(sound) >= FEWEST_SOUNDS else key
