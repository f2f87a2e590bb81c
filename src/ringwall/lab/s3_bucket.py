"""Buckets that are created with their tags."""

from typing import Any
from xml.etree import ElementTree as Xml

from moto.s3.responses import S3Response

from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto

S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def tags_of(body: bytes) -> dict[str, str]:
    """Return the tags that a request to create a bucket asks for."""
    if not body.lstrip().startswith(b"<CreateBucketConfiguration"):
        return {}
    root = Xml.fromstring(body)  # noqa: S314  (a lab's own caller, on the loopback interface)
    return {
        str(tag.findtext(f"{S3}Key")): str(tag.findtext(f"{S3}Value") or "")
        for tag in root.iter(f"{S3}Tag")
    }


def install() -> None:
    """CreateBucket: "An array of tags that you can apply to the bucket that you're creating"."""

    @wrap(S3Response, "_bucket_response_put")
    def put(original: Moto, self: Moto, request: Moto, bucket_name: str, query: Moto) -> Moto:
        there = bucket_name in self.backend.buckets
        answer: Any = original(self, request, bucket_name, query)
        tags = {} if there else tags_of(self.body if isinstance(self.body, bytes) else b"")
        if tags and bucket_name in self.backend.buckets:
            self.backend.put_bucket_tagging(bucket_name, tags)
        return answer
