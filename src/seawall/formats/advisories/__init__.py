"""Readers of advisory databases' files: bytes in, frozen advisories out. No reader raises on a bad input."""
