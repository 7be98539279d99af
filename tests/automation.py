"""WebDriver (W3C), in which Firefox and WebKit are steered: the same commands, each sent in the browser's own way."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from tests.window import Point, ScriptError, Window

# The keys that the standard gives a code point to.
KEYS = {
    "Backspace": "\ue003",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Control": "\ue009",
    "Alt": "\ue00a",
    "Escape": "\ue00c",
    "Space": " ",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "Delete": "\ue017",
    "F2": "\ue032",
}

# WebDriver knows functions that call back, not promises.
CALL = """const [argument, call] = arguments;
Promise.resolve().then(() => (%s)(argument))
  .then((value) => call({ value: value === undefined ? null : value }), (error) => call({ error: String(error) }));"""


class Automation(Window):
    """A browser that speaks WebDriver (W3C). What its commands are called and how they are sent is the browser's."""

    @abstractmethod
    def command(self, name: str, **parameters: Any) -> Any:
        """Do what the standard calls by this name, such as "Perform Actions"; its answer."""

    def go(self, address: str) -> None:
        self.command("Navigate To", url=address)

    def evaluate(self, function: str, argument: Any = None) -> Any:
        answer = self.command("Execute Async Script", script=CALL % function, args=[argument])
        if answer is None or "error" in answer:
            raise ScriptError(f"{answer['error'] if answer else 'the page was left'} in {function}")
        return answer["value"]

    def strokes(self, keys: Sequence[str]) -> None:
        actions = []
        for stroke in keys:
            *held, key = [stroke] if stroke == "+" else stroke.split("+")
            points = [KEYS.get(each, each) for each in (*held, key)]
            actions += [{"type": "keyDown", "value": point} for point in points]
            actions += [{"type": "keyUp", "value": point} for point in reversed(points)]
        self.command("Perform Actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def pointer(self, *moves: Point | str) -> None:
        actions: list[dict[str, Any]] = []
        for move in moves:
            if isinstance(move, str):
                actions.append({"type": f"pointer{move.title()}", "button": 0})
            else:
                x, y = round(move[0]), round(move[1])
                actions.append({"type": "pointerMove", "x": x, "y": y, "duration": 0, "origin": "viewport"})
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}
        self.command("Perform Actions", actions=[mouse])
