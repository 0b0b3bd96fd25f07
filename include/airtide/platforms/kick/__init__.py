"""Kick: app token, cursor paging over everything live, oldest start first; version 1 of the list as a way out."""
