"""The rollups of a day on other engines than the warehouse's: one SQL text, in the form that all of them read."""
