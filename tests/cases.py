"""Many short cases in one test: each would cost more to start and to report than to run."""

import inspect
from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any


def each(
    names: str | tuple[str, ...], cases: Iterable[Any] | Callable[[], Iterable[Any]]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Like `pytest.mark.parametrize`, but all cases are one test, which ends at the first that fails and names it.

    Cases that take long to make come from a function, so that they are made only where they are run.
    """
    listed = [name.strip() for name in names.split(",")] if isinstance(names, str) else [*names]

    @cache
    def every() -> list[tuple[Any, ...]]:
        made = cases() if callable(cases) else cases
        return [(case,) if len(listed) == 1 else tuple(case) for case in made]

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)
        assert signature.parameters.keys() >= set(listed)

        @wraps(test)
        def run(**fixtures: Any) -> None:
            assert every(), f"there is no case of {names}"
            for case in every():
                try:
                    test(**fixtures, **dict(zip(listed, case, strict=True)))
                except Exception as error:
                    error.add_note(
                        "in the case of "
                        + ", ".join(f"{name} = {value!s:.200}" for name, value in zip(listed, case, strict=True))
                    )
                    raise

        others = [parameter for name, parameter in signature.parameters.items() if name not in listed]
        run.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]  # what pytest fills in
        return run

    return decorated
