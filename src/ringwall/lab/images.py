"""Amazon's machine images: made when somebody asks for one.

moto makes some hundred, with a volume and a snapshot each, for every region of every account, and
again after each reset.
"""

from collections.abc import Iterator
from functools import partial

from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import AmiBackend

from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto

_IMAGES, _MAKE = "_images", "_make_images"


def _made(self: Moto) -> Moto:
    """Return the images; whoever asks first has Amazon's made."""
    make = self.__dict__.pop(_MAKE, None)
    if make is not None:
        make()
    return self.__dict__[_IMAGES]


def _keep(self: Moto, images: Moto) -> None:
    self.__dict__[_IMAGES] = images


def install() -> None:
    """Let images wait."""
    backend: Moto = AmiBackend
    backend.amis = property(_made, _keep)

    @wrap(AmiBackend, "_load_amis")
    def wait(original: Moto, self: Moto) -> None:
        self.__dict__[_MAKE] = partial(original, self)

    @wrap(EC2Backend, "iter_tagged_resources")
    def tagged(original: Moto, self: Moto) -> Iterator[Moto]:
        # Images that nobody asked for bear no tags.
        make = self.__dict__.pop(_MAKE, None)
        found = list(original(self))
        if make is not None:
            self.__dict__[_MAKE] = make
        return iter(found)
