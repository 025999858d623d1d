"""The columns of a partner's export, and how a header is recognised: in any order, case and spacing.

Source: the promised export format. A few common names are understood beside the promised ones, where the promised
one is absent; all other names go through mapping.toml. Columns that nobody knows are left aside and never leave.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.vocabulary.faults import Refused

COLUMNS = (
    "klantnummer",
    "voorletters",
    "voorvoegsels",
    "achternaam",
    "geboortedatum",
    "postcode",
    "huisnummer",
    "huisletter",
    "huisnummertoevoeging",
    "email",
    "telefoon",
    "bedrag",
    "maanden_achterstand",
    "ontstaansdatum",
    "signaaldatum",
    "crisissignaal",
    "crisissoort",
    "crisisdatum",
    "warme_overdracht",
    "bezwaar",
)
OBJECTION = "bezwaar"
REQUIRED = ("klantnummer", "achternaam", "postcode", "huisnummer", "bedrag", "maanden_achterstand")
REQUIRED_FOR_RETRACTION = ("klantnummer",)
ALSO_KNOWN_AS = {
    "klantnr": "klantnummer",
    "voorletter": "voorletters",
    "initialen": "voorletters",
    "voorvoegsel": "voorvoegsels",
    "tussenvoegsel": "voorvoegsels",
    "tussenvoegsels": "voorvoegsels",
    "geslachtsnaam": "achternaam",
    "geboortedat": "geboortedatum",
    "gebdatum": "geboortedatum",
    "huisnr": "huisnummer",
    "toevoeging": "huisnummertoevoeging",
    "huisnrtoevoeging": "huisnummertoevoeging",
    "emailadres": "email",
    "mailadres": "email",
    "telefoonnummer": "telefoon",
    "telefoonnr": "telefoon",
    "maandenachterstand": "maanden_achterstand",
    "warmeoverdracht": "warme_overdracht",
}
_BY_SQUEEZED = {column.replace("_", ""): column for column in COLUMNS}
_BSN_HEAD = re.compile(r"burgerservice|bsn|sofin|(?:gba|brp)?anummer$")
_BSN_WORDS = (
    "bsn",
    "burgerservicenummer",
    "burgerservicenr",
    "sofinummer",
    "sofinr",
    "sofi",
    "bsnnummer",
    "bsnnr",
)


def required_columns(kind: str) -> tuple[str, ...]:
    """The columns that an export of this kind of delivery cannot do without."""
    return REQUIRED_FOR_RETRACTION if kind == "retraction" else REQUIRED


def squeezed(name: str) -> str:
    """A header without case, spaces and signs."""
    return re.sub(r"[\W_]+", "", name.casefold())


def names_bsn(name: str) -> bool:
    """Whether a header says that its column holds citizen service numbers, or the A-nummer of the BRP."""
    words = re.split(r"[\W_\d]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold())
    bare = squeezed(name)
    return any(word in _BSN_WORDS for word in (*words, bare)) or _BSN_HEAD.match(bare) is not None


def recognise(header: Sequence[str], own_names: Mapping[str, str]) -> list[str | None]:
    """The promised name of each header cell; None for a column that is left aside.

    Args:
        header: the cells as they stand.
        own_names: promised column → the partner's own name for it (mapping.toml).

    Raises:
        Refused: COLUMN_DUPLICATE; MAPPING_INVALID when an own name is not in the header.
    """
    cells = [squeezed(cell) for cell in header]
    missing = next((column for column, own in own_names.items() if squeezed(own) not in cells), None)
    if missing is not None:
        raise Refused("MAPPING_INVALID", missing)
    names = promised_names(header, own_names)
    twice = next((name for name in names if name is not None and names.count(name) > 1), None)
    if twice is not None:
        raise Refused("COLUMN_DUPLICATE", twice)
    return names


def promised_names(header: Sequence[str], own_names: Mapping[str, str]) -> list[str | None]:
    """What `recognise` makes of a header, without refusing it: a name may be absent, or stand twice."""
    cells = [squeezed(cell) for cell in header]
    mapped = {squeezed(own): column for column, own in own_names.items()}
    promised = {name: column for name, column in _BY_SQUEEZED.items() if column not in own_names}
    return _with_other_names(cells, [mapped.get(cell) or promised.get(cell) for cell in cells])


def _with_other_names(cells: Sequence[str], names: Sequence[str | None]) -> list[str | None]:
    found = [ALSO_KNOWN_AS.get(cell) if name is None else name for cell, name in zip(cells, names, strict=True)]
    return [
        name if known is not None or name not in names else None for name, known in zip(found, names, strict=True)
    ]


def unclear_objection(header: Sequence[str], names: Sequence[str | None]) -> str | None:
    """What a column is called that seems to say who objected, where none is taken as that.

    Left aside, or taken for another, it would send along people who refused; the partner must say what it means.
    """
    if OBJECTION in names:
        return None
    unclear = (place for place, cell in enumerate(header, start=1) if OBJECTION in squeezed(cell))
    return next((safe_name(header[place - 1], place) for place in unclear), None)


def safe_name(cell: str, place: int) -> str:
    """How a column is called in a refusal: its promised name, else its place. A header may hold anything."""
    bare = squeezed(cell)
    return _BY_SQUEEZED.get(bare) or ALSO_KNOWN_AS.get(bare) or f"kolom {place}"


def recognised_count(header: Sequence[str], own_names: Mapping[str, str]) -> int:
    """How many cells of a line are the names of columns; it refuses nothing."""
    known = {*_BY_SQUEEZED, *ALSO_KNOWN_AS, *(squeezed(own) for own in own_names.values())}
    return len({squeezed(cell) for cell in header} & known)
