"""What lies behind `partner`: reading a list, sealing it, and reading feedback, on the partner's premises."""
