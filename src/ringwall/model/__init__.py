"""The nouns: frozen values that every part of Ringwall speaks of."""
