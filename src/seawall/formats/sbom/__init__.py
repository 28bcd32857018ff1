"""SBOMs: reading those of Seawall and of others, in CycloneDX and SPDX."""
