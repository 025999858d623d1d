"""First names that a partner wrote in full, and whether those of two partners contradict each other.

Tokens and initials know one letter of a name. Johannes and Jeroen have the same one, and so have many fathers
and sons, husbands and wives. Where both partners wrote the name, it counts, unless one is the beginning of the
other, a typing error away, or a usual name for it. One that begins with a letter or an abbreviation (J. Maria) is
no name in full, and neither is a short word in capitals, which may as well be initials.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from pipeline.revealed.near_names import are_alike, is_misspelt
from pipeline.vocabulary.identity.letters import mended, plain_letters
from pipeline.vocabulary.identity.particles import ARTICLES, PARTICLES, TITLES

GivenNames = tuple[str, ...]
"""In lower case, in order; of several words the last is all of them in one piece. Empty when none is known."""

FEWEST_LETTERS = 2
FEWEST_IN_ONE_CASE = 5
USUAL_NAMES = """
adriaan adrianus adri ad arie aad | adriana adriaantje ada adri | albertus albert ab appie | alexander alex |
antonius anton antoon antonie anthony antoine | antonia antoinette anny annie | bernardus bernard bernd ben
bennie | bartholomeus bart barend bas | catharina cathrien cato corrie caroline | christiaan christianus chris
chriet | christina christine chris christien | cornelis cornelius cor cees | cornelia cor corrie conny corry |
dirk dick dirkje | dorothea dora doortje dorien | elisabeth els elly elsje | everardus evert everhard |
franciscus frans francis frank | francisca francien fransje | frederik freek fred frits frederikus | gerardus
gerard gerrit ger geert gerhard | geertruida geertje gerda gerrie | gijsbertus gijsbert gijs | gerritje gerrie
gerda | hendrikus hendricus hendrik henricus henk hein hennie henry henri han harrie harry | hendrika henriette
hennie hetty henny | hubertus hubert huub | helena heleen hella | jacobus jacob jaap jaco jacco jack | jacoba
jacqueline jacky | johannes johan jan joop jo johnny john jannes jos joannes | johanna joanna jo joke jannie
janny jopie janna jeanne johanneke | josephus jozef joseph joep jos | josephina josefina josien josephine jose |
lambertus lambert lammert | leonardus leonard leo lennard leen | lucas luuk luc lukas | margaretha margriet |
marga margot marja margreet | maria marie mia mieke marijke marieke marja marjan mariette mimi marian miep |
marianne marjan marian | martinus martin maarten marten | matheus matthijs mathijs mattheus mat math | nicolaas
niek nico nicolas | paulus paul pauwel | pauline paulina paula | petrus pieter piet peter pierre per |
petronella petra pietje pieternella | reinier rein reinder renier | robert rob robbert | rudolf ruud roelof rolf
| sebastiaan sebas | stephanus stefan steven stephan | theodorus theo theodoor thed | thomas tom tommy |
wilhelmus willem wim will willy wil | wilhelmina wil willy willemina willemijn wilma | ahmed ahmad achmed ahmet
| aleksandra alexandra ala | abdullah abdoullah abdalla abdul | fatima fatma fatimah fatna fadma | hussein
husein huseyin hossein hussain hoessein | ismail ismael ismaiel | malgorzata malgosia | mohammed mohamed
muhammad muhammed mohamad mohamud mo muhamed moh | mustafa mostafa moustafa mus | oleksandr olek oleksander |
serhii sergej sergei serhiy sergey serge | yusuf yousef youssef yussuf yosef | yuliia yulia | zeynep zeinab
zaynab zainab
"""
"""Names with one first letter that are in use for one another: in the papers, and as one is called.

Common knowledge of names, learned from nobody's records; a name that is missing here costs a question more.
"""

_GROUPS = tuple(frozenset(group.split()) for group in USUAL_NAMES.split("|"))
_USUAL = frozenset().union(*_GROUPS)
_NO_NAMES = frozenset((*TITLES, *PARTICLES, *ARTICLES, "fnu", "lnu", "onbekend", "onb", "unknown", "geen"))
_WORD = re.compile(r"([^\W\d_]+)(\.?)")
_VOWEL = re.compile("[aeiouy]", re.IGNORECASE)
_DOUBLED = re.compile(r"([b-df-hj-np-tv-xz])\1")


def given_names(people: pl.DataFrame, initials: Sequence[str | None]) -> list[GivenNames]:
    """What is written in full in `initials`, or, where that is empty, behind a comma in `surname`.

    Args:
        people: at least these two columns.
        initials: the letters that the normaliser reads, of which the first must be that of the name.
    """
    written = mended(people.select("initials", "surname")).select(plain_letters(pl.all()))
    found = []
    for (beside, surname), letters in zip(written.iter_rows(), initials, strict=True):
        names = names_in((beside or "").strip() or (surname or "").partition(",")[2])
        found.append(names if names and names[0][:1] == (letters or "")[:1] else ())
    return found


def names_in(text: str) -> GivenNames:
    """The names that a text begins with, without titles; none where its first word is not one in full."""
    words = [(word, dot) for word, dot in _WORD.findall(text.replace("'", "")) if word.lower() not in _NO_NAMES]
    if not words or not _is_name(*words[0]):
        return ()
    names = tuple(word.lower() for word, dot in words if _is_name(word, dot))
    return (*names, "".join(word.lower() for word, _ in words)) if len(words) > 1 else names


def _is_name(word: str, dot: str) -> bool:
    if dot or len(word) < FEWEST_LETTERS or not _VOWEL.search(word):
        return False
    if not (word.isupper() or word.islower()) or len(word) >= FEWEST_IN_ONE_CASE:
        return True
    return len(word) > FEWEST_LETTERS and word.lower() in _USUAL


def contradict(one: GivenNames, other: GivenNames) -> bool:
    """Whether two people are meant: both names are written in full, and neither may be one of the other's.

    A later name that both have (Johannes Maria, Jeroen Maria) does not make them one.
    """
    return bool(one and other) and not (_is_among(one, other) or _is_among(other, one))


def _is_among(names: GivenNames, others: GivenNames) -> bool:
    """Whether the first of the names, or all in one piece, may be one of the others."""
    return any(_may_be_one(name, other) for name in (names[0], names[-1]) for other in others)


def _may_be_one(one: str, other: str) -> bool:
    if one.startswith(other) or other.startswith(one) or is_misspelt(one, other):
        return True
    return any(one in group and other in group for group in _GROUPS)


def stand_in(names: GivenNames, surnames: tuple[str, ...]) -> bool | None:
    """Whether a first name is the other partner's surname, as where the two stand in each other's place.

    None where no name is written in full.
    """
    if not names:
        return None
    return any(are_alike(_DOUBLED.sub(r"\1", name), surname) for name in names for surname in surnames)
