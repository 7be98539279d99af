"""What stands on a canvas, whose texts cannot be read back from it."""

# Remembers the texts that stand on each canvas: where, how large, and how wide they are in the page's own font.
WRITTEN = """
const { setTransform, clearRect, fillRect, fillText } = CanvasRenderingContext2D.prototype;
const covered = ({ canvas }, [left, top, width, height]) => {
  const isLeft = ({ x, y }) => x < left || x >= left + width || y < top || y >= top + height;
  if (height > 4) canvas.written = canvas.written?.filter(isLeft); // the line below a number covers nothing
};
Object.assign(CanvasRenderingContext2D.prototype, {
  setTransform(...matrix) {
    this.canvas.written = [];
    return setTransform.apply(this, matrix);
  },
  clearRect(...box) {
    covered(this, box);
    return clearRect.apply(this, box);
  },
  fillRect(...box) {
    covered(this, box);
    return fillRect.apply(this, box);
  },
  fillText(text, x, y) {
    const size = parseFloat(/[\\d.]+px/.exec(this.font)[0]);
    const { width } = this.measureText(text);
    const shift = { center: 0.5, right: 1 }[this.textAlign] ?? 0;
    const middle = this.textBaseline === "middle" ? y - size * 0.06 : y - size * 0.36;
    const { font, textAlign: align } = this;
    this.canvas.written?.push({ text, x, y, size, font, align, left: x - shift * width, right: x + (1 - shift) * width,
      top: middle - size * 0.37, bottom: middle + size * 0.37, rounded: font.startsWith("italic") });
    return fillText.apply(this, arguments);
  },
});
"""
