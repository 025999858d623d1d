"""One book of surnames and first names, with how often each is drawn.

Common names are listed; beneath them lies a long tail of compounds, as in the Dutch register, where a few names
are very common and most are rare. So the number of namesakes grows with the population, and not because a list
ran out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import polars as pl

from pipeline.practice import first_names, surnames_abroad, surnames_dutch
from pipeline.practice.chance import Chance, Floats, Ids, pick_by_weight

WOMAN, MAN = 0, 1
DUTCH, TURKISH, MOROCCAN, SURINAMESE, POLISH, ANTILLEAN, ARABIC_AND_AFRICAN, EUROPEAN_AND_ASIAN = range(8)
ORIGINS = (
    "dutch",
    "turkish",
    "moroccan",
    "surinamese",
    "polish",
    "antillean",
    "arabic_and_african",
    "european_and_asian",
)
ORIGIN_SHARES = (0.745, 0.045, 0.045, 0.04, 0.025, 0.02, 0.035, 0.045)
COMMON_SHARE = {DUTCH: 0.42}
COMMON_SHARE_ELSEWHERE = 0.6


@dataclass(frozen=True)
class NameBook:
    """Surnames and first names as columns; a person holds positions in them."""

    surnames: pl.DataFrame  # particle, core, core_woman
    first: pl.DataFrame  # register, calling
    surname_spans: tuple[tuple[int, int, int], ...]  # per origin: first common, first rare, end
    first_spans: tuple[tuple[tuple[int, int], ...], ...]  # per sex, per origin: begin, end

    def draw_surnames(self, chance: Chance, name: str, origins: Ids, *ids: Ids) -> Ids:
        """A surname for each id, from its origin."""
        is_common = chance.uniform(f"{name}/common", *ids)
        uniform = chance.uniform(name, *ids)
        drawn = np.zeros(len(origins), dtype=np.int64)
        for origin, (common, rare, end) in enumerate(self.surname_spans):
            here = origins == origin
            share = COMMON_SHARE.get(origin, COMMON_SHARE_ELSEWHERE)
            listed = here & (is_common < share)
            drawn[listed] = common + pick_by_weight(uniform[listed], _falling(rare - common, 8, 0.6))
            tail = here & ~listed
            drawn[tail] = rare + np.floor(uniform[tail] ** 2 * (end - rare)).astype(np.int64)
        return drawn

    def draw_first_names(self, chance: Chance, name: str, origins: Ids, sexes: Ids, *ids: Ids) -> Ids:
        """A first name for each id, from its origin and sex."""
        uniform = chance.uniform(name, *ids)
        drawn = np.zeros(len(origins), dtype=np.int64)
        for sex, origin in product((WOMAN, MAN), range(len(ORIGINS))):
            begin, end = self.first_spans[sex][origin]
            here = (origins == origin) & (sexes == sex)
            drawn[here] = begin + pick_by_weight(uniform[here], _falling(end - begin, 4, 0.7))
        return drawn


@cache
def name_book() -> NameBook:
    """The one name book; it is the same for every seed."""
    surnames: list[tuple[str, str]] = []
    spans: list[tuple[int, int, int]] = []
    for origin, label in enumerate(ORIGINS):
        common, rare = _dutch_surnames() if origin == DUTCH else _surnames_from(label)
        spans.append((len(surnames), len(surnames) + len(common), len(surnames) + len(common) + len(rare)))
        surnames += [*common, *rare]
    first: list[str] = []
    first_spans: list[tuple[tuple[int, int], ...]] = []
    for suffix in ("WOMEN", "MEN"):
        row = []
        for label in ORIGINS:
            names = getattr(first_names, f"{label.upper()}_{suffix}").split()
            row.append((len(first), len(first) + len(names)))
            first += names
        first_spans.append(tuple(row))
    return NameBook(
        surnames=_surname_frame(surnames, spans[POLISH]),
        first=pl.DataFrame({"both": first}).select(
            register=pl.col("both").str.split(":").list.first().str.replace_all("-", " "),
            calling=pl.col("both").str.split(":").list.last(),
        ),
        surname_spans=tuple(spans),
        first_spans=tuple(first_spans),
    )


def _surname_frame(surnames: Sequence[tuple[str, str]], polish: tuple[int, int, int]) -> pl.DataFrame:
    frame = pl.DataFrame(surnames, schema=["particle", "core"], orient="row").with_row_index("surname_no")
    is_polish = pl.col("surname_no").is_between(polish[0], polish[2] - 1)
    feminine = pl.col("core").str.replace(r"([sc]|dz)ki$", "${1}ka")
    return frame.select("particle", "core", core_woman=pl.when(is_polish).then(feminine).otherwise("core"))


def _falling(count: int, flat: int, power: float) -> Floats:
    """Weights that fall with the place in a list, slowly at its head."""
    return (np.arange(count, dtype=np.float64) + flat) ** -power


def _listed(text: str) -> list[tuple[str, str]]:
    """Names in order, each once, cut into particle and core at the first capital."""
    names = dict.fromkeys(name.strip() for name in text.replace("\n", " ").split(","))
    return [split_particle(name) for name in names if name]


def split_particle(name: str) -> tuple[str, str]:
    """`van den Berg` is `van den` and `Berg`; `d'Hondt` is one name."""
    words = name.split(" ")
    lower = next((place for place, word in enumerate(words) if word[:1].isupper() or "'" in word[1:]), 0)
    return " ".join(words[:lower]), " ".join(words[lower:])


def _dutch_surnames() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    chance = Chance(0)
    cores = [stem + ending for stem, ending in product(_words("STEMS"), _words("ENDINGS"))]
    cores = [cores[place] for place in chance.order("dutch tail", len(cores))]
    ids = np.arange(len(cores), dtype=np.int64)
    weights = [weight for _, weight in surnames_dutch.TAIL_PARTICLES]
    usual, other = (chance.pick(f"particle/{kind}", weights, ids) for kind in ("usual", "other"))
    particles = [particle for particle, _ in surnames_dutch.TAIL_PARTICLES]
    tail = [(particles[usual[place]], core) for place, core in enumerate(cores)]
    tail += [(particles[other[place]], core) for place, core in enumerate(cores[:12_000])]
    tail += [("", f"{prefix} {core}") for core in cores[:1_000] for prefix in surnames_dutch.FARM_PREFIXES]
    common = _listed(surnames_dutch.COMMON)
    return common, [name for name in dict.fromkeys(tail) if name not in set(common)]


def _words(name: str) -> list[str]:
    return list(dict.fromkeys(getattr(surnames_dutch, name).split()))


def _surnames_from(label: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    stems, endings = getattr(surnames_abroad, f"{label.upper()}_PARTS")
    common = _listed(getattr(surnames_abroad, label.upper()))
    tail = [("", _joined(stem, ending)) for stem, ending in product(stems.split(), endings.split())]
    tail = [tail[place] for place in Chance(0).order(f"{label} tail", len(tail))]
    return common, [name for name in dict.fromkeys(tail) if name not in set(common)]


def _joined(stem: str, ending: str) -> str:
    """A stem that ends in `|` stands apart from what follows."""
    return f"{stem[:-1]} {ending.capitalize()}" if stem.endswith("|") else stem + ending
