"""Which sets of signals of one month meet the rule of the agreement, and on what evidence.

Takes frames, returns frames; holds no key and no name, and opens nothing. `match_month` is the one door.
"""

from pipeline.pseudonymous.match_signals.propose import PROPOSED_SCHEMA, RULES, match_month

__all__ = ["PROPOSED_SCHEMA", "RULES", "match_month"]
