"""Words in a name column that are not the name: particles, titles, trades, stand-ins; as data.

Particles follow table 36 of the Dutch population register and the forms systems make of them. They carry no
identity: one system drops what another writes, so the key of a surname never holds them.
"""

from __future__ import annotations

PARTICLES = (
    *("van", "vande", "vanden", "vander", "vant", "vanhet", "vd", "vdr", "de", "der", "den", "des", "het"),
    *("te", "ten", "ter", "tot", "toe", "tho", "op", "in", "aan", "bij", "uit", "onder", "over", "voor", "von"),
    *("vom", "vor", "zu", "zum", "zur", "am", "auf", "aus", "im", "unter", "la", "las", "le", "les", "lo", "los"),
    *("da", "das", "dal", "do", "dos", "du", "di", "del", "della", "dela", "degli", "dei", "don", "af", "ver"),
)
# Written apart, glued on or dropped: they count as part of the name in the second reading.
ARTICLES = ("el", "al", "ben", "ait", "bou", "bin", "ibn", "abu", "abou", "oulad", "ould")
# Belong to the next word, however they are written.
JOINED_PREFIXES = ("mc", "mac", "st", "sint", "saint", "abdel", "abdul", "abdoul")
# Often glued to the name. The first group is taken off; of the second both readings are kept.
GLUED_SURE = ("vander", "vanden", "vande", "vanhet", "vant", "van", "vd")
GLUED_PERHAPS = (
    *("opden", "opde", "opt", "inden", "inde", "int", "aande", "uitden", "uitde", "dela", "delos", "den", "der"),
    *("de", "ten", "ter", "te", "op", "la", "le", "el", "al", "dos", "da", "di", "du", "do", "von", "zu"),
)
SALUTATIONS = (
    *("dhr", "heer", "hr", "meneer", "mijnheer", "mevr", "mevrouw", "mw", "mej", "mejuffrouw"),
    *("drs", "ir", "ing", "mr", "dr", "prof", "fam", "familie", "erven", "erve", "wed", "weduwe", "wijlen"),
)
BEHIND_A_NAME = (
    *("overleden", "overl", "bewindvoerder", "bewind", "curator", "jr", "sr", "jnr", "snr", "junior", "senior"),
)
# Between the names of two people, or the two names of one.
BETWEEN_NAMES = (
    *("ev", "geb", "geboren", "gesch", "gehuwd", "echtgenote", "echtgenoot", "cs", "eo", "en", "of", "inz"),
)
TITLES = (*SALUTATIONS, *BEHIND_A_NAME, *BETWEEN_NAMES)
TRADES = (
    *(
        "bakkerij",
        "slagerij",
        "kapsalon",
        "garage",
        "salon",
        "studio",
        "praktijk",
        "rijschool",
        "cafe",
        "restaurant",
        "eetcafe",
        "cafetaria",
    ),
    *("snackbar", "atelier", "bloemenhuis", "bloemisterij", "eenmanszaak", "kwekerij", "boerderij"),
    *("schoonmaak", "webdesign", "webshop", "fotografie", "transport", "montage", "onderhoud", "taxi", "coaching"),
    *("eethuis", "fietsen", "klussen", "stukadoor", "nagelstudio", "hovenier"),
    *(
        "webwinkel",
        "boekwinkel",
        "kledingwinkel",
        "schoenenwinkel",
        "speelgoedwinkel",
        "fietsenwinkel",
        "dierenwinkel",
    ),
    *("bloemenwinkel", "kaaswinkel", "woonwinkel", "cadeauwinkel", "buurtwinkel", "kringloopwinkel"),
    *("drukkerij", "stoffeerderij", "rijwielen", "fietsenmaker", "consultancy", "advies", "zn", "zonen"),
)
TRADE_ENDINGS = (
    *(
        "bedrijf",
        "praktijk",
        "salon",
        "handel",
        "kantoor",
        "bureau",
        "onderneming",
        "studio",
        "service",
        "services",
    ),
    *(
        "dienst",
        "design",
        "fotografie",
        "diensten",
        "werken",
        "techniek",
        "makelaardij",
        "advies",
        "reparatie",
    ),
)
NO_NAMES = (
    *("onbekend", "onbekende", "unknown", "nvt", "nb", "nn", "nnb", "xx", "xxx", "xxxx", "bewoner", "bewoners"),
    *("hoofdbewoner", "leegstand", "leeg", "klant", "naam", "achternaam", "geennaam", "anoniem", "test"),
)


def any_of(words: tuple[str, ...]) -> str:
    """A regular expression that matches one of the words, longest first."""
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"
