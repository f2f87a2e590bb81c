"""CloudWatch dashboards: what moto lacks of their tags."""

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse

from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto


def install() -> None:
    """Keep the tags that a dashboard is made with, and those that are set later."""

    @wrap(CloudWatchResponse, "put_dashboard")
    def put(original: Moto, self: Moto) -> Moto:
        name = self._get_param("DashboardName")
        there = self.cloudwatch_backend.get_dashboard(name) is not None
        answer = original(self)
        tags = self._get_param("Tags", [])
        if tags and not there:
            made = self.cloudwatch_backend.get_dashboard(name)
            self.cloudwatch_backend.tagger.tag_resource(made.arn, tags)
        return answer

    @wrap(CloudWatchBackend, "tag_resource")
    def tag(original: Moto, self: Moto, arn: str, tags: dict[str, str]) -> None:
        if arn in {each.arn for each in self.dashboards.values()}:
            self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))
        else:
            original(self, arn, tags)
