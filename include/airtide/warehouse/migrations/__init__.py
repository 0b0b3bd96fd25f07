"""Numbered changes of the schema; a change that is merged is never edited."""
