"""Amazon's machine images: made when somebody asks for one.

moto makes some hundred, with a volume and a snapshot each, for every region of every account, and
again after each reset.
"""

from collections.abc import Iterator

from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import AmiBackend

from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto

_IMAGES, _WAITS = "_images", "_images_wait"


def _made(self: Moto) -> Moto:
    """Return the images; whoever asks first has Amazon's made."""
    if self.__dict__.pop(_WAITS, False):
        self.make_images()
    return self.__dict__[_IMAGES]


def _keep(self: Moto, images: Moto) -> None:
    self.__dict__[_IMAGES] = images


def install() -> None:
    """Let images wait."""
    images: Moto = AmiBackend
    images.make_images = images._load_amis  # noqa: SLF001  (moto offers no other way)
    images.amis = property(_made, _keep)

    @wrap(AmiBackend, "_load_amis")
    def wait(original: Moto, self: Moto) -> None:
        del original
        self.__dict__[_WAITS] = True

    @wrap(EC2Backend, "iter_tagged_resources")
    def tagged(original: Moto, self: Moto) -> Iterator[Moto]:
        # Images that nobody asked for bear no tags.
        waits = self.__dict__.pop(_WAITS, False)
        try:
            yield from original(self)
        finally:
            if waits:
                self.__dict__[_WAITS] = True
