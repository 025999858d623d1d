"""What systems and people make of one text in the hard set: spellings, lost letters, trades, additions.

Each takes a text and a number between 0 and 1 that chooses among the ways there are.
"""

from __future__ import annotations

import unicodedata

SPELLINGS = (
    *(("ij", "y"), ("y", "ij"), ("ss", "s"), ("s", "z"), ("z", "s"), ("ck", "k"), ("c", "k"), ("k", "c")),
    *(("ei", "ij"), ("ij", "ei"), ("uy", "ui"), ("ui", "uy"), ("dt", "d"), ("d", "dt"), ("ch", "g"), ("ph", "f")),
    *(("ae", "aa"), ("oo", "o"), ("ou", "au"), ("v", "f"), ("nn", "n"), ("ks", "x"), ("j", "i"), ("ß", "ss")),
)
LETTERS = str.maketrans({"ı": "i", "İ": "I", "ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "đ": "d"})
UMLAUTS = str.maketrans({"ö": "oe", "ü": "ue", "ä": "ae", "Ö": "Oe", "Ü": "Ue", "Ä": "Ae", "ß": "ss"})
TRADES = (
    *("Kapsalon", "Schoonmaakbedrijf", "Garage", "Klusbedrijf", "Eethuis", "Taxi", "Schildersbedrijf", "Bloemen"),
    *(
        "Fietsen",
        "Nagelstudio",
        "Stukadoorsbedrijf",
        "Cafetaria",
        "Administratiekantoor",
        "Hoveniersbedrijf",
        "Bouw",
    ),
)
BESIDE_A_NAME = (
    *("Dhr. {name}", "Mevr. {name}", "Fam. {name}", "{name} jr.", "{name} (overl.)", "{name} BEWINDVOERDER"),
    *("{name}, {initials}", "{initials} {name}", "{name} p/a Stichting De Haven"),
)
ADDITIONS = {
    "hs": ("HS", "huis", "H", "beg.gr"),
    "II": ("2", "2hg", "2-hoog", "2e"),
    "2": ("II", "2 hoog", "0002"),
    "1": ("I", "1 hoog", "1e", "0001", "eerste verdieping"),
    "bov": ("boven", "BV"),
}


def _one_of(ways: tuple[str, ...], where: float) -> str:
    return ways[int(where * len(ways))]


def without_marks(text: str, where: float) -> str:
    """Diacritics dropped; now and then the dots become an e."""
    if where < 0.15:
        text = text.translate(UMLAUTS)
    plain = unicodedata.normalize("NFD", text.translate(LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def spelt_otherwise(name: str, where: float) -> str:
    """One sound written in another way, behind the first letter."""
    ways = [(one, other) for one, other in SPELLINGS if one in name[1:]]
    if not ways:
        return name
    one, other = ways[int(where * len(ways))]
    return name[0] + name[1:].replace(one, other, 1)


def as_trader(name: str, initials: str, where: float) -> str:
    """A person who trades under a name, as one text."""
    trade = TRADES[int(where * 97) % len(TRADES)]
    dotted = "".join(f"{letter}." for letter in initials)
    ways = (
        *(f"{trade} {name}", f"{name} {trade}", f"{dotted} {name} h.o.d.n. {trade} {name}"),
        *(f"{name} h/o {trade}", f"{trade} {dotted} {name}", f"{name}, {dotted} t.h.o.d.n. {trade}"),
    )
    return _one_of(ways, where)


def with_a_word_beside(name: str, initials: str, where: float) -> tuple[str, str]:
    """A title, a note or the initials in the surname's column, and what is left of the initials."""
    way = _one_of(BESIDE_A_NAME, where)
    dotted = "".join(f"{letter}." for letter in initials)
    return way.format(name=name, initials=dotted).strip(" ,"), "" if "{initials}" in way else initials


def addition_otherwise(addition: str, where: float) -> str:
    """Another notation of one addition."""
    return _one_of(ADDITIONS.get(addition, (addition.swapcase(),)), where)
