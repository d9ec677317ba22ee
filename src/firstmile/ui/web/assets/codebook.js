// The codebook in the browser: the tree of each axis, and a search over all of it.
const UNTOLD = "cannot tell";

export async function readCodebook(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const read = await answer.json();
  const byAxis = new Map();
  const terms = [];
  for (const [axis, list] of Object.entries(read.axes)) {
    const found = new Map();
    const tree = new Map();
    for (const raw of list) {
      const term = { axis, ...raw };
      found.set(term.code, term);
      tree.set(term.parent, [...(tree.get(term.parent) ?? []), term]);
      terms.push({
        term,
        name: term.name.toLowerCase(),
        label: `${term.label} ${term.code}`.toLowerCase(),
        body: [term.definition, ...term.includes, term.example].join(" ").toLowerCase(),
      });
    }
    const untold = {
      axis, code: UNTOLD, name: "Cannot tell", label: "Cannot tell", parent: null, level: 1,
      definition: `The thread does not tell the ${axis}: not even its class.`,
      includes: [], excludes: [], boundary: [], example: "", barred: false,
    };
    byAxis.set(axis, { found, tree, untold });
  }
  return {
    version: read.version,
    below: (axis, code) => byAxis.get(axis).tree.get(code) ?? [],
    untold: (axis) => byAxis.get(axis).untold,
    find: (axis, code) => (code === UNTOLD ? byAxis.get(axis).untold : byAxis.get(axis).found.get(code)),
    label(axis, code) {
      const term = this.find(axis, code);
      return term ? term.label : code;
    },
    // Every word must be there; names before labels before definitions, the open axis first.
    search(text, axis) {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      const rank = (one) => {
        const place = words.map((word) => (one.name.startsWith(word) ? 0 : one.name.includes(word) ? 1
          : one.label.includes(word) ? 2 : one.body.includes(word) ? 4 : 99));
        return Math.max(...place) + (one.term.axis === axis ? 0 : 3);
      };
      return terms.map((one) => [rank(one), one.term]).filter(([place]) => place < 50)
        .sort((one, other) => one[0] - other[0]).slice(0, 30).map(([, term]) => term);
    },
  };
}
