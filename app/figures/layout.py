"""What of a figure stays as it is while it plays: its axes, colours and letters, the play button and the slider."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.figures import colours
from app.figures.boards import HIGH, WIDE
from app.figures.scenery import Scenery
from app.ground.words import Words
from core.recording.scale import Scale

PACE = {"cell": 500, "map": 900, "chapter": 1500}  # milliseconds of a frame
FONT = 'system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
EDGE = 4  # around the plane, so that no outline is cut
CLEAR = "rgba(0,0,0,0)"

Axes = Mapping[str, Scale | None]  # each scale on which numbers are seen, by the name of its colour axis


def layout(first: Scenery, title: str, axes: Axes, hues: dict[str, str]) -> dict[str, Any]:
    """The layout of a figure that begins with a chapter's boards; `controls` are to be added."""
    axis = {"visible": False}
    line = {"type": "path", "visible": False, "path": "M0,0", "fillcolor": CLEAR}
    return {
        **{name: _colour_axis(scale, hues) for name, scale in axes.items()},
        "title": {
            "text": title,
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 14},
            "font": {"size": 14, "color": hues["ink"]},
        },
        "font": {"family": FONT, "size": 12, "color": hues["ink"]},
        **dict.fromkeys(("paper_bgcolor", "plot_bgcolor"), hues["surface"]),
        "modebar": {"bgcolor": CLEAR, "color": hues["faint"], "activecolor": hues["accent"]},
        "hovermode": "closest",
        "dragmode": "pan",
        "showlegend": False,
        "margin": {"l": 24, "r": 24, "t": 84, "b": 88},
        "xaxis": {**axis, "range": [-EDGE, WIDE + EDGE]},
        "yaxis": {**axis, "range": [HIGH + EDGE, -EDGE], "scaleanchor": "x", "scaleratio": 1},  # rows count downward
        "shapes": [
            {**line, "line": {"color": hues["read"], "width": 2.5}},
            {**line, "line": {"color": hues["write"], "width": 3.5}},
            {**line, "fillcolor": hues["veil"], "line": {"color": hues["line"]}, "layer": "below", **first.ground},
        ],
    }


def controls(stop: str, names: Sequence[str], words: Words, hues: dict[str, str]) -> dict[str, Any]:
    """The part of a layout that plays the frames of these names."""
    play = {"args": ["steps", {**_mode(PACE[stop]), "fromcurrent": True}]}
    pause = {"args": [[None], _mode(0)]}
    labels = ((play, f"▶ {words('transport.play')}"), (pause, f"❚❚ {words('transport.pause')}"))
    buttons = {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 24},
        "bgcolor": hues["surface"],
        "bordercolor": hues["line"],
        "font": {"color": hues["ink"]},
        "buttons": [{"label": label, "method": "animate", **button} for button, label in labels],
    }
    slider = {
        "active": 0,
        "x": 0.2,
        "len": 0.8,
        "y": 0,
        "pad": {"t": 14},
        "font": {"color": hues["soft"]},
        "currentvalue": {"prefix": f"{words('transport.slider')} ", "xanchor": "right"},
        "bgcolor": hues["line"],
        "bordercolor": hues["faint"],
        "activebgcolor": hues["accent"],
        "tickcolor": hues["faint"],
        "steps": [{"label": name, "method": "animate", "args": [[name], _mode(0)]} for name in names],
    }
    return {"updatemenus": [buttons], "sliders": [slider]}


def _colour_axis(scale: Scale | None, hues: dict[str, str]) -> dict[str, Any]:
    if scale is None:  # positions and counts have no colour
        return {"cmin": 0, "cmax": 1, "colorscale": [[0, hues["veil"]], [1, hues["veil"]]], "showscale": False}
    colour = {"cmin": scale.low, "cmax": scale.high, "colorscale": colours.scale_of(scale, hues)}
    return {**colour, "showscale": False}


def _mode(duration: int) -> dict[str, Any]:
    """How Plotly goes to a frame: at once, and drawn anew, or the heatmaps would go away."""
    return {"mode": "immediate", "frame": {"duration": duration, "redraw": True}, "transition": {"duration": 0}}
