"""SSM's parameters in memory."""

from tests.fakes.scripted import ScriptedCloud, refusal


class ParameterCloud(ScriptedCloud):
    """PutParameter, GetParameter and DeleteParameter as SSM does them; `values` holds them."""

    def __init__(self) -> None:
        super().__init__(
            put_parameter=self._put, get_parameter=self._get, delete_parameter=self._delete
        )
        self.values: dict[str, str] = {}

    def _put(self, request):
        if request["Name"] in self.values and not request["Overwrite"]:
            raise refusal("put_parameter", "ParameterAlreadyExists")
        self.values[request["Name"]] = request["Value"]
        return {"Version": 1}

    def _get(self, request):
        if request["Name"] not in self.values:
            raise refusal("get_parameter", "ParameterNotFound")
        return {"Parameter": {"Value": self.values[request["Name"]]}}

    def _delete(self, request):
        if request["Name"] not in self.values:
            raise refusal("delete_parameter", "ParameterNotFound")
        del self.values[request["Name"]]
        return {}
