"""`s3://BUCKET/PREFIX` → sources: AWS's layout and the Hive layout, and any other by its names.

Rules:
- With hours asked for, folders are listed one by one, and those of other hours are left out; below
  a day, and without hours, everything is listed.
- An object is fetched whole before it is read: small ones to memory, others to an unnamed file.
"""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, cast

from ringwall.errors import CloudError, InputError
from ringwall.shell.aws import Cloud
from ringwall.shell.complaints import to_cloud_error
from ringwall.shell.store.sources import Source
from ringwall.traffic.stamps import Hours, in_hours, span_of

SCHEME: Final = "s3://"
IN_MEMORY: Final = 2 << 20  # bytes of an object
PIECE: Final = 1 << 20
ATTEMPTS: Final = 3  # to read an object whose connection is cut
DEEPEST: Final = 32  # folders
DAY: Final = 86400


def s3_sources(text: str, hours: Hours, cloud: Cloud) -> Iterator[Source]:
    """Yield the objects of a location, by name; raises InputError, CloudError."""
    bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
    if not bucket:
        message = f"'{text}' names no bucket"
        raise InputError(message, hint="as s3://BUCKET/PREFIX")
    for item in _objects(cloud, bucket, prefix, hours, 0):
        name = str(item["Key"])
        if int(item["Size"]) and in_hours(name, hours):
            yield _source(cloud, bucket, item, named=name == prefix)


def _objects(
    cloud: Cloud, bucket: str, prefix: str, hours: Hours, depth: int
) -> Iterator[dict[str, Any]]:
    span = span_of(prefix) if prefix.endswith("/") else None
    narrow = span is not None and span[1] - span[0] <= DAY
    if hours == (None, None) or narrow or depth >= DEEPEST:
        for page in _pages(cloud, bucket, prefix, {}):
            yield from page.get("Contents", ())
        return
    for page in _pages(cloud, bucket, prefix, {"Delimiter": "/"}):
        yield from page.get("Contents", ())
        for folder in page.get("CommonPrefixes", ()):
            below = str(folder["Prefix"])
            if in_hours(below, hours):
                yield from _objects(cloud, bucket, below, hours, depth + 1)


def _pages(
    cloud: Cloud, bucket: str, prefix: str, more: dict[str, str]
) -> Iterator[dict[str, Any]]:
    request = {"Bucket": bucket, "Prefix": prefix, **more}
    while True:
        page = cloud.call("s3", "list_objects_v2", request)
        yield page
        token = page.get("NextContinuationToken")
        if not page.get("IsTruncated") or not token:
            return
        request["ContinuationToken"] = token


def _source(cloud: Cloud, bucket: str, item: dict[str, Any], *, named: bool) -> Source:
    key, stamp = str(item["Key"]), str(item["ETag"])

    def opened() -> BinaryIO:
        return _fetched(cloud, bucket, key)

    name = f"{SCHEME}{bucket}/{key}"
    return Source(name, int(item["Size"]), stamp, opened, named=named, remote=True)


def _fetched(cloud: Cloud, bucket: str, key: str) -> BinaryIO:
    """Return the bytes of an object; raises CloudError."""
    attempt = 0
    while True:
        attempt += 1
        file = cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115  (the caller's)
        try:
            body = cloud.call("s3", "get_object", {"Bucket": bucket, "Key": key})["Body"]
            _copy(body, file)
        except CloudError as error:
            file.close()
            if attempt >= ATTEMPTS or not error.unclear:
                raise
        else:
            file.seek(0)
            return file


def _copy(body: Any, file: BinaryIO) -> None:  # noqa: ANN401  (botocore's stream)
    try:
        while piece := body.read(PIECE):
            file.write(piece)
    except OSError:
        raise
    except Exception as failure:  # noqa: BLE001  (to_cloud_error re-raises what is ours)
        raise to_cloud_error(failure, "s3", "get_object") from None
    finally:
        body.close()
