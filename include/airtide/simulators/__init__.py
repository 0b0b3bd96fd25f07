"""The streaming sites as local servers: the wire format of the real ones, over a seeded world with a known truth.

This room imports nothing of the rest of the package, so that a mistake of a parser is not mirrored here and passed.
"""
