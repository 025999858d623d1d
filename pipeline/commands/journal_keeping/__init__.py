"""The journal as a chain: sealed, verified, its head kept out of reach of the store."""
