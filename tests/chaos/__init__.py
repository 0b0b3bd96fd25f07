"""Breaks landings on purpose, at named points and in named ways, and asks the oracle afterwards."""
