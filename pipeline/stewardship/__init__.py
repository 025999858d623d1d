"""Counts and clocks: feedback, follow-up, monitoring, retention."""
