"""The hash function MurmurHash3, as scikit-learn uses it for features. Imports no library."""

from __future__ import annotations

from functools import lru_cache

_MASK = 0xFFFFFFFF


@lru_cache(maxsize=100_000)
def murmur3(text: str) -> int:
    """Return the 32-bit MurmurHash3 of a text in UTF-8 with seed 0, as a signed integer.

    Notes
    -----
    MurmurHash3_x86_32 (Appleby 2011, public domain); equal to
    ``sklearn.utils.murmurhash3_32(text)``.
    """
    data = text.encode("utf-8", "surrogatepass")
    value = 0
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        value ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        value = (((value << 13 | value >> 19) & _MASK) * 5 + 0xE6546B64) & _MASK
    if whole < len(data):
        value ^= _mixed(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    value = ((value ^ value >> 16) * 0x85EBCA6B) & _MASK
    value = ((value ^ value >> 13) * 0xC2B2AE35) & _MASK
    value ^= value >> 16
    return value - (1 << 32) if value >> 31 else value


def _mixed(block: int) -> int:
    block = (block * 0xCC9E2D51) & _MASK
    block = (block << 15 | block >> 17) & _MASK
    return (block * 0x1B873593) & _MASK
