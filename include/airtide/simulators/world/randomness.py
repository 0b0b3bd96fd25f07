"""Randomness without state: every draw is a hash of the seed, a name and some whole numbers.

A generator with a state would make an answer depend on what was asked before it; here the same question always
gets the same number, in any order and in any process.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Bits: TypeAlias = NDArray[np.uint64]
Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


def mix(values: Bits) -> Bits:
    """Scramble 64-bit words (the splitmix64 finaliser: a bijection, so distinct words stay distinct)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


@dataclass(frozen=True, slots=True)
class Dice:
    """Named streams of random numbers of one platform of one world."""

    seed: int
    platform: str

    def bits(self, name: str, *coordinates: Integers | int) -> Bits:
        """Give 64 random bits for each element of the broadcast shape of the coordinates (at least one element)."""
        words = np.frombuffer(self.digest(name, size=8), dtype=np.uint64)
        for coordinate in coordinates:
            words = mix(words ^ np.asarray(coordinate, dtype=np.int64).astype(np.uint64))
        return words

    def uniform(self, name: str, *coordinates: Integers | int) -> Floats:
        """Give evenly distributed numbers in [0, 1)."""
        return _to_unit(self.bits(name, *coordinates))

    def normal(self, name: str, *coordinates: Integers | int) -> Floats:
        """Give normally distributed numbers of mean 0 and variance 1 (Box and Muller's transform)."""
        words = self.bits(name, *coordinates)
        radius: Floats = np.sqrt(-2 * np.log1p(-_to_unit(words)))
        return radius * np.cos(2 * np.pi * _to_unit(mix(words)))

    def roll(self, name: str, *coordinates: int) -> float:
        """Give one number in [0, 1) without going through an array: quicker for single questions."""
        return int.from_bytes(self.digest(name, *coordinates, size=8), "big") / 2**64

    def digest(self, name: str, *coordinates: int, size: int) -> bytes:
        """Give `size` random bytes."""
        text = f"{self.seed}:{self.platform}:{name}:{coordinates}"
        return hashlib.blake2b(text.encode(), digest_size=size).digest()


def _to_unit(words: Bits) -> Floats:
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
