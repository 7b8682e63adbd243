// JSON as text: where it goes wrong, and how it looks in lines. Numbers are never read as numbers,
// for JavaScript's have 53 bits and a document's may have any.

const TOKEN = /\s+|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.])|(?:true|false|null)\b|[{}[\],:]/y;
const SPACE = /^[ \t\n\r]+$/;

export class JsonProblem extends Error {
  constructor(message, from, to) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

function* tokens(text) {
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found || (/^\s/.test(found[0]) && !SPACE.test(found[0]))) {
      const odd = /["'][^"'\n]*["']?|[^\s{}[\],:]+|./suy;
      odd.lastIndex = from;
      const [word] = odd.exec(text);
      throw new JsonProblem(explain(word), from, from + word.length);
    }
    if (!SPACE.test(found[0])) yield { text: found[0], from, to: TOKEN.lastIndex };
  }
}

function explain(word) {
  if (word.startsWith("'")) return "JSON has double quotes around text";
  if (word.startsWith('"')) return "this text does not end, or holds what JSON wants escaped";
  if (/^-?[0-9.]/.test(word)) return `${word} is no number of JSON`;
  return `${word} is no JSON: text needs double quotes`;
}

// The tokens of one value, each with its depth, or a JsonProblem at the first that does not fit.
export function read(text) {
  const found = [];
  const open = [];
  let wanted = "value";
  for (const token of tokens(text)) {
    const kind = token.text;
    const refuse = (message) => { throw new JsonProblem(message, token.from, token.to); };
    if (wanted === "end") refuse("one value ends before this");
    const inObject = open.at(-1) === "{";
    const closes = kind === "}" || kind === "]";
    if (closes && open.length && (inObject === (kind === "}")) && ["next", "first", "first key"].includes(wanted)) {
      open.pop();
      wanted = open.length ? "next" : "end";
    } else if (wanted === "next") {
      if (kind !== ",") refuse(`a comma or ${inObject ? "}" : "]"} is needed before this`);
      wanted = inObject ? "key" : "value";
    } else if (wanted === "key" || wanted === "first key") {
      if (!kind.startsWith('"')) refuse("a key in double quotes is needed here");
      wanted = "colon";
    } else if (wanted === "colon") {
      if (kind !== ":") refuse("a colon is needed between a key and its value");
      wanted = "value";
    } else if (kind === "{" || kind === "[") {
      open.push(kind);
      wanted = kind === "{" ? "first key" : "first";
    } else if (closes || kind === "," || kind === ":") {
      refuse("a value is needed here");
    } else {
      wanted = open.length ? "next" : "end";
    }
    found.push({ ...token, depth: open.length });
  }
  if (wanted !== "end" && found.length) {
    const missing = open.length ? `${open.at(-1) === "{" ? "}" : "]"} is missing at the end` : "a value is missing";
    throw new JsonProblem(missing, Math.max(0, text.trimEnd().length - 1), text.length);
  }
  return found;
}

// In lines of two spaces each level; every string and number stays as it was written.
export function format(text) {
  const all = read(text);
  let lines = "";
  all.forEach((token, place) => {
    const before = all[place - 1]?.text;
    const opens = before === "{" || before === "[";
    const closes = token.text === "}" || token.text === "]";
    if (before === "," || (opens && !closes) || (closes && !opens)) lines += `\n${"  ".repeat(token.depth - (token.text === "{" || token.text === "[" ? 1 : 0))}`;
    lines += token.text === ":" ? ": " : token.text;
  });
  return lines;
}

export function position(text, offset) {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1).length + 1 };
}
