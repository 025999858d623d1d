"""What a partner hears of its own signals: one code of the whitelist per signal, sealed to that partner.

A code says what came of this signal and nothing else. That help was accepted is told only with the resident's
consent, with the day until which collection is suspended; without consent, and for every result that is nobody's
business, the partner reads "opgepakt". What needs no haste is told of all signals of a month at once, when no late
delivery of that month is admitted any more; a word before that is the resident's wish, or sets the partner's own
data right. What a partner can still infer stands in docs/decisions/0015-when-partners-hear.md.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.vault.sealing import open_sealed, seal
from pipeline.vault.signing import canonical_json, fingerprint, sign_document, verify_document
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, JOINED_REPEAT
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.outcome import FEEDBACK_CODES

FORMAT = "samenloop/feedback/1"
CONTENT_FORMAT = "samenloop/feedback-content/1"
DATA_FILE = "feedback.sealed"
MANIFEST_FILE = "manifest.json"
SUSPENSION_DAYS = 30
_PAD_BYTES = 4096

TAKEN_UP = "opgepakt"
HELP_ACCEPTED = "hulp_aanvaard"
NOT_TAKEN_UP = "niet_opgepakt"
REPEATED = "herhaling"

# End result → code. Results that are not here read as taken up.
CODE_OF_RESULT: dict[str, str] = {
    "(Budget)advies en/of quick fix": HELP_ACCEPTED,
    "Vervolghulp en/of verwijzing": HELP_ACCEPTED,
    "Vervolghulp en/of verwijzing financieel": HELP_ACCEPTED,
    "Vervolghulp en/of verwijzing niet financieel": HELP_ACCEPTED,
    "Inwoner al bekend bij schuldhulpverlening": "bekend_bij_schuldhulp",
    "Inwoner is overleden": "overleden",
    "Niet opgepakt: andere reden": NOT_TAKEN_UP,
    "Niet opgepakt: herhaalde melding": "herhaling",
    "Niet opgepakt: onterecht signaal": "onterecht",
    "Persoon is geen inwoner (meer) in de gemeente": "geen_inwoner",
}
TOLD_AT_ONCE = frozenset({HELP_ACCEPTED, "bekend_bij_schuldhulp", "overleden", "onterecht", "geen_inwoner"})
"""Collection must stop, or is about somebody or something that is not so; all other codes wait for their month."""
MEANINGS: dict[str, str] = {
    "herhaling": "Niet opgepakt: deze melding is een herhaling.",
    "onterecht": "Niet opgepakt: de melding is onterecht.",
    "overleden": "De inwoner is overleden.",
    "geen_inwoner": "De persoon woont niet (meer) in de gemeente.",
    "bekend_bij_schuldhulp": "De inwoner is al bekend bij de schuldhulpverlening.",
    TAKEN_UP: "De melding is opgepakt.",
    HELP_ACCEPTED: "De inwoner heeft hulp aanvaard. Schort de incasso op tot en met de datum.",
    NOT_TAKEN_UP: "De melding is niet opgepakt.",
}

SIGNAL_KEY = ("partner_id", "month", "signal_id")
ROW_FIELDS = ("signal_id", "month", "code", "suspended_until_on")


def code_signals(signals: pl.DataFrame, suspension_days: int = SUSPENSION_DAYS) -> pl.DataFrame:
    """The code of each signal of a case, by the case's state and end result.

    Args:
        signals: SIGNAL_KEY, state, reason_code, result, result_on (ISO text), has_consent; one row per signal.
        suspension_days: how long collection is suspended after help was accepted.

    Returns:
        SIGNAL_KEY, code, suspended_until_on; a case without an attempt gives no row.
    """
    told = pl.col("result").replace_strict(CODE_OF_RESULT, default=TAKEN_UP, return_dtype=pl.String)
    is_told = (told != HELP_ACCEPTED) | pl.col("has_consent").fill_null(False)
    code = (
        pl.when(pl.col("reason_code") == JOINED_REPEAT)
        .then(pl.lit(REPEATED))
        .when((pl.col("state") == CLOSED) & is_told)
        .then(told)
        .otherwise(pl.lit(TAKEN_UP))
    )
    until = pl.col("result_on").str.to_date("%Y-%m-%d") + pl.duration(days=suspension_days)
    return (
        signals.filter(pl.col("state").is_in([IN_PROGRESS, CLOSED]))
        .with_columns(code.alias("code"))
        .select(
            *SIGNAL_KEY,
            "code",
            pl.when(pl.col("code") == HELP_ACCEPTED)
            .then(until.dt.to_string("%Y-%m-%d"))
            .alias("suspended_until_on"),
        )
    )


def code_lapsing(signals: pl.DataFrame) -> pl.DataFrame:
    """The code of signals of which nothing came; SIGNAL_KEY in, as code_signals out."""
    return signals.select(
        *SIGNAL_KEY,
        pl.lit(NOT_TAKEN_UP).alias("code"),
        pl.lit(None, pl.String).alias("suspended_until_on"),
    )


def changed_since(codes: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """Codes that a partner has not heard yet, or hears differently now.

    Args:
        codes: SIGNAL_KEY, code, suspended_until_on.
        sent: the same columns and sent_on; the newest per signal is what the partner believes.
    """
    believed = sent.sort("sent_on").unique(SIGNAL_KEY, keep="last", maintain_order=True)
    both = codes.join(believed, on=SIGNAL_KEY, how="left", suffix="_sent")
    same = pl.col("code").eq_missing(pl.col("code_sent")) & pl.col("suspended_until_on").eq_missing(
        pl.col("suspended_until_on_sent")
    )
    return both.filter(~same).select(codes.columns).sort(SIGNAL_KEY)


def told_now(changes: pl.DataFrame, sent: pl.DataFrame, ended_month: str) -> pl.DataFrame:
    """Which changes go out today; the others wait until their month has ended.

    Args:
        changes: SIGNAL_KEY, code, suspended_until_on.
        sent: what was told before; who heard something hears at once that it is otherwise.
        ended_month: the newest month of which no delivery is admitted any more.
    """
    heard = changes.join(sent.select(SIGNAL_KEY).unique(), on=SIGNAL_KEY, how="semi")
    at_once = pl.col("code").is_in(sorted(TOLD_AT_ONCE)) | (pl.col("month") <= ended_month)
    waiting = changes.filter(~at_once).join(heard, on=SIGNAL_KEY, how="anti")
    return changes.join(waiting, on=SIGNAL_KEY, how="anti").sort(SIGNAL_KEY)


@dataclass(frozen=True, slots=True)
class FeedbackBinding:
    """What a package of feedback is bound to; `box_key_id` is the partner's key that opens it."""

    agreement_id: str
    gemeentecode: str
    partner_id: str
    sent_on: str
    box_key_id: str

    def info(self) -> bytes:
        """The bytes that the seal is bound to."""
        parts = (
            FORMAT,
            self.agreement_id,
            self.gemeentecode,
            self.partner_id,
            self.sent_on,
            self.box_key_id,
        )
        return "\x1f".join(parts).encode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The municipality's signing key: private and public half, and its id."""

    key_id: str
    private: bytes
    public: bytes


def pack(
    rows: pl.DataFrame, binding: FeedbackBinding, box_public: bytes, signing: SigningKey, created_at: str
) -> tuple[bytes, dict[str, Any]]:
    """Seal the rows to the partner and sign the manifest.

    The manifest carries the municipal public key, which the partner compares with the fingerprint it holds. The
    content is padded, so that its size does not tell how many signals it is about.

    Returns:
        The content of `feedback.sealed` and the document of `manifest.json`.
    """
    unknown = set(rows["code"].unique()) - set(FEEDBACK_CODES)
    assert not unknown, "only codes of the whitelist leave the house"
    content = canonical_json(
        {"format": CONTENT_FORMAT, "rows": rows.select(ROW_FIELDS).sort(ROW_FIELDS).to_dicts()}
    )
    sealed = seal(box_public, content + b" " * (-len(content) % _PAD_BYTES), binding.info())
    manifest = {
        "format": FORMAT,
        "feedback_id": f"{binding.gemeentecode}_{binding.partner_id}_{binding.sent_on}",
        "agreement_id": binding.agreement_id,
        "gemeentecode": binding.gemeentecode,
        "partner_id": binding.partner_id,
        "sent_on": binding.sent_on,
        "box_key_id": binding.box_key_id,
        "filename": DATA_FILE,
        "checksum": f"sha256:{hashlib.sha256(sealed).hexdigest()}",
        "size": len(sealed),
        "contentType": "application/vnd.samenloop.feedback+json",
        "creationTime": created_at,
        "municipal_key": {"key_id": signing.key_id, "public_b64": base64.b64encode(signing.public).decode()},
    }
    return sealed, sign_document(manifest, signing.private, signing.key_id)


def read_manifest(document: Any, partner_id: str, fingerprints: Mapping[str, str]) -> FeedbackBinding:
    """Believe a manifest that the municipality signed with the key whose fingerprint the partner holds.

    Raises:
        Refused: FEEDBACK_INVALID, FEEDBACK_UNSIGNED.
    """
    try:
        if document["format"] != FORMAT or document["partner_id"] != partner_id:
            raise Refused("FEEDBACK_INVALID", "partner_id")
        public = base64.b64decode(document["municipal_key"]["public_b64"], validate=True)
        binding = FeedbackBinding(
            *(
                str(document[name])
                for name in ("agreement_id", "gemeentecode", "partner_id", "sent_on", "box_key_id")
            )
        )
    except (KeyError, TypeError, ValueError):
        raise Refused("FEEDBACK_INVALID", MANIFEST_FILE) from None
    if fingerprints.get(binding.gemeentecode) != fingerprint(public) or not verify_document(document, public):
        raise Refused("FEEDBACK_UNSIGNED", MANIFEST_FILE)
    return binding


def unpack(
    document: Mapping[str, Any], binding: FeedbackBinding, sealed: bytes, box_private: Callable[[str], bytes]
) -> pl.DataFrame:
    """Open the rows of a believed manifest; ROW_FIELDS as String.

    Raises:
        Refused: FEEDBACK_INVALID, SEAL_BROKEN, and what `box_private` raises for a key that is not there.
    """
    if document.get("checksum") != f"sha256:{hashlib.sha256(sealed).hexdigest()}":
        raise Refused("FEEDBACK_INVALID", DATA_FILE)
    content = open_sealed(box_private(binding.box_key_id), sealed, binding.info())
    try:
        body = json.loads(content)
        if body["format"] != CONTENT_FORMAT or any(row["code"] not in FEEDBACK_CODES for row in body["rows"]):
            raise Refused("FEEDBACK_INVALID", DATA_FILE)
        return pl.DataFrame(
            [{name: row[name] for name in ROW_FIELDS} for row in body["rows"]],
            schema=dict.fromkeys(ROW_FIELDS, pl.String),
        )
    except (KeyError, TypeError, ValueError, pl.exceptions.PolarsError):
        raise Refused("FEEDBACK_INVALID", DATA_FILE) from None
