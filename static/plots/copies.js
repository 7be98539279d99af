// @ts-check
// An array as text or bytes for other programs: one row of a table for each format. Every number has the digits that
// tell it from its neighbours, and a cell that is not computed yet is NaN where a format has that; where it has none,
// it is what stands for nothing there. Each can be read again: NumPy's, PyTorch's, JSON, CSV, LaTeX and .npy.

/** @typedef {{name: string, shape: number[], cells: ArrayLike<number>}} Named */
/** @typedef {{nan: string, infinity: string, rounds?: boolean}} Signs what stands for no number, and for too large a one */

/** What is copied, by the name of its format. @type {Record<string, {label: string, write: (array: Named) => string}>} */
export const COPIES = {
  numpy: {
    label: "NumPy",
    write: ({ name, shape, cells }) => {
      const lists = nested(shape, texts(cells, { nan: "np.nan", infinity: "np.inf" }), "[", ",", "]");
      return `import numpy as np\n\n${name} = np.array(${lists}, dtype=np.float64)\n`;
    },
  },
  pytorch: {
    label: "PyTorch",
    write: ({ name, shape, cells }) => {
      const lists = nested(shape, texts(cells, { nan: "torch.nan", infinity: "torch.inf" }), "[", ",", "]");
      return `import torch\n\n${name} = torch.tensor(${lists}, dtype=torch.float64)\n`;
    },
  },
  json: {
    label: "JSON",
    // It has no NaN and no ∞.
    write: ({ shape, cells }) => `${nested(shape, texts(cells, { nan: "null", infinity: "1e999" }), "[", ",", "]")}\n`,
  },
  csv: { label: "CSV", write: (array) => rows(array, ",") },
  latex: {
    label: "LaTeX",
    write: ({ name, shape, cells }) => {
      const written = texts(cells, { nan: "\\mathrm{NaN}", infinity: "\\infty" }).map(powered);
      const maps = mapsOf(shape, written).map(({ index, lines }) => {
        const called = `${name.replaceAll("_", "\\_")}${index && `_{${index}}`}`;
        const body = lines.map((line) => `  ${line.join(" & ")}`).join(" \\\\\n");
        return `\\mathrm{${called}} = \\begin{bmatrix}\n${body}\n\\end{bmatrix}`;
      });
      return `${maps.join("\n\n")}\n`;
    },
  },
};
