"""The words: frozen values that every other package speaks. Imports nothing of Seawall but itself."""
