"""Metric filters of CloudWatch Logs: what moto lacks of them."""

from moto.logs.metric_filters import MetricFilters

from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto


def install() -> None:
    """Let a filter take the place of the one of its name."""

    @wrap(MetricFilters, "add_filter")
    def put(original: Moto, self: Moto, name: str, text: str, group: str, made: Moto) -> None:
        self.delete_filter(name, group)
        original(self, name, text, group, made)
