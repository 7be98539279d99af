// @ts-check
// The arrow keys of a teacher: they step the walk in the frame, whatever was pressed around it last.

/** @param {HTMLIFrameElement} frame */
export function arrows(frame) {
  window.addEventListener("keydown", (event) => {
    const { target, key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if ((key !== "ArrowLeft" && key !== "ArrowRight") || ctrlKey || metaKey || altKey || shiftKey) return;
    const isTaken = /** @type {Element} */ (target).closest?.("input, textarea, select, [contenteditable], [popover]");
    const there = frame.contentDocument;
    if (isTaken || !there) return; // a browser's own page is nobody's to press keys in
    event.preventDefault();
    // The page of the walk knows what its keys do.
    there.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
}
