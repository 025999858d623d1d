"""The words of a name in capitals and small letters as people write them, from a system that knows one of both.

What has capitals and small letters already is left as it is. A letter never becomes another one.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.vocabulary.identity.initials import NO_INITIALS, SEVERAL_LETTERS
from pipeline.vocabulary.identity.particles import ARTICLES, PARTICLES

SMALL_WORDS = frozenset((*PARTICLES, *ARTICLES, "'t", "’t", "v.d.", "v/d", "'s", "’s", "h.o.d.n.", "hodn", "h/o"))
_BETWEEN_NAMES = ("ev", "e.v.", "e/v", "geb", "geb.")
_BETWEEN_PEOPLE = ("en", "of")
_NOTHING = re.compile(NO_INITIALS)
_ADDRESSED = r"(?:de\s+)?(?:dhr|heer|hr|meneer|mijnheer|mevr|mevrouw|mw|mej|mejuffrouw|drs|ir|ing|mr|dr|prof)"
_TITLES = re.compile(rf"^(?:{_ADDRESSED}\b[./\s]*)+", re.IGNORECASE)
"""Not erven, wed or fam: they say whose name it is."""
_LETTERS_LIKE_A_TITLE = re.compile(r"[DHIM]R|MEJ")
"""In a column of initials these are letters where nothing stands beside them, as the normaliser has it."""
_CALLING_NAME = re.compile(r"[^\W\d_A-Z]{2}")
_VOWELS = "aeiouyıøæœə"
_VOWEL, _CONSONANT = f"[{_VOWELS}]", f"[^{_VOWELS}]"
_NAME = re.compile(
    rf"(?=.{_CONSONANT}*{_VOWEL})(?:{_CONSONANT}?{_VOWEL}.+|(?:{_CONSONANT}{{2}}|chr|sch){_VOWEL}.+|.{{6,}})"
)
"""Letters that can be said as one word, as MEHMET can and JPMA cannot."""
_LEAST, _LEAST_APART = 4, 3
"""Three capitals alone are more often initials (JAM) than a name (JAN); beside a space initials stand apart."""
_TURKISH, _ROMANIAN = re.compile("[şğıŞĞİ]"), re.compile("[ăâîțţș]", re.IGNORECASE)
_DOTTED_LETTERS = re.compile(r"(?:\w\.)+\w?")
_ELIDED = re.compile(r"(\w['’])(\w)")
_BETWEEN_PARTS = re.compile(r"(-|(?<!\b[ehv])/)", re.IGNORECASE)


def given_names(written: str) -> str:
    """What stands in a column of initials: letters with dots, or names; a title is neither."""
    given = written.strip()
    if not _LETTERS_LIKE_A_TITLE.fullmatch(given):
        given = _TITLES.sub("", given)
    words = [word for word in re.split(r"[\s.]+", given) if word]
    if not words or _NOTHING.match(given):
        return ""
    if is_in_one_case(given) and _has_a_name(words):
        is_turkish = _is_turkish(given)
        return " ".join(_word_of_names(words, at, is_turkish=is_turkish) for at in range(len(words)))
    is_calling_name = not is_in_one_case(given) and _CALLING_NAME.search(given) and not _has_only_letters(words)
    if is_calling_name or not "".join(words).isalpha():
        return given
    is_apart = len(words) > 1 or "." in given
    if not is_apart and given.istitle() and re.search(_VOWEL, _plain(given[1:])):
        return given
    return "".join(_initial(word, is_apart=is_apart) for word in words)


def is_in_one_case(name: str) -> bool:
    """Whether a text has capitals only, or small letters only."""
    return name.isupper() or name.islower()


def in_case(name: str) -> str:
    """A surname with its capitals; each part of a double name may begin with particles."""
    if not is_in_one_case(name):
        return name
    is_turkish = _is_turkish(name)
    return "".join(_part_in_case(piece, is_turkish=is_turkish) for piece in _BETWEEN_PARTS.split(name))


def _part_in_case(part: str, *, is_turkish: bool) -> str:
    """One part of a double name; a particle with no name behind it is the name."""
    words = part.split(" ")
    is_small = [word.lower() in (*SMALL_WORDS, *_BETWEEN_NAMES) for word in words]
    if all(is_small):
        is_small[-1] = False
    return " ".join(
        word.lower() if small else _capitalised(word, is_turkish=is_turkish)
        for word, small in zip(words, is_small, strict=True)
    )


def _capitalised(word: str, *, is_turkish: bool) -> str:
    """A word with its capital, also behind d' and O'; the Dutch IJ is one letter, the Turkish ı and i are two."""
    if _DOTTED_LETTERS.fullmatch(word):
        return word.upper()
    small = (word.replace("I", "ı") if is_turkish else word).replace("İ", "i").lower()
    if small.startswith("ij"):
        return f"IJ{small[2:]}"
    elided = _ELIDED.match(small)
    if elided is not None:
        return elided[1].upper() + elided[2].upper() + small[elided.end() :]
    first = "İ" if is_turkish and small[:1] == "i" else small[:1].upper()
    return first + small[1:]


def _is_turkish(name: str) -> bool:
    return _TURKISH.search(name) is not None and _ROMANIAN.search(name) is None


def _has_a_name(words: list[str]) -> bool:
    """Whether words in one case are names, and not letters."""
    names = [len(word) for word in words if _NAME.fullmatch(_plain(word))]
    is_apart = len(words) > 1 or words[0].islower()
    return any(length >= (_LEAST_APART if is_apart else _LEAST) for length in names)


def _word_of_names(words: list[str], at: int, *, is_turkish: bool) -> str:
    """A word beside a name: a name too if it has a vowel, with particles inside; else letters."""
    word = words[at]
    if 0 < at < len(words) - 1 and word.lower() in (*SMALL_WORDS, *_BETWEEN_PEOPLE):
        return word.lower()
    if word.isalpha() and (len(word) == 1 or not re.search(_VOWEL, _plain(word))):
        return _initial(word, is_apart=True)
    return "-".join(_capitalised(part, is_turkish=is_turkish) for part in word.split("-"))


def _has_only_letters(words: list[str]) -> bool:
    """`Sj.`, `Chr.M.`: initials, also those of several letters."""
    return all(len(word) == 1 or word.lower() in SEVERAL_LETTERS for word in words)


def _initial(word: str, *, is_apart: bool) -> str:
    """The letters of a word: Th. and IJ. are one where they stand apart, Oe. where it has small letters."""
    if word.lower() in _BETWEEN_PEOPLE and is_apart:
        return f" {word.lower()} "
    if word.upper() == "IJ" and is_apart:
        return "IJ."
    is_title = word.istitle() and len(word) > 1
    if word.lower() in SEVERAL_LETTERS and (is_apart or is_title):
        return f"{word.capitalize()}."
    if is_title and re.search(_VOWEL, _plain(word[1:])):
        return f"{word}."
    return "".join(f"{letter}." for letter in word.upper())


def _plain(word: str) -> str:
    """Small letters without marks."""
    marked = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in marked if not unicodedata.combining(letter))
