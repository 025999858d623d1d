"""Where things go out and come in. Only input and output, no decisions."""
