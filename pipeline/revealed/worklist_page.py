"""werklijst.html: one self-contained page that is read without script, network or explanation.

Everything a partner wrote is escaped by the template engine; links are made of checked characters only. The page
forbids itself every request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.revealed.texts import TEXTS, day_and_date, euros, joined, long_date, long_month, sentence
from pipeline.vocabulary.case import GROUND_WITHDRAWAL

_START_HERE = 3


def render_page(worklist: Mapping[str, Any]) -> bytes:
    """The page of a worklist document."""
    cases = worklist["cases"]
    visits = [case for case in cases if case["ground"] != GROUND_WITHDRAWAL]
    html = _template().render(
        worklist=worklist,
        visits=visits,
        withdrawn=[case for case in cases if case["ground"] == GROUND_WITHDRAWAL],
        first=visits[:_START_HERE],
        counts=_counts(worklist, visits),
    )
    return html.encode()


def state_of(case: Mapping[str, Any]) -> str:
    """new, running or withdrawal: the word that heads a case."""
    if case["ground"] == GROUND_WITHDRAWAL:
        return "withdrawal"
    return "new" if case["is_new"] else "running"


def is_late(case: Mapping[str, Any], today: str) -> bool:
    """Whether the first contact should have been made before today."""
    return bool(case["due_on"] and case["due_on"] < today and not case["attempts"])


def names_of(case: Mapping[str, Any]) -> str:
    """The persons of a case, as one title."""
    return joined([person["name"] for person in case["household"]["persons"]]) or "Naam niet beschikbaar"


def signals_of(case: Mapping[str, Any], person: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is reported about one person, highest amount first."""
    own = [signal for signal in case["signals"] if signal["person"] == person["person"]]
    return sorted(own, key=lambda signal: (-signal["arrears_eur"], signal["partner_id"], signal["klantnummer"]))


def short_date(day: str | None) -> str:
    """6-10-2026."""
    if day is None:
        return ""
    year, month, number = day.split("-")
    return f"{int(number)}-{int(month)}-{year}"


def phone_link(phone: str) -> str:
    """A tel: address of digits alone."""
    return "tel:" + re.sub(r"[^0-9+]", "", phone)


def mail_link(email: str) -> str:
    """A mailto: address without anything that could add a header or a recipient."""
    return "mailto:" + quote(email, safe="@.+-_")


def _counts(worklist: Mapping[str, Any], visits: list[Mapping[str, Any]]) -> list[tuple[int, str]]:
    today = worklist["date"]
    counted = (
        (sum(case["urgency"] == "spoed" for case in visits), "spoed", "spoed"),
        (sum(case["is_new"] for case in visits), "nieuw", "nieuw"),
        (sum(not case["is_new"] for case in visits), "loopt al", "lopen al"),
        (sum(is_late(case, today) for case in visits), "te laat", "te laat"),
        (len(worklist["cases"]) - len(visits), "hoeft niet meer", "hoeven niet meer"),
    )
    return [(number, one if number == 1 else many) for number, one, many in counted if number]


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = PackageLoader("pipeline.revealed", "templates")
    environment = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "euros": euros,
        "long_date": long_date,
        "day_and_date": day_and_date,
        "short_date": short_date,
        "long_month": long_month,
        "phone_link": phone_link,
        "mail_link": mail_link,
        "joined": joined,
    }
    environment.globals |= {
        "T": TEXTS,
        "say": sentence,
        "state_of": state_of,
        "is_late": is_late,
        "names_of": names_of,
        "signals_of": signals_of,
        "style": Markup(loader.get_source(environment, "werklijst.css")[0]),  # noqa: S704 - our own file
    }
    return environment.get_template("werklijst.html.j2")
