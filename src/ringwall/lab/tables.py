"""DynamoDB tables: what moto lacks of their tags."""

from moto.dynamodb.models import DynamoDBBackend

from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto


def install() -> None:
    """Let a tag take the place of the one of its key."""

    @wrap(DynamoDBBackend, "tag_resource")
    def tag(original: Moto, self: Moto, arn: str, tags: Moto) -> None:
        table = next((one for one in self.tables.values() if one.table_arn == arn), None)
        if table is not None:
            table.tags = [tag for tag in table.tags if tag["Key"] not in tags]
        original(self, arn, tags)
