"""A stand-in for the population register, after the public specification of BRP Personen bevragen 2.

Surname without regard to capitals or marks, birth date and municipality are exact; deceased people are found only
when they are asked for, and then carry `opschortingBijhouding` unasked. It refuses what the specification refuses.
"""

from __future__ import annotations

import json
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sleutel-van-de-gemeente"
REQUIRED = {
    "ZoekMetGeslachtsnaamEnGeboortedatum": {"geslachtsnaam", "geboortedatum"},
    "ZoekMetPostcodeEnHuisnummer": {"postcode", "huisnummer"},
}
OPTIONAL = {"type", "fields", "inclusiefOverledenPersonen", "gemeenteVanInschrijving"}


def resident(**changes: Any) -> dict[str, Any]:
    """A person in the register: FATHER of tests.builders.openings, alive, in GM9901."""
    return {
        "voornamen": "Jan Pieter",
        "voorvoegsel": "van der",
        "geslachtsnaam": "Berg",
        "geboortedatum": "1950-05-31",
        "postcode": "9901AB",
        "huisnummer": 12,
        "gemeente": "9901",
        "is_deceased": False,
        **changes,
    }


@contextmanager
def stand_in(people: Sequence[dict[str, Any]], status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve these people; gives the address and the questions that were asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({"path": self.path, "key": self.headers.get("X-API-KEY"), **body})
            code, answer = (status, {"title": "kapot"}) if status != 200 else _answer(body, people)
            content = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/haalcentraal/api/brp", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(body: dict[str, Any], people: Sequence[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    required = REQUIRED.get(str(body.get("type")))
    if (
        required is None
        or not required <= set(body)
        or not set(body) <= required | OPTIONAL
        or not body.get("fields")
    ):
        return 400, {"title": "Een of meerdere parameters zijn niet correct."}
    found = [one for one in people if _is_found(one, body)]
    return 200, {"type": body["type"], "personen": [_shown(one) for one in found]}


def _is_found(one: dict[str, Any], body: dict[str, Any]) -> bool:
    if one["is_deceased"] and not body.get("inclusiefOverledenPersonen"):
        return False
    if "gemeenteVanInschrijving" in body and body["gemeenteVanInschrijving"] != one["gemeente"]:
        return False
    if "postcode" in body:
        return (body["postcode"], body["huisnummer"]) == (one["postcode"], one["huisnummer"])
    same_name = _folded(body["geslachtsnaam"]) == _folded(one["geslachtsnaam"])
    return same_name and body["geboortedatum"] == one["geboortedatum"]


def _folded(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if letter.isascii()).lower()


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    names = {name: one[name] for name in ("voornamen", "voorvoegsel", "geslachtsnaam") if one[name]}
    ended = {"reden": {"code": "O", "omschrijving": "overlijden"}}
    return {"naam": names} | ({"opschortingBijhouding": ended} if one["is_deceased"] else {})
