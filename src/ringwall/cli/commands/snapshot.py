"""`ringwall snapshot`."""

import click

from ringwall.cli.options import json_option, quiet_option
from ringwall.cli.progress import progress
from ringwall.cli.screen import show, show_json


@click.command("snapshot")
@click.option("-o", "--output", required=True, metavar="DIR", help="The folder to write.")
@click.option("--region", "regions", multiple=True, help="Read this region; may be repeated.")
@click.option("--profile", "profiles", multiple=True, help="With this profile; may be repeated.")
@click.option("--role-arn", "roles", multiple=True, help="As this role; may be repeated.")
@click.option("--force", is_flag=True, help="Replace the accounts of an older snapshot in DIR.")
@click.option("--endpoint-url", help="AWS endpoint; AWS_ENDPOINT_URL counts too.")
@quiet_option
@json_option
def command(
    output: str,
    regions: tuple[str, ...],
    profiles: tuple[str, ...],
    roles: tuple[str, ...],
    force: bool,
    endpoint_url: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Write what AWS says of networks to a folder, which every command takes as a NETWORK.

    Each account (by profile or role) is read in each region. Secrets are left out; what AWS refuses
    to tell is recorded, and unknown.
    """
    from ringwall.app.snapshotting import Place, take_snapshot

    places = [
        Place(profile, role, region)
        for profile in profiles or ("",)
        for role in roles or ("",)
        for region in regions or ("",)
    ]
    taken = take_snapshot(
        output,
        places,
        endpoint=endpoint_url or "",
        force=force,
        progress=progress(quiet=quiet or as_json),
    )
    if as_json:
        show_json(taken.to_dict())
    else:
        for account, region, count, refused in taken.places:
            show(f"{account}/{region}  {count:,} objects")
            for name in refused:
                show(f"  refused  {name}")
        show(f"wrote {output}; ask it with `ringwall reach {output} --from internet`")
    return 0
