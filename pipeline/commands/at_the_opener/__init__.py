"""What the opener alone does: it opens contacts, and nobody calls these modules but its own process."""
