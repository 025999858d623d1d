"""Samenloop: early warning of household debt for Dutch municipalities, without names before there is a case."""

__version__ = "0.1.0"
