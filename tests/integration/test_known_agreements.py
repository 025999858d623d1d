"""Somebody with the municipal signing key rewrites the agreement in its place: the opener knows what it said."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.at_the_opener.known_agreements import content_hash, known_agreements
from pipeline.commands.key_keeping.agreement_making import renew_agreement, revoke_agreement
from pipeline.commands.key_keeping.key_making import (
    MUNICIPAL_SIGNING,
    municipal_fingerprint,
    write_trust,
)
from pipeline.commands.key_keeping.key_rotation import rotate_municipal_key
from pipeline.commands.opener import serve
from pipeline.commands.reveal import order_worklists
from pipeline.commands.route import route
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import AGREEMENT, GEMEENTE, NOW, Municipality, write_secret
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    """A municipality whose opener has seen version 1, and that holds its signing key."""
    made = make_municipality_with_opener(tmp_path)
    write_secret(made, "municipal-signing-1", "municipal-signing", "municipal-signing")
    write_trust(made.home.keys_dir, GEMEENTE, municipal_fingerprint(made.path))
    serve(made.path, once=True, now=NOW)
    return made


def lines_about(place: Municipality) -> list[Mapping[str, Any]]:
    with place.run(TUESDAY) as run:
        return [row for row in rows_in(run, "journal") if str(row["object"]).startswith(AGREEMENT)]


def rewritten(place: Municipality) -> None:
    """One partner is enough, under the same number, well signed."""
    rule = {**place.agreement["rule"], "min_partners": 1}
    replace(place, agreement={**place.agreement, "rule": rule}).write_documents()


def test_a_version_is_journalled_with_its_rule_when_it_is_first_seen(place: Municipality) -> None:
    """Once, with the hash of what it says, however often the opener starts."""
    serve(place.path, once=True, now=NOW)
    (line,) = lines_about(place)
    digest = content_hash(place.agreement)
    assert ("opener", "know_agreement", f"{AGREEMENT}/1", f"seen sha256 {digest}") == (
        line["actor"],
        line["action"],
        line["object"],
        line["result"],
    )
    assert {"min_partners": 2, "min_months": 2, "household": 0, "certain": 0, "crisis_reveal": 0} == line["counts"]


def test_two_openers_that_start_at_once_tell_it_once(tmp_path: Path) -> None:
    """The second waits for the writer lock before it looks, and finds that it was told."""
    made = make_municipality_with_opener(tmp_path)
    with made.run(TUESDAY) as one, made.run(TUESDAY) as other:
        second = threading.Thread(target=known_agreements, args=(other,))
        with one.store.writer_lock("test"):
            second.start()
            second.join(1)
            assert second.is_alive()
            known_agreements(one, is_locked=True)
        second.join()
        assert 1 == len([row for row in rows_in(one, "journal") if row["action"] == "know_agreement"])


def test_a_version_that_was_rewritten_opens_nothing(
    place: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its signature holds and its number is known; the opener stops, says so loudly and journals it once."""
    rewritten(place)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        route(run)
        order_worklists(run)
    for _ in range(2):
        with pytest.raises(Refused, match="AGREEMENT_CHANGED"):
            serve(place.path, once=True, now=NOW)
    assert ["know_agreement", "refuse_agreement"] == [line["action"] for line in lines_about(place)]
    assert "DE OPENER TOONT NIEMAND" in capsys.readouterr().err
    with place.run(TUESDAY) as run:
        assert "open_contacts" not in {row["action"] for row in rows_in(run, "journal")}


def test_put_back_as_it_was_it_opens_again(place: Municipality) -> None:
    """What stopped the opener was the content, and no more than that."""
    rewritten(place)
    with pytest.raises(Refused, match="AGREEMENT_CHANGED"):
        serve(place.path, once=True, now=NOW)
    place.write_documents()
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
    assert 1 == len(worklist(place)["cases"])


def test_a_new_version_is_believed_and_journalled(place: Municipality) -> None:
    """The former one still stands beside it; taking the new one away again stops the opener."""
    former = place.home.agreement_file.read_bytes()
    renew_agreement(place.path, {"rule": {"min_partners": 3}}, TUESDAY)
    serve(place.path, once=True, now=NOW)
    assert [2, 3] == [line["counts"]["min_partners"] for line in lines_about(place)]
    place.home.agreement_file.write_bytes(former)
    with pytest.raises(Refused, match="AGREEMENT_CHANGED"):
        serve(place.path, once=True, now=NOW)
    assert "AGREEMENT_CHANGED gone" == lines_about(place)[-1]["result"]


def test_a_revocation_is_believed_once_and_never_undone(place: Municipality) -> None:
    """It is the one change that a version can have."""
    renew_agreement(place.path, {"rule": {"min_partners": 3}}, TUESDAY)
    path = place.home.agreements_dir / "agreement-1.json"
    former = path.read_bytes()
    revoke_agreement(place.path, 1, TUESDAY, TUESDAY)
    serve(place.path, once=True, now=NOW)
    assert "revoked sha256 " + content_hash(json.loads(former)) in {line["result"] for line in lines_about(place)}
    path.write_bytes(former)
    with pytest.raises(Refused, match="AGREEMENT_CHANGED"):
        serve(place.path, once=True, now=NOW)


def test_signed_anew_in_an_emergency_it_is_the_same(place: Municipality) -> None:
    """Another key under the same words changes nothing."""
    rotate_municipal_key(place.path, MUNICIPAL_SIGNING, TUESDAY, is_emergency=True)
    write_trust(place.home.opener_keys_dir, GEMEENTE, municipal_fingerprint(place.path))
    serve(place.path, once=True, now=NOW)
    assert ["know_agreement"] == [line["action"] for line in lines_about(place)]


@pytest.mark.parametrize("content", ["", "{}", '{"format": "samenloop/known-agreements/1", "versions": {"1": 3}}'])
def test_what_was_remembered_and_cannot_be_read_opens_nothing(place: Municipality, content: str) -> None:
    """A broken file is not taken for no file."""
    place.home.opener_keys_dir.joinpath("agreements.json").write_text(content)
    with pytest.raises(Refused, match="KEY_INVALID"):
        serve(place.path, once=True, now=NOW)
