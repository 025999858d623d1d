"""The reference: the rule of matching in plain loops and sets, to be read in two minutes. Slow, and right."""
