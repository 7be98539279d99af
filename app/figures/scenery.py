"""What a chapter is set for: its boards and their places, and the arrays that it writes."""

from typing import Any

from app.figures.boards import Plane, ground
from core.recording.trace import Chapter, Outline, Scene


class Scenery:
    """What a chapter is set for: its boards and their places, and the arrays that it writes."""

    def __init__(self, told: Outline, chapter: Chapter | None) -> None:
        scenes: tuple[Scene, ...] = chapter.scenes if chapter else ()
        self.name = chapter.name if chapter else told.algorithm
        self.stop = chapter.stop if chapter else told.steps
        writes = {source.name: source.writes for source in told.sources}
        bound = [(name, parameter in writes[scene.source]) for scene in scenes for parameter, name in scene.arrays]
        self.written = frozenset(name for name, is_written in bound if is_written)
        self.plane = Plane.of({name: told.start[name].shape for name, _ in bound})
        self.ground = {"visible": True, "path": ground(list(self.plane.boards.values())) or "M0,0"}

    def names(self) -> dict[str, Any]:
        """The name of each array, above its board."""
        boards = self.plane.boards
        return {
            "x": [board.left for board in boards.values()],
            "y": [board.title for board in boards.values()],
            "text": [f"<b>{name}</b>" for name in boards],
        }
