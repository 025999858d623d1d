"""What a team reports back, in the terms of DDAS-Vroegsignalering 1.2, and what a partner may learn of it."""

from __future__ import annotations

CONTACT_TYPES = (
    "Administratief",
    "Afspraak op locatie",
    "Brief",
    "Huisbezoek",
    "Kaartje",
    "Mail",
    "SMS/Whatsapp",
    "Telefoon",
    "Overige",
    "Onbekend",
)
PERSONAL_CONTACT_TYPES = ("Telefoon", "Huisbezoek", "Afspraak op locatie")
PARTS_OF_DAY = ("Ochtend", "Middag", "Avond")
SIGNAL_STATUSES = (
    "Nog niet opgepakt",
    "Opgepakt",
    "Inwoner al bekend bij schuldhulpverlening",
    "Inwoner is overleden",
    "Persoon is geen inwoner (meer) in de gemeente",
    "Niet opgepakt: herhaalde melding",
    "Niet opgepakt: onterecht signaal",
    "Niet opgepakt: andere reden",
)
END_RESULTS = (
    "(Budget)advies en/of quick fix",
    "Definitief geen contact kunnen krijgen",
    "Geen reactie na eerder contact",
    "Inwoner al bekend bij schuldhulpverlening",
    "Inwoner heeft al een ander lopend traject",
    "Inwoner heeft zelf al betaald/betalingsregeling getroffen",
    "Inwoner is overleden",
    "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
    "Niet opgepakt: andere reden",
    "Niet opgepakt: herhaalde melding",
    "Niet opgepakt: onterecht signaal",
    "Persoon is geen inwoner (meer) in de gemeente",
    "Vervolghulp en/of verwijzing",
    "Vervolghulp en/of verwijzing financieel",
    "Vervolghulp en/of verwijzing niet financieel",
    "Verwijzing zonder tussenkomst inwoner",
)
REOPEN = "Zaak weer openen: resultaat klopte niet"
"""Chosen instead of an end result; DDAS does not know it, and it is never kept as a result."""
RESULT_CHOICES = (*END_RESULTS, REOPEN)
WITHDRAWN_REACHED = "Vergissing: was Ja"
WITHDRAWN_NOT_REACHED = "Vergissing: was Nee"
"""Chosen at "Bereikt" to take back an attempt that was written down by mistake; DDAS does not know them."""
CRISIS_KINDS = ("eindelevering", "afsluiting", "ontruiming")

FEEDBACK_CODES = (
    "herhaling",
    "onterecht",
    "overleden",
    "geen_inwoner",
    "bekend_bij_schuldhulp",
    "opgepakt",
    "hulp_aanvaard",
    "niet_opgepakt",
)


def is_contact(contact_type: str, is_reached: bool) -> bool:
    """Whether an attempt counts as the contact that a term asks for: in person, or somebody was reached."""
    return is_reached or contact_type in PERSONAL_CONTACT_TYPES
