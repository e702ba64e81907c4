"""The version of this package, as it stands on the wire and on PyPI."""

__version__ = "0.1.0"
