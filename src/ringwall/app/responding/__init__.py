"""From an event to a proven, reversible action, and back."""
