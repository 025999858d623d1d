"""One case, one team, one purpose: what the opener does, in its own process."""
