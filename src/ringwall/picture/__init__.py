"""A network → a picture: a scene of plain facts, drawn as SVG or told as a table."""
