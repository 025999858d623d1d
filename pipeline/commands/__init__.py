"""The imperative shell: one file per command, load, decide, save, in named transactions."""
