"""From a finding to a proven, reversible action, and back."""
