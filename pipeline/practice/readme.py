"""The text that lies beside a practice region: what it is and the next commands, in English and in Dutch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.practice.partners import PARTNERS
from pipeline.practice.region import Plan
from pipeline.vocabulary.period import add_months, is_working_day, month_start, next_working_day

_TEXT = """# Practice region / Oefenregio

Nobody in this folder exists. {households} households, seed {seed}, {months}.

## What to do next

Run these from this folder. The first seals every partner's list; names do not leave the partner readable.

```sh
{seal}
```

Some rows stay at the partner: a business, or somebody who objected. That is said, and is no error.
Then the municipality runs one day:

```sh
{day}
```

The worklists of the teams lie in `{homes}/outbox/worklists/`, the receipts for the partners in
`{homes}/outbox/receipts/`. `samenloop status --home {home} --date {date}` says how things stand.

## What is in it

| path | what | who may have it in real life |
|---|---|---|
| `partners/<id>/export-<month>.csv` | a partner's own list, in its own notation | that partner |
| `partners/<id>/keys.json` | a partner's keys | that partner |
| `key-holder/` | the token root | the key holder, who is not the municipality |
| `{homes}/` | home: agreement, keys, inbox, outbox | the municipality; `opener-keys/` the opener alone |
| `areas.csv` | postcode and house number to wijk, as the CBS publishes it | everybody |
| `truth.csv` | who is really behind each client number | nobody: it exists in practice only, to measure with |

All keys lie together here, so this folder is for practice and never for real people.

## Wat u nu doet

Niemand in deze map bestaat. Het is een oefenregio met {households} huishoudens.

1. Open een terminal in deze map.
2. Voer het eerste blok opdrachten hierboven uit. Elke partner versleutelt zijn lijst.
   Niemand kan de namen dan nog lezen.
3. Voer het tweede blok uit. De gemeente verwerkt de lijsten.
4. Kijk in `{homes}/outbox/worklists/`. Daar staat voor elk wijkteam een werklijst.

Alle sleutels liggen hier bij elkaar. Gebruik deze map daarom alleen om te oefenen.
"""


def readme(plan: Plan, homes: Sequence[str]) -> str:
    """README.md of a practice region.

    Args:
        plan: what was asked for.
        homes: the folder names of the municipalities' homes.
    """
    months = sorted(set(plan.months))
    place = "municipality" if len(homes) == 1 else "municipality-<gemeentecode>"
    agreement = "agreement.json" if len(homes) == 1 else "$home/agreement.json"
    seal = [
        f"for partner in {' '.join(partner.partner_id for partner in PARTNERS)}; do",
        *([] if len(homes) == 1 else [f"for home in {' '.join(homes)}; do"]),
        f"for month in {' '.join(months)}; do",
        '  samenloop partner seal "partners/$partner/export-$month.csv" --month "$month" \\',
        f'    --agreement {agreement} --keys "partners/$partner/keys.json" --areas areas.csv \\',
        f"    --out {'municipality' if len(homes) == 1 else '$home'}/inbox/deliveries",
        "; ".join(["done"] * (2 if len(homes) == 1 else 3)),
    ]
    on = working_day_after(months[-1])
    day = [f"samenloop day --home {home} --date {on}" for home in homes]
    return _TEXT.format(
        households=plan.households,
        seed=plan.seed,
        months=", ".join(months),
        seal="\n".join(seal),
        day="\n".join(day),
        homes=place,
        home=homes[0],
        date=on,
    )


def working_day_after(month: str) -> date:
    """The first working day of the month after: when the last month's lists are in."""
    start = month_start(add_months(month, 1))
    return start if is_working_day(start) else next_working_day(start)
