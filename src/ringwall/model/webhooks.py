"""Where the address of a webhook is kept, by how the name of the place begins.

The address is a secret: whoever has it can write there. It is named by what keeps it.
"""

from typing import Final

PARAMETER: Final = "ssm:"  # a parameter of Systems Manager
MANAGED: Final = "secretsmanager:"  # a secret of Secrets Manager
HINT: Final = f"{PARAMETER}/ringwall/webhook or {MANAGED}ringwall/webhook"
