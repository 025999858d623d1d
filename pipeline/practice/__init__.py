"""The practice region: fictional people, partners and exports. Pure; knows nothing of matching."""
