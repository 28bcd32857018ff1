"""BLAKE2b, without what it costs to ask for it.

``hashlib`` loads OpenSSL when it is imported, two milliseconds of every start, and then hands out BLAKE2 from the interpreter's
own ``_blake2`` all the same. So that is asked first, as the standard library's ``random`` does with SHA-512.
"""

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter that is built without it, or names it otherwise
    from hashlib import blake2b

__all__ = ["blake2b"]
