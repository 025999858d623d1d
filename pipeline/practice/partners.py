"""The six signal partners: whom they serve, what they bill, how their arrears begin and grow.

Shares of signals follow the Dutch mix roughly; nothing here depends on anybody's origin.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Partner:
    """A signal partner as a business; how it writes stands in habits."""

    partner_id: str
    partner_type: str
    name: str
    share_of_signals: float
    monthly_bill_eur: tuple[int, int]
    first_months: tuple[tuple[int, float], ...]  # months in arrears when it first reports, with weights
    bill_every: int  # months
    crisis_kind: str
    crisis_rate: float  # of its signals, from crisis_from months on
    crisis_from: int
    second_contract_rate: float  # two rows under one client number
    second_number_rate: float  # one person under two client numbers
    business_rate: float  # legal persons among its rows


PARTNERS: tuple[Partner, ...] = (
    Partner(
        partner_id="corporatie-waterkant",
        partner_type="Huur",
        name="Woonstichting De Waterkant",
        share_of_signals=0.17,
        monthly_bill_eur=(480, 880),
        first_months=((1, 32), (2, 42), (3, 17), (4, 9)),
        bill_every=1,
        crisis_kind="ontruiming",
        crisis_rate=0.1,
        crisis_from=3,
        second_contract_rate=0.05,
        second_number_rate=0.005,
        business_rate=0.01,
    ),
    Partner(
        partner_id="corporatie-nieuwe-erven",
        partner_type="Huur",
        name="Nieuwe Erven Wonen",
        share_of_signals=0.12,
        monthly_bill_eur=(450, 820),
        first_months=((1, 34), (2, 41), (3, 16), (4, 9)),
        bill_every=1,
        crisis_kind="ontruiming",
        crisis_rate=0.1,
        crisis_from=3,
        second_contract_rate=0.03,
        second_number_rate=0.005,
        business_rate=0.01,
    ),
    Partner(
        partner_id="energie-noordstroom",
        partner_type="Energie",
        name="Noordstroom Energie",
        share_of_signals=0.24,
        monthly_bill_eur=(95, 290),
        first_months=((1, 30), (2, 44), (3, 18), (4, 8)),
        bill_every=1,
        crisis_kind="eindelevering",
        crisis_rate=0.3,
        crisis_from=2,
        second_contract_rate=0.03,
        second_number_rate=0.02,
        business_rate=0.03,
    ),
    Partner(
        partner_id="water-wellerbron",
        partner_type="Water",
        name="Waterbedrijf Wellerbron",
        share_of_signals=0.18,
        monthly_bill_eur=(14, 46),
        first_months=((3, 74), (6, 11), (1, 9), (2, 6)),
        bill_every=3,
        crisis_kind="afsluiting",
        crisis_rate=0.05,
        crisis_from=3,
        second_contract_rate=0.01,
        second_number_rate=0.02,
        business_rate=0.03,
    ),
    Partner(
        partner_id="zorg-samenzeker",
        partner_type="Zorg",
        name="Zorgverzekeraar Samenzeker",
        share_of_signals=0.25,
        monthly_bill_eur=(136, 182),
        first_months=((1, 28), (2, 36), (3, 20), (4, 10), (5, 6)),
        bill_every=1,
        crisis_kind="",
        crisis_rate=0.0,
        crisis_from=0,
        second_contract_rate=0.02,
        second_number_rate=0.0,
        business_rate=0.0,
    ),
    Partner(
        partner_id="verhuurder-kamerhof",
        partner_type="Huur",
        name="Kamerhof Verhuur",
        share_of_signals=0.04,
        monthly_bill_eur=(340, 1150),
        first_months=((1, 36), (2, 42), (3, 15), (4, 7)),
        bill_every=1,
        crisis_kind="ontruiming",
        crisis_rate=0.15,
        crisis_from=2,
        second_contract_rate=0.02,
        second_number_rate=0.0,
        business_rate=0.03,
    ),
)

WATERKANT, NIEUWE_ERVEN, ENERGIE, WATER, ZORG, KAMERHOF = range(6)
