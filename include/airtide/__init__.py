"""Airtide: viewer trends of live broadcasts, from the sites' APIs to a ranking."""
