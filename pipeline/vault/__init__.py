"""The only importer of cryptography: keys, tokens, sealing, signatures."""
