// @ts-check
// The kernels that are known by a name, which come when they are asked for first.

/** @typedef {{name: string, look: string, rows: number[][], divide: number}} Kernel */

/** @type {Promise<Kernel[]>|undefined} */ let coming;

/** @returns {Promise<Kernel[]>} */
export function kernels() {
  coming ??= fetch(new URL("./kernels.json", import.meta.url)).then((answer) => answer.json());
  coming.catch(() => (coming = undefined)); // the connection may come back
  return coming;
}

/** The weights of a kernel. @param {Kernel} kernel */
export const weightsOf = ({ rows, divide }) => rows.map((row) => row.map((cell) => cell / divide));
