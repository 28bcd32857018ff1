"""Seawall: one wall around the four layers of a Kubernetes system.

The packages below import each other in one direction only (``docs/architecture.md``); import-linter holds it.
"""

__version__ = "0.1.0"
