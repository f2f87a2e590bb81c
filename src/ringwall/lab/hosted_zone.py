"""Private hosted zones of Route 53, with the conflicts that AWS sees."""

from moto.route53.models import FakeZone, Route53Backend
from moto.route53.responses import Route53

from ringwall.lab.actions import refuse, wrap
from ringwall.lab.world import Moto


def _check_conflict(backend: Moto, name: str, vpc_id: str) -> None:
    """Refuse a VPC that already has a zone of this name.

    "ConflictingDomainExists: ... You specified an Amazon VPC that you're already using for
    another hosted zone, and the domain that you specified for one of the hosted zones is ... the
    same" (AssociateVPCWithHostedZone).
    """
    for zone in backend.zones.values():
        same = zone.name.rstrip(".") == name.rstrip(".")
        if same and any(vpc["vpc_id"] == vpc_id for vpc in zone.vpcs):
            text = f"The VPC {vpc_id} is already associated with a hosted zone named {name}."
            refuse("ConflictingDomainExists", text)


def install() -> None:
    """Wrap the parts of moto's hosted zones that let too much pass."""

    @wrap(Route53, "create_hosted_zone")
    def answer(original: Moto, self: Moto) -> Moto:
        # "(Private hosted zones only) A complex type that contains information about the Amazon
        # VPC that you're associating": naming a VPC makes the zone private.
        if self.params.get("VPC"):
            config = dict(self.params.get("HostedZoneConfig") or {})
            self.params["HostedZoneConfig"] = {**config, "PrivateZone": True}
        return original(self)

    @wrap(Route53Backend, "create_hosted_zone")
    def create(original: Moto, self: Moto, name: str, *args: Moto, **kwargs: Moto) -> Moto:
        reference = kwargs.get("caller_reference")
        if reference and any(zone.caller_reference == reference for zone in self.zones.values()):
            # "If you want to create a hosted zone ... CallerReference must be unique".
            text = "A hosted zone has already been created with the specified caller reference."
            refuse("HostedZoneAlreadyExists", text)
        if kwargs.get("vpcid"):
            _check_conflict(self, name, kwargs["vpcid"])
        zone = original(self, name, *args, **kwargs)
        for record in zone.rrsets:
            # moto keeps the start of authority as a dictionary and prints it as such.
            record.records = [
                one["Value"] if isinstance(one, dict) else one for one in record.records
            ]
        return zone

    @wrap(Route53Backend, "associate_vpc_with_hosted_zone")
    def associate(original: Moto, self: Moto, zone_id: str, vpcid: str, vpcregion: str) -> Moto:
        zone: FakeZone = self.get_hosted_zone(zone_id)
        if zone.private_zone:
            _check_conflict(self, zone.name, vpcid)
        return original(self, zone_id, vpcid, vpcregion)

    @wrap(Route53Backend, "disassociate_vpc_from_hosted_zone")
    def disassociate(original: Moto, self: Moto, zone_id: str, vpcid: str) -> Moto:
        zone: FakeZone = self.get_hosted_zone(zone_id)
        if not any(vpc["vpc_id"] == vpcid for vpc in zone.vpcs):
            text = f"The VPC {vpcid} is not associated with the hosted zone {zone_id}."
            refuse("VPCAssociationNotFound", text)
        return original(self, zone_id, vpcid)
