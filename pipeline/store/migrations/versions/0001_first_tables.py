"""The first tables. Frozen: a later change of a table is a migration of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("contact_type", sa.Text(), nullable=False),
        sa.Column("is_reached", sa.Boolean(), nullable=False),
        sa.Column("attempted_on", sa.Text(), nullable=False),
        sa.Column("part_of_day", sa.Text(), nullable=True),
        sa.Column("attempted_by", sa.Text(), nullable=True, comment="counsellor id or initials as returned"),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_case_id"), "attempts", ["case_id"], unique=False)
    op.create_table(
        "case_signals",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=True, comment="null until the opener compared it"),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("case_id", "partner_id", "month", "signal_id", name=op.f("pk_case_signals")),
    )
    op.create_index(op.f("ix_case_signals_month_signal_id"), "case_signals", ["month", "signal_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=True, comment="null | retracted"),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("wijkcode", sa.Text(), nullable=True),
        sa.Column("postcode4", sa.Text(), nullable=True),
        sa.Column("team_id", sa.Text(), nullable=True),
        sa.Column("counsellor_id", sa.Text(), nullable=True),
        sa.Column("partner_count", sa.Integer(), nullable=False),
        sa.Column("months_max", sa.Integer(), nullable=False),
        sa.Column("is_crisis", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="raised when the evidence changes"),
        sa.Column(
            "evidence_digest",
            sa.Text(),
            nullable=False,
            comment="hash of signals, months and tokens: tells a change",
        ),
        sa.Column("revealed_revision", sa.Integer(), nullable=True, comment="the revision that was shown last"),
        sa.Column("reason_code", sa.Text(), nullable=True, comment="why it is withheld, doubtful or not routed"),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("first_revealed_on", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_month_state"), "cases", ["month", "state"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("manifest_hash", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=True),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False, comment="admitted | warned | held | refused | released"),
        sa.Column("response_code", sa.Text(), nullable=False),
        sa.Column("fault_code", sa.Text(), nullable=True),
        sa.Column("fault_column", sa.Text(), nullable=True),
        sa.Column("agreement_id", sa.Text(), nullable=True),
        sa.Column("agreement_version", sa.Integer(), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("admitted_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("refused_rows", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=True),
        sa.Column("signature_b64", sa.Text(), nullable=True),
        sa.Column(
            "quarantine_name",
            sa.Text(),
            nullable=True,
            comment="folder in quarantine, for held and refused deliveries",
        ),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("delivery_id", "manifest_hash", name=op.f("pk_deliveries")),
    )
    op.create_table(
        "disclosures",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("worklist_on", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("disclosed_at", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("order_id", "case_id", name=op.f("pk_disclosures")),
    )
    op.create_index(op.f("ix_disclosures_case_id"), "disclosures", ["case_id"], unique=False)
    op.create_table(
        "feedback_sent",
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Text(), nullable=False),
        sa.Column("suspended_until_on", sa.Text(), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("partner_id", "month", "signal_id", "code", name=op.f("pk_feedback_sent")),
    )
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("transaction_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_object"), "journal", ["object"], unique=False)
    op.create_table(
        "month_marks",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("changed_revision", sa.Integer(), nullable=False, comment="raised by each admission"),
        sa.Column("matched_revision", sa.Integer(), nullable=False, comment="the revision that was matched last"),
        sa.Column("rule_fingerprint", sa.Text(), nullable=True, comment="rule under which it was matched"),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_month_marks")),
    )
    op.create_table(
        "opener_heartbeats",
        sa.Column("opener_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.Column("is_practice", sa.Boolean(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("opener_id", name=op.f("pk_opener_heartbeats")),
    )
    op.create_table(
        "opening_requests",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("case_revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="filed | answered"),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=True, comment="per pair: equal, similar or conflict; no values"),
        sa.Column("filed_at", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_opening_requests")),
    )
    op.create_index(op.f("ix_opening_requests_case_id"), "opening_requests", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_opening_requests_order_id_state"), "opening_requests", ["order_id", "state"], unique=False
    )
    op.create_table(
        "results",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("result_on", sa.Text(), nullable=True),
        sa.Column("has_consent_for_feedback", sa.Boolean(), nullable=False),
        sa.Column("next_appointment_on", sa.Text(), nullable=True),
        sa.Column("is_unsafe", sa.Boolean(), nullable=False),
        sa.Column("sheet_version", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_results")),
    )
    op.create_table(
        "retirements",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("data_class", sa.Text(), nullable=False),
        sa.Column("due_before", sa.Text(), nullable=False),
        sa.Column("deleted_count", sa.Integer(), nullable=False),
        sa.Column("retired_on", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("run_id", "data_class", name=op.f("pk_retirements")),
    )
    op.create_table(
        "reviews",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("evidence_digest", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False, comment="accepted | rejected"),
        sa.Column("reason_code", sa.Text(), nullable=False, comment="the ground: a code of vocabulary/review.py"),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("case_id", "evidence_digest", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_evidence_digest"), "reviews", ["evidence_digest"], unique=False)
    op.create_table(
        "signals",
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("is_retraction", sa.Boolean(), nullable=False),
        sa.Column(
            "is_current", sa.Boolean(), nullable=False, comment="mutable: the row that counts for this signal"
        ),
        sa.Column(
            "t_initial_address", sa.LargeBinary(), nullable=True, comment="token under the month's store key"
        ),
        sa.Column(
            "t_initial_year_address", sa.LargeBinary(), nullable=True, comment="token under the month's store key"
        ),
        sa.Column(
            "t_initial_day_address", sa.LargeBinary(), nullable=True, comment="token under the month's store key"
        ),
        sa.Column(
            "t_name_birth_postcode", sa.LargeBinary(), nullable=True, comment="token under the month's store key"
        ),
        sa.Column(
            "t_name_birth_postcode_alt",
            sa.LargeBinary(),
            nullable=True,
            comment="token under the month's store key",
        ),
        sa.Column(
            "t_name_initial_birth", sa.LargeBinary(), nullable=True, comment="token under the month's store key"
        ),
        sa.Column(
            "t_name_initial_birth_alt",
            sa.LargeBinary(),
            nullable=True,
            comment="token under the month's store key",
        ),
        sa.Column(
            "t_name_initial_postcode", sa.LargeBinary(), nullable=True, comment="token under the month's store key"
        ),
        sa.Column(
            "t_name_initial_postcode_alt",
            sa.LargeBinary(),
            nullable=True,
            comment="token under the month's store key",
        ),
        sa.Column("t_email_initial", sa.LargeBinary(), nullable=True, comment="token under the month's store key"),
        sa.Column("t_phone_initial", sa.LargeBinary(), nullable=True, comment="token under the month's store key"),
        sa.Column("t_email_birth", sa.LargeBinary(), nullable=True, comment="token under the month's store key"),
        sa.Column("t_phone_birth", sa.LargeBinary(), nullable=True, comment="token under the month's store key"),
        sa.Column("t_name_address", sa.LargeBinary(), nullable=True, comment="token under the month's store key"),
        sa.Column(
            "t_name_address_alt", sa.LargeBinary(), nullable=True, comment="token under the month's store key"
        ),
        sa.Column("sealed_contact", sa.LargeBinary(), nullable=True),
        sa.Column("wijkcode", sa.Text(), nullable=True),
        sa.Column("postcode4", sa.Text(), nullable=True),
        sa.Column("arrears_months", sa.Integer(), nullable=True),
        sa.Column("arrears_band", sa.Text(), nullable=True),
        sa.Column("is_crisis", sa.Boolean(), nullable=True),
        sa.Column("opening_key_id", sa.Text(), nullable=True),
        sa.Column("signing_key_id", sa.Text(), nullable=True),
        sa.Column("agreement_id", sa.Text(), nullable=True),
        sa.Column("agreement_version", sa.Integer(), nullable=True),
        sa.Column("admitted_at", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("partner_id", "month", "sequence", "signal_id", name=op.f("pk_signals")),
    )
    op.create_index(op.f("ix_signals_month_is_current"), "signals", ["month", "is_current"], unique=False)
    op.create_index(op.f("ix_signals_signal_id"), "signals", ["signal_id"], unique=False)
    op.create_table(
        "worklist_orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("worklist_on", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="filed | done"),
        sa.Column(
            "fingerprint",
            sa.Text(),
            nullable=False,
            comment="hash of the cases, their revisions, grounds and teams",
        ),
        sa.Column("filed_at", sa.Text(), nullable=False),
        sa.Column("done_at", sa.Text(), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=False, comment="name of the transaction"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_worklist_orders")),
    )
    op.create_index(
        op.f("ix_worklist_orders_worklist_on_revision"),
        "worklist_orders",
        ["worklist_on", "revision"],
        unique=True,
    )
    # ### end Alembic commands ###
