// An editor in place of each textarea that holds JSON; without a script the textarea stays.
// It lives in a shadow root, whose style sheets are constructed: the pages' security policy allows
// no others.

import {
  bracketMatching, codeFolding, defaultKeymap, drawSelection, EditorState, EditorView, foldGutter,
  foldKeymap, HighlightStyle, highlightActiveLine, highlightSpecialChars, history, historyKeymap,
  indentUnit, json, keymap, lineNumbers, linter, lintGutter, lintKeymap, syntaxHighlighting, tags,
} from "../vendor/codemirror.js";
import { format, JsonProblem, position, read } from "./json_text.js";

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--text)" },
  { tag: tags.string, color: "var(--string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--figure)" },
  { tag: tags.punctuation, color: "var(--muted)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "12.5px", backgroundColor: "var(--surface)", color: "var(--text)", borderRadius: "6px" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--text)", padding: "6px 0" },
  ".cm-scroller": { maxHeight: "420px", overflow: "auto", lineHeight: "20px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--raised)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-soft)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--raised)", border: "1px solid var(--line)", color: "var(--muted)", padding: "0 4px" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", color: "var(--text)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft) !important" },
});

function problemOf(text) {
  if (!text.trim()) return null;
  try {
    read(text);
    return null;
  } catch (error) {
    if (error instanceof JsonProblem) return error;
    throw error;
  }
}

function edit(area) {
  const host = document.createElement("div");
  host.className = "editor";
  host.dataset.for = area.id;
  const bar = document.createElement("div");
  bar.className = "editor-bar";
  const status = document.createElement("output");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.textContent = "Format";
  button.title = "Lines and indentation; text and numbers stay as they are";
  bar.append(status, button);
  area.before(host, bar);
  area.hidden = true;

  const judge = (text) => {
    const problem = problemOf(text);
    host.classList.toggle("is-invalid", problem !== null);
    button.disabled = problem !== null;
    if (!problem) {
      status.textContent = "";
    } else {
      const { line, column } = position(text, problem.from);
      status.textContent = `Line ${line}, column ${column}: ${problem.message}`;
    }
    return problem;
  };

  const root = host.attachShadow({ mode: "open" });
  const label = document.querySelector(`label[for="${CSS.escape(area.id)}"]`);
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), foldGutter(), codeFolding(), highlightSpecialChars(), history(), drawSelection(),
        indentUnit.of("  "), bracketMatching(), highlightActiveLine(), EditorView.lineWrapping,
        json(), syntaxHighlighting(colours), look, lintGutter(),
        linter((shown) => {
          const problem = problemOf(shown.state.doc.toString());
          return problem ? [{ from: problem.from, to: problem.to, severity: "error", message: problem.message }] : [];
        }, { delay: 150 }),
        keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
        EditorView.contentAttributes.of({
          "aria-label": label ? label.innerText.trim() : area.name,
          spellcheck: "false",
        }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          area.dispatchEvent(new Event("input", { bubbles: true }));
          judge(area.value);
        }),
      ],
    }),
  });
  judge(area.value);

  label?.addEventListener("click", () => view.focus());
  button.addEventListener("click", () => {
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: format(view.state.doc.toString()) } });
    view.focus();
  });
  area.form?.addEventListener("submit", (event) => {
    const problem = judge(view.state.doc.toString());
    if (!problem || event.defaultPrevented) return;
    event.preventDefault();
    view.dispatch({ selection: { anchor: problem.from, head: problem.to }, scrollIntoView: true });
    view.focus();
  });
}

for (const area of document.querySelectorAll("textarea[data-json]")) edit(area);
