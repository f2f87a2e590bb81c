"""Text into a blueprint, and a blueprint into the graph of resources that it asks for."""
