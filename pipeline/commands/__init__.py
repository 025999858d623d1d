"""The imperative shell: one file per command; what several share of one matter lies in a room of its own."""
