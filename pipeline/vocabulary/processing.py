"""Words of the processing log (Logboek Dataverwerkingen): one line per processing per data subject, no user data.

A data subject is written as a hash of a signal's name. The signal id in it is 128 bits that only its partner can
make again, so nobody gets from the hash to a person; whoever has the signal id from the partner finds its lines.
The log outlives the signal, and holds no id of it.

Every contact that is opened because somebody used a right has a line COMPARE, before it is opened. Once it proves
to be about who asked, and the request was answered, it has the line of that right too. So no line says of a right
that somebody else used it, and none that a right was used when the request was refused.
"""

from __future__ import annotations

import hashlib

ADMIT = "admit"
OPEN = "open"
DISCLOSE = "disclose"
FEED_BACK = "feed_back"
REPORT = "report"
COMPARE = "compare"
ACCESS = "access"
OBJECT = "object"
CORRECT = "correct"
ERASE = "erase"

ACTIVITIES: dict[str, str] = {
    ADMIT: "vroegsignalering/ontvangen",
    OPEN: "vroegsignalering/openen",
    DISCLOSE: "vroegsignalering/verstrekken-aan-wijkteam",
    FEED_BACK: "vroegsignalering/terugkoppelen",
    REPORT: "vroegsignalering/leveren-voor-statistiek",
    COMPARE: "rechten-van-betrokkenen/vergelijken",
    ACCESS: "rechten-van-betrokkenen/inzage",
    OBJECT: "rechten-van-betrokkenen/bezwaar",
    CORRECT: "rechten-van-betrokkenen/verbeteren",
    ERASE: "rechten-van-betrokkenen/wissen",
}
"""The processing activity of each kind of line, as the municipality's register of processing names it."""

LABELS: dict[str, str] = {
    ADMIT: "ontvangen",
    OPEN: "geopend",
    DISCLOSE: "getoond aan wijkteam",
    FEED_BACK: "teruggekoppeld aan partner",
    REPORT: "geleverd voor statistiek",
    COMPARE: "vergeleken voor een verzoek",
    ACCESS: "inzage",
    OBJECT: "bezwaar",
    CORRECT: "verbetering gevraagd",
    ERASE: "gewist",
}
SUBJECT_TYPE = "signaal"
OK = "OK"
ERROR = "ERROR"


def subject_id(partner_id: str, month: str, signal_id: str) -> str:
    """The pseudonym of who a signal is about: 32 hexadecimal digits."""
    text = "\x1f".join(("samenloop/subject/1", partner_id, month, signal_id))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def trace_id(cause: str) -> str:
    """The W3C trace id of everything that has one cause (an order, a delivery): 32 hexadecimal digits."""
    return hashlib.sha256(f"samenloop/trace/1\x1f{cause}".encode()).hexdigest()[:32]
