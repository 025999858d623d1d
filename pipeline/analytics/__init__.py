"""The analysts' database is written here, and the disclosure control that guards it."""
