"""What is refused, in one form everywhere: `{"setting": ..., "message": ...}`.

`setting` names what to change, where one thing can be named; the message is a sentence in the reader's language. What a
request carried never comes back in the answer. `app.render.refusals` tells it.
"""

from typing import ClassVar

from pydantic import BaseModel

TOO_LONG = "this address is longer than {limit} bytes: write its numbers with fewer decimals, or bring a smaller array"

POSTED = "an array to compare is posted to this address (POST)"

BODY_TOO_LONG = "this body is longer than {limit} bytes: write its numbers with fewer decimals, or bring smaller arrays"


class Problem(BaseModel):
    """What is wrong with a request. `setting` is null where it is no single setting or part of the address."""

    setting: str | None
    message: str


class RequestError(Exception):
    """A request that is not answered: the status, the part of it that is wrong, and a sentence with its values.

    >>> raise RequestError(404, "layer", "there is no such layer; there are {known}", known="conv2d")
    """

    headers: ClassVar[dict[str, str]] = {}  # of the answer, besides those of every error

    def __init__(self, status: int, setting: str | None, template: str, /, **values: object) -> None:
        super().__init__(template)
        self.status, self.setting, self.template, self.values = status, setting, template, values


class LeftError(RequestError):
    """The end of an answer whose client has left: nobody reads it, so nothing is made of it."""

    def __init__(self) -> None:
        super().__init__(503, None, SENTENCES[500])  # which is not told


SENTENCES = {
    404: "there is nothing at this address",
    405: "this address can only be read (GET)",
    500: "something went wrong on the server; it has been written down",
}
