"""Municipalities, wijken, buurten and addresses that do not exist.

Codes lie above those in use (GM9901 and on). Postcodes keep to the field rule but hold a letter that the
postcodes of that corner of the country do not use, so they are practically never anybody's.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl

from pipeline.practice.chance import Chance, Ids

FIRST_GEMEENTE = 9901
MOST_MUNICIPALITIES = 20
MUNICIPALITY_NAMES = (
    "Oost-Waardlanden",
    "Lindemeer",
    "Veenhuizerland",
    "Kromme Made",
    "Rietwaard",
    "Hooge Venne",
    "Zilverdijk",
    "Molenkwartier",
    "De Twee Oevers",
    "Eikenbroek",
    "Noorderhagen",
    "Wilgenoord",
    "Sluisdrecht",
    "Westermade",
    "Duinvoorde",
    "Ganzenweide",
    "Laagland aan de Lee",
    "Heiderbroek",
    "Steenwaarde",
    "Overmeer",
)
WIJK_NAMES = (
    "Centrum",
    "Waterkant",
    "Molenbuurt",
    "Vogelwijk",
    "De Hoven",
    "Stationskwartier",
    "Bloemenwijk",
    "Oostrand",
    "Nieuw-Made",
    "Componistenwijk",
    "De Weiden",
    "Zuiderpark",
    "Havenkwartier",
    "Oude Dorp",
    "Kruidenwijk",
    "De Terpen",
)
HOUSEHOLDS_PER_WIJK = 4_000
FEWEST_WIJKEN, MOST_WIJKEN = 4, 99
BUURTEN_PER_WIJK = 4
ADDRESSES_PER_PC6 = (10, 24)
SHARED_NUMBER_BLOCKS = 0.3
SPLIT_HOUSES = 0.05

_RARE_LETTERS = set("FIOQUY")
LETTER_PAIRS = np.array(
    [a + b for a, b in product(string.ascii_uppercase, repeat=2) if _RARE_LETTERS & {a, b}], dtype="U2"
)
_POSTCODE4 = np.array([block * 100 + place for block in range(99, 9, -1) for place in range(1, 100)])
ADDITION_STYLES = (
    ("letter", ("A", "B", "C", "D")),
    ("addition", ("hs", "I", "II", "III")),
    ("addition", ("1", "2", "3", "4")),
    ("addition", ("", "bis", "A2", "bov")),
)

Wijk = tuple[str, str, tuple[str, ...]]
"""Code, name and four-digit postcodes."""


@dataclass(frozen=True)
class Places:
    """Every address of the region, and the codes and names of its areas."""

    addresses: pl.DataFrame  # municipality, gemeente, wijk, buurt, postcode, number, letter, addition
    municipality_names: tuple[str, ...]
    neighbours: Ids  # per address another one of the same postcode, where there is one

    @property
    def gemeentecodes(self) -> tuple[str, ...]:
        """The code of each municipality, as `GM9901`."""
        return tuple(f"GM{FIRST_GEMEENTE + place}" for place in range(len(self.municipality_names)))

    def wijken(self, municipality: int) -> list[Wijk]:
        """Code, name and four-digit postcodes of each wijk of a municipality."""
        frame = (
            self.addresses.filter(pl.col("municipality") == municipality)
            .group_by("wijk")
            .agg(pl.col("postcode").str.slice(0, 4).unique().sort())
            .sort("wijk")
        )
        return [
            (f"WK{wijk:06d}", wijk_name(place), tuple(postcodes))
            for place, (wijk, postcodes) in enumerate(frame.iter_rows())
        ]

    def areas(self) -> pl.DataFrame:
        """The table postcode + house number → area, in the layout of the CBS: whole numbers, no house letter."""
        return (
            self.addresses.select(
                PC6="postcode", Huisnummer="number", Buurt2025="buurt", Wijk2025="wijk", Gemeente2025="gemeente"
            )
            .unique(maintain_order=False)
            .sort("PC6", "Huisnummer")
        )


def wijk_name(place: int) -> str:
    """A name for the n-th wijk of a municipality."""
    around, name = divmod(place, len(WIJK_NAMES))
    return WIJK_NAMES[name] if around == 0 else f"{WIJK_NAMES[name]} {around + 1}"


def build_places(chance: Chance, count: int, municipalities: int) -> Places:
    """So many addresses, spread over municipalities, wijken, buurten and postcodes."""
    municipality = _spread(chance, "municipality", count, municipalities)
    sizes = np.bincount(municipality, minlength=municipalities)
    wijk_counts = np.clip(np.round(sizes / HOUSEHOLDS_PER_WIJK), FEWEST_WIJKEN, MOST_WIJKEN).astype(np.int64)
    wijk = np.zeros(count, dtype=np.int64)
    for place, wijken in enumerate(wijk_counts):
        here = municipality == place
        wijk[here] = _spread(chance, f"wijk/{place}", int(here.sum()), int(wijken))
    gemeente = FIRST_GEMEENTE + municipality
    wijkcode = gemeente * 100 + wijk + 1
    buurt = (_rank_within(wijkcode) * BUURTEN_PER_WIJK) // np.bincount(wijkcode)[wijkcode] + 1
    buurtcode = wijkcode * 100 + buurt
    block, place_in_block = _blocks(chance, buurtcode)
    return Places(
        addresses=_addresses(chance, gemeente, wijkcode, buurtcode, block, place_in_block),
        municipality_names=MUNICIPALITY_NAMES[:municipalities],
        neighbours=_neighbours(block),
    )


def _spread(chance: Chance, name: str, count: int, parts: int) -> Ids:
    """Cut a run of addresses into parts of unlike size, in order."""
    weights = 0.6 + chance.uniform(f"{name}/size", np.arange(parts, dtype=np.int64))
    edges = np.floor(np.cumsum(weights) / weights.sum() * count).astype(np.int64)
    return np.searchsorted(edges, np.arange(count), side="right").clip(max=parts - 1).astype(np.int64)


def _rank_within(group: Ids) -> Ids:
    """The place of each element in its run; equal values stand together."""
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    lengths = np.diff(np.r_[starts, len(group)])
    return np.arange(len(group), dtype=np.int64) - np.repeat(starts, lengths)


def _blocks(chance: Chance, buurtcode: Ids) -> tuple[Ids, Ids]:
    """The postcode block of each address, numbered through the region, and its place in the block."""
    size = chance.whole("addresses per postcode", *ADDRESSES_PER_PC6, buurtcode)
    rank = _rank_within(buurtcode)
    begins = (rank % size) == 0
    return np.cumsum(begins) - 1, rank % size


def _neighbours(block: Ids) -> Ids:
    """The next address of the same block, else the one before, else the address itself."""
    ids = np.arange(len(block), dtype=np.int64)
    following, former = np.minimum(ids + 1, len(block) - 1), np.maximum(ids - 1, 0)
    return np.where(block[following] == block, following, np.where(block[former] == block, former, ids))


def _addresses(
    chance: Chance, gemeente: Ids, wijkcode: Ids, buurtcode: Ids, block: Ids, place: Ids
) -> pl.DataFrame:
    shares_number = chance.happens("flat", SHARED_NUMBER_BLOCKS, block)
    style = chance.whole("addition style", 0, len(ADDITION_STYLES) - 1, block)
    is_split = ~shares_number & (place > 0) & chance.happens("split house", SPLIT_HOUSES, np.arange(len(block)))
    step = np.where(shares_number, place // 4, place - is_split)
    number = (
        chance.whole("first number", 0, 60, block) * 2 + 1 + chance.whole("odd or even", 0, 1, block) + 2 * step
    )
    position = np.where(shares_number, place % 4, 0)
    letters, additions = (
        np.array([[text if kind == wanted else "" for text in texts] for kind, texts in ADDITION_STYLES])
        for wanted in ("letter", "addition")
    )
    return pl.DataFrame(
        {
            "municipality": gemeente - FIRST_GEMEENTE,
            "gemeente": gemeente,
            "wijk": wijkcode,
            "buurt": buurtcode,
            "postcode": _postcodes(wijkcode, block)[block],
            "number": number,
            "letter": np.where(is_split, "A", np.where(shares_number, letters[style, position], "")),
            "addition": np.where(shares_number, additions[style, position], ""),
        }
    )


def _postcodes(wijkcode: Ids, block: Ids) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """One postcode for each block; the four digits belong to one wijk."""
    first_of_block = np.flatnonzero(np.r_[True, block[1:] != block[:-1]])
    wijk_of_block = wijkcode[first_of_block]
    rank = _rank_within(wijk_of_block)
    is_new = (rank % len(LETTER_PAIRS)) == 0
    digits = _POSTCODE4[np.cumsum(is_new) - 1].astype("U4")
    return np.char.add(digits, LETTER_PAIRS[rank % len(LETTER_PAIRS)])
