"""At the municipality: signals without a name. Nothing in this zone can identify anybody."""
