"""The tables of the store.

Instants are ISO-8601 UTC text, days ISO text, so that SQLite and PostgreSQL hold the same. Every row carries the
name of the transaction that wrote it last. No table has a column for a name, an address or a client number.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, false

from pipeline.store.kept_values import KeptCounts, KeptText
from pipeline.vocabulary.frames import TOKEN_COLUMNS

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _key(name: str, kind: type[Text] | type[Integer] = Text) -> Column[object]:
    return Column(name, kind, primary_key=True)


def _written_by() -> Column[object]:
    return Column("written_by", Text, nullable=False, comment="name of the transaction")


deliveries = Table(
    "deliveries",
    metadata,
    _key("delivery_id"),
    _key("manifest_hash"),
    Column("partner_id", Text),
    Column("month", Text),
    Column("sequence", Integer),
    Column("kind", Text),
    Column("state", Text, nullable=False, comment="admitted | warned | held | refused | released"),
    Column("response_code", Text, nullable=False),
    Column("fault_code", Text),
    Column("fault_column", Text),
    Column("agreement_id", Text),
    Column("agreement_version", Integer),
    Column("row_count", Integer, nullable=False, default=0),
    Column("admitted_count", Integer, nullable=False, default=0),
    Column("refused_count", Integer, nullable=False, default=0),
    Column("refused_rows", JSON, nullable=False, default=list),
    Column("warnings", JSON, nullable=False, default=list),
    Column("manifest", JSON),
    Column("signature_b64", Text),
    Column("quarantine_name", Text, comment="folder in quarantine, for held and refused deliveries"),
    Column("received_at", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    _written_by(),
)

signals = Table(
    "signals",
    metadata,
    _key("partner_id"),
    _key("month"),
    _key("sequence", Integer),
    _key("signal_id"),
    Column("delivery_id", Text, nullable=False),
    Column("is_retraction", Boolean, nullable=False),
    Column("is_current", Boolean, nullable=False, comment="mutable: the row that counts for this signal"),
    *(Column(name, LargeBinary, comment="token under the month's store key") for name in TOKEN_COLUMNS),
    Column("sealed_contact", LargeBinary),
    Column("wijkcode", Text),
    Column("postcode4", Text),
    Column("arrears_months", Integer),
    Column("arrears_band", Text),
    Column("is_crisis", Boolean),
    Column("opening_key_id", Text),
    Column("signing_key_id", Text),
    Column("agreement_id", Text),
    Column("agreement_version", Integer),
    Column("admitted_at", Text, nullable=False),
    _written_by(),
    Column("admitted_on", Text, comment="the day of the run that admitted it, as other days of a case are"),
    Column("tokens_under", Text, comment="ids of the token key and the store key that made the tokens"),
    Index(None, "month", "is_current"),
    Index(None, "signal_id"),
)

month_marks = Table(
    "month_marks",
    metadata,
    _key("month"),
    Column("changed_revision", Integer, nullable=False, comment="raised by each admission"),
    Column("matched_revision", Integer, nullable=False, comment="the revision that was matched last"),
    Column("rule_fingerprint", Text, comment="rule under which it was matched"),
    _written_by(),
)

cases = Table(
    "cases",
    metadata,
    _key("case_id"),
    Column("month", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("mark", Text, comment="null | retracted"),
    Column("merged_into", Text),
    Column("wijkcode", Text),
    Column("postcode4", Text),
    Column("team_id", Text),
    Column("counsellor_id", Text),
    Column("partner_count", Integer, nullable=False),
    Column("months_max", Integer, nullable=False),
    Column("is_crisis", Boolean, nullable=False),
    Column("revision", Integer, nullable=False, comment="raised when the evidence changes"),
    Column("evidence_digest", Text, nullable=False, comment="hash of signals, months and tokens: tells a change"),
    Column("revealed_revision", Integer, comment="the revision that was shown last"),
    Column("reason_code", Text, comment="why it is withheld, doubtful or not routed"),
    Column("agreement_version", Integer, nullable=False),
    Column("opened_on", Text, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("first_revealed_on", Text),
    Column("due_on", Text),
    Column("changed_at", Text, nullable=False),
    _written_by(),
    Column("joined_to", Text, comment="the case that it repeats"),
    Column("shown_partner_count", Integer),
    Column("shown_months_max", Integer),
    Column("grown_on", Text, comment="the last list that showed it grown"),
    Column("term_from_on", Text, comment="the day its present term began; null is opened_on"),
    Column("crisis_from_on", Text, comment="the day a crisis came in; null is opened_on"),
    Column("shown_crisis_count", Integer, comment="partners with a crisis on the list that showed it last"),
    Column("is_likely", Boolean, comment="shown on what is likely, and not sure, to be one person"),
    Index(None, "month", "state"),
    Index(None, "joined_to"),
)

case_signals = Table(
    "case_signals",
    metadata,
    _key("case_id"),
    _key("partner_id"),
    _key("month"),
    _key("signal_id"),
    Column("is_active", Boolean, nullable=False),
    Column("is_confirmed", Boolean, comment="null until the opener compared it"),
    _written_by(),
    Column(
        "confirmation", LargeBinary, comment="proof by the opener of is_confirmed, for the case it is shown with"
    ),
    Column(
        "confirmed_person",
        LargeBinary,
        comment="proof by the opener of whom it confirmed, for the case it is shown with",
    ),
    Index(None, "month", "signal_id"),
)

case_pseudonyms = Table(
    "case_pseudonyms",
    metadata,
    _key("case_id"),
    _key("key_id"),
    _key("kind"),
    Column("pseudonym", LargeBinary, primary_key=True, comment="under the case key, which only the opener holds"),
    _written_by(),
    Column("proof", LargeBinary, comment="binds the pseudonym to its case, under the case key"),
    Index(None, "pseudonym"),
)

worklist_orders = Table(
    "worklist_orders",
    metadata,
    _key("order_id"),
    Column("worklist_on", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="filed | done"),
    Column("fingerprint", Text, nullable=False, comment="hash of the cases, their revisions, grounds and teams"),
    Column("filed_at", Text, nullable=False),
    Column("done_at", Text),
    _written_by(),
    Column("purpose", Text, comment="null for worklists; else what is made, with its version and period"),
    Index(None, "worklist_on", "revision", unique=True),
)

team_days = Table(
    "team_days",
    metadata,
    _key("worklist_on"),
    _key("team_id"),
    Column("room_count", Integer, comment="new cases that fit; null is no limit"),
    Column("new_count", Integer, nullable=False, comment="new cases that were asked for"),
    Column("urgent_count", Integer, nullable=False, comment="of these: asked for, room or not"),
    Column("waiting_count", Integer, nullable=False, comment="cases that wait for room"),
    _written_by(),
)

opening_requests = Table(
    "opening_requests",
    metadata,
    _key("request_id"),
    Column("order_id", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("case_revision", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="filed | answered"),
    Column("verdict", Text),
    Column("reason_code", Text),
    Column("fields", JSON, comment="per pair: equal, similar or conflict; no values"),
    Column("filed_at", Text, nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("answered_at", Text),
    _written_by(),
    Index(None, "order_id", "state"),
    Index(None, "case_id"),
)

reviews = Table(
    "reviews",
    metadata,
    _key("case_id"),
    _key("evidence_digest"),
    Column("decision", Text, nullable=False, comment="accepted | rejected"),
    Column("reason_code", Text, nullable=False, comment="the ground: a code of vocabulary/review.py"),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
    _written_by(),
    Index(None, "evidence_digest"),
)

disclosures = Table(
    "disclosures",
    metadata,
    _key("order_id"),
    _key("case_id"),
    Column("worklist_on", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("is_new", Boolean, nullable=False),
    Column("disclosed_at", Text, nullable=False),
    _written_by(),
    Index(None, "case_id"),
)

opener_heartbeats = Table(
    "opener_heartbeats",
    metadata,
    _key("opener_id"),
    Column("seen_at", Text, nullable=False),
    Column("is_practice", Boolean, nullable=False),
    _written_by(),
)

attempts = Table(
    "attempts",
    metadata,
    _key("attempt_id"),
    Column("case_id", Text, nullable=False),
    Column("contact_type", Text, nullable=False),
    Column("is_reached", Boolean, nullable=False),
    Column("attempted_on", Text, nullable=False),
    Column("part_of_day", Text),
    Column("attempted_by", Text, comment="counsellor id or initials as returned"),
    Column("recorded_at", Text, nullable=False),
    Column("is_withdrawn", Boolean, nullable=False, server_default=false(), comment="written down by mistake"),
    Column("sheet_version", Text, comment="of the sheet that spoke last of whether it counts"),
    _written_by(),
    Index(None, "case_id"),
)

results = Table(
    "results",
    metadata,
    _key("case_id"),
    Column("result", Text),
    Column("result_on", Text),
    Column("has_consent_for_feedback", Boolean, nullable=False),
    Column("next_appointment_on", Text),
    Column("is_unsafe", Boolean, nullable=False),
    Column("sheet_version", Text),
    Column("recorded_at", Text, nullable=False),
    _written_by(),
    Column("earlier_result", Text),
    Column("earlier_result_on", Text, comment="how and when it ended before it was taken up again"),
)

feedback_sent = Table(
    "feedback_sent",
    metadata,
    _key("partner_id"),
    _key("month"),
    _key("signal_id"),
    _key("code"),
    Column("sent_on", Text, nullable=False),
    Column("suspended_until_on", Text),
    _written_by(),
)

retirements = Table(
    "retirements",
    metadata,
    _key("run_id"),
    _key("data_class"),
    Column("due_before", Text, nullable=False),
    Column("deleted_count", Integer, nullable=False),
    Column("retired_on", Text, nullable=False),
    Column("retired_at", Text, nullable=False),
    _written_by(),
    Column("journal_seq", Integer, comment="last line of the journal that this run saw"),
)

endings = Table(
    "endings",
    metadata,
    _key("kind"),
    _key("name"),
    Column("month", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    _written_by(),
)

published_releases = Table(
    "published_releases",
    metadata,
    _key("subject"),
    _key("period"),
    _key("moment"),
    Column("revision", Integer, nullable=False),
    Column("first_published_on", Text, nullable=False),
    Column("published_on", Text, nullable=False),
    Column("reason_code", Text),
    Column("blocks", JSON, nullable=False, comment="groups with exact counts: none, or ten and more"),
    _written_by(),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", KeptText, nullable=False),
    Column("actor", KeptText, nullable=False),
    Column("action", KeptText, nullable=False),
    Column("object", KeptText, nullable=False),
    Column("ground", KeptText),
    Column("result", KeptText, nullable=False),
    Column("counts", KeptCounts, nullable=False, default=dict),
    Column("transaction_name", KeptText, nullable=False),
    Column("previous_hash", KeptText, nullable=False, comment="line_hash of the line before"),
    Column("line_hash", KeptText, nullable=False, comment="SHA-256 of this line and previous_hash"),
    Index(None, "object"),
    Index(None, "action"),
)

subject_requests = Table(
    "subject_requests",
    metadata,
    _key("request_id"),
    Column("kind", Text, nullable=False, comment="access | objection"),
    Column("document", JSON, comment="signed by the municipality; null once answered"),
    Column("state", Text, nullable=False, comment="filed | done | refused"),
    Column("reason_code", Text),
    Column("filed_at", Text, nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("answered_at", Text),
    _written_by(),
)

processings = Table(
    "processings",
    metadata,
    Column("trace_id", Text, primary_key=True, comment="W3C: one cause, as an order or a delivery"),
    Column("span_id", Text, primary_key=True, comment="W3C: this line"),
    Column("name", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    Column("status_code", Text, nullable=False),
    Column("data_subject_id", Text, nullable=False, comment="hash of a signal's name"),
    Column("ground", Text),
    Column("agreement_version", Integer),
    Column("is_exported", Boolean, nullable=False, comment="mutable: sent to the collector"),
    Index(None, "data_subject_id"),
)

journal_seals = Table(
    "journal_seals",
    metadata,
    _key("seq", Integer),
    Column("line_hash", KeptText, nullable=False),
    Column("is_checkpoint", Boolean, nullable=False, comment="lines up to here may be retired"),
    Column("sealed_at", KeptText, nullable=False),
    Column("key_id", KeptText, nullable=False),
    Column("signature_b64", KeptText, nullable=False, comment="by the journal key, which only the opener holds"),
    _written_by(),
)
