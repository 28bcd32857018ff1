"""Which layers of an image are its base's, and which did its builder add?

An image does not say. In this order:
1. *told*: the caller has the base image. Its diff ids are the first of the image's; when they are not, it is not the base.
2. *history*: builders copy the base's history, which mostly ends in a ``CMD`` or ``ENTRYPOINT`` that makes no layer. So the base
   ends at the last such step that comes before a step that made a layer. This is a guess, and is marked as one: a base without a
   command (distroless) is not seen, and its own base may be told instead; an image that sets its command in the middle of its
   build seems to have a larger base.
3. Else nothing is known, and every layer counts as the builder's own: nothing is ever excluded by accident.

The annotations ``org.opencontainers.image.base.name`` and ``.digest`` name the base and say nothing of its layers.
"""

import msgspec

from seawall.formats.build_steps import instruction_of, keyword_of
from seawall.model.image import Image

_NAME, _DIGEST = "org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"


class Base(msgspec.Struct, frozen=True):
    """The lowest `layers` are the base's; `known_by` is ``told``, ``history``, or empty where it is not known (then 0).

    `name` and `digest` are how the base is called, where the image or the caller says; `steps` of the history are the base's.
    `created` is when it was made: what the base itself says, else the day of its last step; empty where that is not told.
    """

    layers: int = 0
    known_by: str = ""
    name: str = ""
    digest: str = ""
    steps: int = 0
    created: str = ""


class NotTheBaseError(ValueError):
    """The image that was told to be the base is not: its layers are not the lowest ones of the image."""


def find_base(image: Image, told: Image | None = None) -> Base:
    """Return the base of `image`. Raises `NotTheBaseError`."""
    name, digest = image.annotations.get(_NAME, ""), image.annotations.get(_DIGEST, "")
    if told is not None:
        lowest = tuple(layer.diff_id for layer in image.layers[: len(told.layers)])
        if not told.layers or lowest != tuple(layer.diff_id for layer in told.layers):
            raise NotTheBaseError(f"{told.name} is not the base of {image.name}: its layers are not the lowest ones")
        steps = _steps_of(image, len(told.layers))
        return Base(len(told.layers), "told", told.name, told.digest or digest, steps, told.created)
    steps = _base_steps(image)
    layers = sum(1 for step in image.history[:steps] if not step.empty)
    if not layers or any(layer.step is None for layer in image.layers):
        return Base(0, "", name, digest)
    return Base(layers, "history", name, digest, steps, image.history[steps - 1].created)


def _base_steps(image: Image) -> int:
    """Return how many steps of the history are the base's, or 0."""
    built = False
    for index in range(len(image.history) - 1, -1, -1):
        step = image.history[index]
        if not step.empty:
            built = True
        elif built and keyword_of(instruction_of(step.instruction)) in ("CMD", "ENTRYPOINT"):
            return index + 1
    return 0


def _steps_of(image: Image, layers: int) -> int:
    made = 0
    for index, step in enumerate(image.history):
        made += not step.empty
        if made > layers:
            return index
    return len(image.history)
