"""Credentials in bytes: shapes from data, one pass for all of them, and a close look at the few places that are left."""
