"""A Cloud that something happens to before each request."""


class WatchedCloud:
    """Implements shell.aws.Cloud over another; `tell` is called with operation and request."""

    def __init__(self, cloud, tell):
        self.cloud, self.tell = cloud, tell
        self.account, self.region, self.endpoint = cloud.account, cloud.region, cloud.endpoint

    def call(self, service, operation, request):
        self.tell(operation, request)
        return self.cloud.call(service, operation, request)

    def paginate(self, service, operation, request, items_path):
        self.tell(operation, request)
        return self.cloud.paginate(service, operation, request, items_path)
