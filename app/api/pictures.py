"""The shelf of pictures: what there is to walk on, and one of them at the size that is asked for."""

from functools import cache
from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from app.api import openapi
from app.ground.errors import RequestError
from app.ground.etags import tagged
from app.ground.words import Words, choose
from app.walks.arrays import compact
from core.offer import limits
from core.offer.settings import SettingError, Whole
from core.pictures.digits import SOURCE
from core.pictures.shelf import HIGH, LEAST, LOW, Picture, shelf

router = APIRouter(prefix="/api/pictures", default_response_class=Response)


@router.get(
    "", responses=openapi.answers(openapi.PicturesDescribed, "Every picture, small"), openapi_extra=openapi.IN_LANGUAGE
)
async def pictures(request: Request) -> Response:
    """Every picture at its smallest, with what to call it and what to look for, in the language of `lang`.

    `x` is the picture as an address or a body has it: `/conv2d/walk?x=…`.
    """
    return tagged(request, _pictures(choose(request).language))


@cache
def _pictures(language: str) -> bytes:
    described = [_description(picture, Words(language), LEAST) for picture in shelf().values()]
    known = {
        "low": LOW,
        "high": HIGH,
        "least": LEAST,
        "most": limits.SIDE,
        "source": Words(language)(SOURCE),
        "pictures": described,
    }
    return orjson.dumps(known)


@router.get(
    "/{name}",
    responses=openapi.answers(openapi.PictureAtSize, "The picture at this size"),
    openapi_extra=openapi.PICTURE,
)
async def picture(request: Request, name: openapi.PictureName) -> Response:
    """A picture of `size` rows and columns: drawn anew, or a digit of 8×8 enlarged (bilinear, to whole numbers)."""
    if name not in shelf():
        raise RequestError(404, "name", "there is no such picture; /api/pictures has all names")
    size = _size(request)
    cells = shelf()[name].draw(size)
    described = _description(shelf()[name], choose(request), size)
    return tagged(request, orjson.dumps(described | {"shape": [1, size, size], "cells": cells.ravel().tolist()}))


def _size(request: Request) -> int:
    given = request.query_params.getlist("size") or [str(LEAST)]
    if len(given) > 1:
        raise SettingError("size", "{setting} is given twice")
    size: int = Whole(LEAST, limits.SIDE).accept("size", given[0])
    return size


def _description(picture: Picture, words: Words, size: int) -> dict[str, Any]:
    return {
        "name": picture.name,
        "group": picture.group,
        "label": words(picture.label, **picture.values),
        "look": words(picture.look),
        "size": size,
        "x": compact("u8", picture.draw(size)[None].astype(np.uint8)),
    }
