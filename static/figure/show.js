// @ts-check
// A figure in a place of a page, with its keys: on the page of a figure, and in the file that is saved of it, which
// has the text of this very function. So it uses nothing of ours, and knows no page.

/** @typedef {{data: any[], layout: any, frames: any[]}} Figure */
/** language: of Plotly's tool bar; words: those of its buttons; tools: which there are; name: of a saved picture
 * @typedef {{language: string, words: Record<string, string>, tools: string[], name: string}} Manner */

/** Draw a figure, and play it by the keyboard too. @param {HTMLElement} root @param {Figure} figure
 * @param {Manner} manner @param {(title: string) => void} tell called with what each frame says
 * @returns {Promise<void>} */
export async function show(root, figure, { language, words, tools, name }, tell) {
  const Plotly = /** @type {any} */ (window).Plotly;
  const config = {
    responsive: true,
    displayModeBar: true,
    modeBarButtons: [tools],
    locale: language,
    logging: 0,
    showSendToCloud: false,
    displaylogo: false,
    plotlyServerURL: "",
    topojsonURL: "",
    toImageButtonOptions: { filename: name, scale: 2 },
  };
  Plotly.setPlotConfig(config);
  Plotly.register({ moduleType: "locale", name: language, dictionary: words, format: {} });
  await Plotly.newPlot(root, figure.data, figure.layout, config);
  await Plotly.addFrames(root, figure.frames);
  const drawn = /** @type {any} */ (root);
  const steps = figure.frames.filter((/** @type {any} */ frame) => frame.group === "steps");
  let at = 0;
  let isPlaying = false;
  const once = { mode: "immediate", frame: { duration: 0, redraw: true }, transition: { duration: 0 } };
  /** A frame that gives way to another is refused with nothing: no error. @param {any[]} call */
  const animate = (...call) => Plotly.animate(root, ...call).catch(() => {});

  drawn.on("plotly_animatingframe", (/** @type {any} */ { name: shown }) => {
    at = steps.findIndex((/** @type {any} */ frame) => frame.name === shown);
    tell(steps[at]?.layout.title.text ?? "");
  });
  drawn.on("plotly_animated", () => (isPlaying = false));
  drawn.on("plotly_buttonclicked", (/** @type {any} */ { button }) => (isPlaying = button._index === 0));

  const hear = (/** @type {KeyboardEvent} */ event) => {
    if (!root.isConnected) return document.removeEventListener("keydown", hear); // another one stands there
    const isOther = event.target instanceof Element && event.target.closest("button, a, select, input, textarea");
    if (event.ctrlKey || event.altKey || event.metaKey || isOther) return;
    const last = steps.length - 1;
    /** @type {Record<string, number>} */
    const ways = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last };
    if (event.key === " ") {
      const play = drawn.layout.updatemenus[0].buttons[isPlaying ? 1 : 0].args;
      isPlaying = !isPlaying;
      void animate(...play);
    } else if (event.key in ways) {
      isPlaying = false;
      void animate([steps[Math.max(0, Math.min(last, ways[event.key]))].name], once);
    } else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", hear);
  // Plotly's own buttons do not catch what is refused when one frame gives way to another.
  window.addEventListener("unhandledrejection", (event) => event.reason === undefined && event.preventDefault());
  tell(figure.layout.title.text);
}
