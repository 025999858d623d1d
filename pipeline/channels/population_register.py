"""Questions to the population register (Haal Centraal BRP Personen bevragen, version 2). I/O, no decisions.

Searches by name and birth date, or by door, as its public specification describes: POST, so that nothing about a
person stands in an address or a log. No citizen service number is asked for or sent; deceased people come with
`opschortingBijhouding`, which the register adds by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

SETTINGS_FILE = "brp.json"
SECONDS = 10.0
_FIELDS = ["naam.voornamen", "naam.voorvoegsel", "naam.geslachtsnaam"]
_DECEASED = "O"


class RegisterSilentError(Exception):
    """The register did not answer, or not as its specification says; nothing is known."""


@dataclass(frozen=True, slots=True, repr=False)
class Registered:
    """One person as the register knows them."""

    first_names: str
    particles: str
    surname: str
    is_deceased: bool


class PopulationRegister:
    """The register, asked on behalf of one municipality."""

    def __init__(self, client: httpx.Client, gemeentecode: str) -> None:
        self._client = client
        self._code = gemeentecode.removeprefix("GM")

    def by_name(self, surname: str, birth_on: date, *, only_here: bool = False) -> list[Registered]:
        """Whoever has this surname and birth date; deceased people too, unless `only_here` asks for residents."""
        asked: dict[str, Any] = {
            "type": "ZoekMetGeslachtsnaamEnGeboortedatum",
            "geslachtsnaam": surname,
            "geboortedatum": birth_on.isoformat(),
        }
        asked |= {"gemeenteVanInschrijving": self._code} if only_here else {"inclusiefOverledenPersonen": True}
        return self._ask(asked)

    def at_door(self, postcode: str, number: int) -> list[Registered]:
        """Whoever is or was last registered behind a postcode and house number."""
        return self._ask(
            {
                "type": "ZoekMetPostcodeEnHuisnummer",
                "postcode": postcode,
                "huisnummer": number,
                "inclusiefOverledenPersonen": True,
            }
        )

    def _ask(self, asked: Mapping[str, Any]) -> list[Registered]:
        try:
            answer = self._client.post("personen", json={**asked, "fields": _FIELDS})
            answer.raise_for_status()
            return [_person(row) for row in _rows(answer.json())]
        except (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError):
            # The error of a library may quote what was asked: a name.
            raise RegisterSilentError from None


def _rows(document: Any) -> Sequence[Mapping[str, Any]]:
    rows = document["personen"]
    if not isinstance(rows, list):
        raise TypeError
    return rows


def _person(row: Mapping[str, Any]) -> Registered:
    name = row.get("naam", {})
    reason = row.get("opschortingBijhouding", {}).get("reden", {})
    return Registered(
        str(name.get("voornamen", "")),
        str(name.get("voorvoegsel", "")),
        str(name.get("geslachtsnaam", "")),
        reason.get("code") == _DECEASED,
    )


def open_register(folder: Path, gemeentecode: str) -> PopulationRegister | None:
    """The register that `brp.json` in the opener's folder names; None where there is no such file.

    Raises:
        RegisterSilentError: the file is there and cannot be used.
    """
    place = folder / SETTINGS_FILE
    if not place.is_file():
        return None
    try:
        settings = json.loads(place.read_text(encoding="utf-8"))
        url, key = str(settings["url"]), str(settings["api_key"])
    except (OSError, ValueError, KeyError, TypeError):
        raise RegisterSilentError from None
    client = httpx.Client(base_url=url.rstrip("/") + "/", headers={"X-API-KEY": key}, timeout=SECONDS)
    return PopulationRegister(client, gemeentecode)
