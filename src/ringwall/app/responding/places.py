"""Where ledgers are: beside the journal of a deployment, in a file, or in a table of DynamoDB."""

from typing import Final

FILE: Final = "responses.sqlite"
TABLE: Final = "dynamodb:"
