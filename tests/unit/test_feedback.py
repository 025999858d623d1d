"""What a partner may hear, and nothing else: over all states, results and consents."""

from __future__ import annotations

import contextlib
import hashlib
import json
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator

from pipeline.stewardship import feed_back
from pipeline.stewardship.feed_back import FeedbackBinding, SigningKey, changed_since, code_lapsing, code_signals
from pipeline.vault.sealing import new_box_key, open_sealed, public_of_box, seal
from pipeline.vault.signing import fingerprint, new_signing_key, public_of_signing
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, JOIN_REASONS, JOINED_REPEAT, JOINED_ROSE, STATES
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.outcome import END_RESULTS, FEEDBACK_CODES

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "feedback"
HELP = "Vervolghulp en/of verwijzing financieel"
KEYS = dict.fromkeys(("partner_id", "month", "signal_id"), pl.String)


def signals(
    *rows: tuple[str, str | None, bool | None], partner_id: str = "huur-a", reason: str | None = None
) -> pl.DataFrame:
    """Signals of cases by state, result and consent; `reason` is why their case joined another."""
    return pl.DataFrame(
        [
            (partner_id, "2026-10", f"{number:032x}", state, reason, result, result and "2026-11-20", consent)
            for number, (state, result, consent) in enumerate(rows)
        ],
        schema={
            **KEYS,
            "state": pl.String,
            "reason_code": pl.String,
            "result": pl.String,
            "result_on": pl.String,
            "has_consent": pl.Boolean,
        },
        orient="row",
    )


def told(state: str, result: str | None = None, consent: bool | None = None) -> str | None:
    return next(iter(code_signals(signals((state, result, consent)))["code"]), None)


def test_only_the_whitelist_is_ever_told() -> None:
    """Over every state, reason, result and consent a partner reads a code of the whitelist, or nothing."""
    every = list(product(STATES, (None, *END_RESULTS), (None, False, True)))
    reasons = (None, *JOIN_REASONS, "no_room", "OBJECTION")
    codes = {code for reason in reasons for code in code_signals(signals(*every, reason=reason))["code"]}
    assert codes <= set(FEEDBACK_CODES) == set(feed_back.MEANINGS)
    assert set(feed_back.CODE_OF_RESULT) <= set(END_RESULTS)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ("Inwoner al bekend bij schuldhulpverlening", "bekend_bij_schuldhulp"),
        ("Inwoner is overleden", "overleden"),
        ("Niet opgepakt: andere reden", "niet_opgepakt"),
        ("Niet opgepakt: herhaalde melding", "herhaling"),
        ("Niet opgepakt: onterecht signaal", "onterecht"),
        ("Persoon is geen inwoner (meer) in de gemeente", "geen_inwoner"),
        ("Definitief geen contact kunnen krijgen", "opgepakt"),
        ("Inwoner heeft al een ander lopend traject", "opgepakt"),
        ("Inwoner heeft zelf al betaald/betalingsregeling getroffen", "opgepakt"),
        ("Verwijzing zonder tussenkomst inwoner", "opgepakt"),
        (HELP, "opgepakt"),
    ],
)
def test_what_an_end_result_reads_as_without_consent(result: str, code: str) -> None:
    """Each end result has one code; what is nobody's business reads as taken up."""
    assert code == told(CLOSED, result) == told(CLOSED, result, consent=False)


def test_help_is_told_only_with_consent_and_with_the_day_of_suspension() -> None:
    """With consent: help accepted, and thirty days from the result; another term where the agreement says so."""
    with_consent = signals((CLOSED, HELP, True), (CLOSED, HELP, False), (IN_PROGRESS, HELP, True))
    rows = code_signals(with_consent).select("code", "suspended_until_on").rows()
    assert [("hulp_aanvaard", "2026-12-20"), ("opgepakt", None), ("opgepakt", None)] == rows
    assert "2026-11-30" == code_signals(with_consent, 10)["suspended_until_on"][0]


def test_a_case_without_an_attempt_tells_nothing() -> None:
    """Until somebody took it up there is nothing to tell, whatever state it is in."""
    silent = [state for state in STATES if told(state) is None]
    assert sorted(set(STATES) - {IN_PROGRESS, CLOSED}) == sorted(silent)


def test_the_code_does_not_know_how_many_reported() -> None:
    """A taken-up single and a matched case read alike: what decides a code holds no count and no lane."""
    asked = {"partner_id", "month", "signal_id", "state", "reason_code", "result", "result_on", "has_consent"}
    alone = code_signals(signals((CLOSED, HELP, True)))
    together = pl.concat([signals((CLOSED, HELP, True)), signals((CLOSED, HELP, True), partner_id="energie-a")])
    assert asked == set(signals((CLOSED, HELP, True)).columns)
    assert alone.rows() == code_signals(together).filter(pl.col("partner_id") == "huur-a").rows()


def test_help_needs_consent_in_every_way_a_case_can_come_about() -> None:
    """Without the resident's yes no state, result or reason tells that help was accepted."""
    every = list(product(STATES, (None, *END_RESULTS), (None, False)))
    for reason in (None, *JOIN_REASONS):
        assert "hulp_aanvaard" not in set(code_signals(signals(*every, reason=reason))["code"])


def test_a_repeat_reads_as_a_repeat_and_a_rise_as_its_case() -> None:
    """What joined a closed case without a rise is a repeat, whatever came of that; a rise shares its outcome."""
    closed = (CLOSED, HELP, True)
    assert ["herhaling"] == code_signals(signals(closed, reason=JOINED_REPEAT))["code"].to_list()
    assert ["hulp_aanvaard"] == code_signals(signals(closed, reason=JOINED_ROSE))["code"].to_list()


def sent(*rows: tuple[str, str | None, str]) -> pl.DataFrame:
    """What was told of signal 0: code, suspended until, sent on."""
    schema = {**KEYS, "code": pl.String, "suspended_until_on": pl.String, "sent_on": pl.String}
    return pl.DataFrame([("huur-a", "2026-10", f"{0:032x}", *row) for row in rows], schema=schema, orient="row")


@pytest.mark.parametrize(
    ("before", "is_told"),
    [
        ([], True),
        ([("opgepakt", None, "2026-11-04")], True),
        ([("hulp_aanvaard", "2026-12-20", "2026-11-21")], False),
        ([("hulp_aanvaard", "2026-12-01", "2026-11-21")], True),
        ([("opgepakt", None, "2026-11-04"), ("hulp_aanvaard", "2026-12-20", "2026-11-21")], False),
        ([("hulp_aanvaard", "2026-12-20", "2026-11-21"), ("opgepakt", None, "2026-11-25")], True),
    ],
)
def test_a_partner_hears_only_what_changed(before: list[Any], is_told: bool) -> None:
    """Compared with the last that was told: another code or another day is news, the same is not."""
    changes = changed_since(code_signals(signals((CLOSED, HELP, True))), sent(*before))
    assert is_told == (changes.height == 1)


@pytest.mark.parametrize("code", sorted(FEEDBACK_CODES))
@pytest.mark.parametrize("month", ["2026-09", "2026-10", "2026-11"])
@pytest.mark.parametrize("has_heard", [False, True])
def test_only_what_cannot_wait_is_told_before_its_month_has_ended(code: str, month: str, has_heard: bool) -> None:
    """A partner hears before that day that collection must stop, that its data are wrong, or what it misheard."""
    at_once = {"hulp_aanvaard", "bekend_bij_schuldhulp", "overleden", "onterecht", "geen_inwoner"}
    key = ("huur-a", month, "0" * 32)
    changes = pl.DataFrame(
        [(*key, code, None)], schema={**KEYS, "code": pl.String, "suspended_until_on": pl.String}, orient="row"
    )
    earlier = sent(("opgepakt", None, "2026-11-04")).with_columns(month=pl.lit(month))
    found = feed_back.told_now(changes, earlier if has_heard else sent(), "2026-10")
    assert (code in at_once or month <= "2026-10" or has_heard) == (found.height == 1)


def test_a_lapsing_signal_reads_as_not_taken_up() -> None:
    """Nothing came of it: the partner hears that, and no reason."""
    rows = code_lapsing(signals(("opened", None, None)).select(*KEYS)).select("code", "suspended_until_on").rows()
    assert [("niet_opgepakt", None)] == rows


BOX = new_box_key()
SIGNING = new_signing_key()
BINDING = FeedbackBinding("vroegsignalering-9901", "GM9901", "huur-a", "2026-11-21", "box-huur-a-1")


def packed(rows: pl.DataFrame | None = None) -> tuple[bytes, dict[str, Any]]:
    key = SigningKey("municipal-signing-1", SIGNING, public_of_signing(SIGNING))
    content = code_signals(signals((CLOSED, HELP, True))) if rows is None else rows
    return feed_back.pack(content, BINDING, public_of_box(BOX), key, "2026-11-21T06:00:00Z")


def believed(manifest: dict[str, Any], fingerprint_: str | None = None) -> FeedbackBinding:
    pinned = fingerprint_ or fingerprint(public_of_signing(SIGNING))
    return feed_back.read_manifest(manifest, "huur-a", {"GM9901": pinned})


def test_a_package_opens_for_its_partner_and_says_what_was_packed() -> None:
    """Sealed, signed, opened: the same rows; the size says nothing of their number."""
    sealed, manifest = packed()
    rows = feed_back.unpack(manifest, believed(manifest), sealed, lambda _: BOX)
    assert [(f"{0:032x}", "2026-10", "hulp_aanvaard", "2026-12-20")] == rows.rows()
    many, _ = packed(code_signals(signals(*[(IN_PROGRESS, None, None)] * 20)))
    assert len(sealed) == len(many)
    assert b"hulp_aanvaard" not in sealed


def test_no_other_word_leaves_the_house() -> None:
    """A code that is not of the whitelist stops the run; it is not sealed and sent."""
    with pytest.raises(AssertionError):
        packed(code_signals(signals((CLOSED, HELP, True))).with_columns(code=pl.lit("buren")))


ROW = {"signal_id": "0" * 32, "month": "2026-10", "code": "opgepakt", "suspended_until_on": None}


@pytest.mark.parametrize(
    ("change", "is_known"),
    [
        ({}, True),
        ({"format": "samenloop/feedback-content/2"}, False),
        ({"rows": [{**ROW, "code": "buren"}]}, False),
        ({"rows": [{"code": "opgepakt"}]}, False),
    ],
    ids=["good", "another format", "a code nobody knows", "half a row"],
)
def test_a_partner_reads_only_what_it_knows(change: dict[str, Any], is_known: bool) -> None:
    """Content of a later form, with a code of no meaning or with half a row is refused, and not guessed at."""
    content = json.dumps({"format": feed_back.CONTENT_FORMAT, "rows": [ROW], **change}).encode()
    sealed = seal(public_of_box(BOX), content, BINDING.info())
    manifest = {"checksum": f"sha256:{hashlib.sha256(sealed).hexdigest()}"}
    with contextlib.nullcontext() if is_known else pytest.raises(Refused, match="FEEDBACK_INVALID"):
        feed_back.unpack(manifest, BINDING, sealed, lambda _: BOX)


def test_what_is_published_fits_its_schema() -> None:
    """Manifest and content are as schemas/feedback promises; the faulty files there are not."""
    manifest_schema, content_schema = (
        Draft202012Validator(json.loads((SCHEMAS / name).read_text()))
        for name in ("manifest.schema.json", "content.schema.json")
    )
    sealed, manifest = packed()
    content = json.loads(open_sealed(BOX, sealed, BINDING.info()))
    for validator, document, name in (
        (manifest_schema, manifest, "manifest"),
        (content_schema, content, "content"),
    ):
        assert validator.is_valid(document)
        assert validator.is_valid(json.loads((SCHEMAS / f"example-{name}.json").read_text()))
        faulty = sorted((SCHEMAS / "faulty").glob(f"{name}--*.json"))
        assert faulty
        assert [] == [path.name for path in faulty if validator.is_valid(json.loads(path.read_text()))]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"partner_id": "water-a"}, "FEEDBACK_INVALID"),
        ({"format": "samenloop/feedback/9"}, "FEEDBACK_INVALID"),
        ({"sent_on": "2026-11-22"}, "FEEDBACK_UNSIGNED"),
        ({"gemeentecode": "GM9902"}, "FEEDBACK_UNSIGNED"),
        ({"municipal_key": {}}, "FEEDBACK_INVALID"),
    ],
)
def test_a_changed_manifest_is_not_believed(change: dict[str, Any], code: str) -> None:
    """Whatever is changed after signing, or is for another partner, is refused."""
    _, manifest = packed()
    with pytest.raises(Refused) as refusal:
        believed({**manifest, **change})
    assert code == refusal.value.code


def test_another_signer_is_not_believed() -> None:
    """A package signed with a key that the partner did not pin is refused, however well it is signed."""
    _, manifest = packed()
    with pytest.raises(Refused) as refusal:
        believed(manifest, fingerprint(public_of_signing(new_signing_key())))
    assert "FEEDBACK_UNSIGNED" == refusal.value.code


def test_a_changed_byte_or_another_place_does_not_open() -> None:
    """The seal is bound to partner, municipality and day; the checksum to every byte."""
    sealed, manifest = packed()
    with pytest.raises(Refused) as changed:
        feed_back.unpack(manifest, believed(manifest), sealed[:-1] + bytes([sealed[-1] ^ 1]), lambda _: BOX)
    assert "FEEDBACK_INVALID" == changed.value.code
    moved = FeedbackBinding("vroegsignalering-9901", "GM9901", "huur-a", "2026-11-22", "box-huur-a-1")
    with pytest.raises(Refused) as elsewhere:
        feed_back.unpack(manifest, moved, sealed, lambda _: BOX)
    assert "SEAL_BROKEN" == elsewhere.value.code
