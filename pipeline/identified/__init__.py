"""At the partner: names are readable here, and nowhere else before a case exists."""
