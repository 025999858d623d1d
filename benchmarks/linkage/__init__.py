"""Samenloop beside the linkers that see names, on the same records: `make bench-linkage`."""
