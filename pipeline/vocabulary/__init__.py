"""Frozen words of the field and pure rules on them. No input, no output."""
