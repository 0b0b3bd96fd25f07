"""The words and the arithmetic: pure, standard library only, no clock, no input or output."""
