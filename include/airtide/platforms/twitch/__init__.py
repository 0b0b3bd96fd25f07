"""Twitch: app token, cursor paging over everything live, ordered by viewers."""
