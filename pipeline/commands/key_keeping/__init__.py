"""What lies behind `agreement` and `keys`: making, issuing, rotating and checking keys and documents."""
