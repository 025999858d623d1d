"""Hostile input through every reader of the house: seeded, resumable, judged again by a slow second reader."""
