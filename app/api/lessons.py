"""The lessons that come with the project, on a server with rooms for a class."""

from functools import cache

import orjson
from fastapi import APIRouter, Request, Response

from app.api import openapi, openapi_rooms
from app.ground.errors import RequestError
from app.ground.etags import tagged
from core.lessons.lessons import lessons

router = APIRouter(prefix="/api/lessons", default_response_class=Response)


@router.get("", responses=openapi.answers(openapi_rooms.LessonsDescribed, "Every lesson, without what is in it"))
async def shelf(request: Request) -> Response:
    """The name of each lesson, its title in each language, and how many items and questions it has."""
    return tagged(request, _shelf())


@cache
def _shelf() -> bytes:
    described = [
        {
            "name": name,
            "title": lesson["title"],
            "items": len(lesson["items"]),
            "questions": sum("question" in item for item in lesson["items"]),
        }
        for name, lesson in lessons().items()
    ]
    return orjson.dumps({"lessons": described})


@router.get("/{name}", responses=openapi.answers(openapi_rooms.Lesson, "The lesson"))
async def lesson(request: Request, name: openapi_rooms.LessonName) -> Response:
    """One lesson: the file that a teacher's page opens."""
    if name not in lessons():
        raise RequestError(404, "name", "there is no such lesson; /api/lessons has all names")
    return tagged(request, orjson.dumps(lessons()[name]))
