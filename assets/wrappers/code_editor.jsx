// A JSON editor that shows the server's findings where they are and goes to a line when told.
import { useEffect, useMemo, useRef } from "react";
import CodeMirror from "@uiw/react-codemirror";
import { autocompletion } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorView, hoverTooltip } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "var(--text-hi)", fontSize: "12px" },
  ".cm-content": { fontFamily: "var(--font-mono)", lineHeight: "20px", caretColor: "var(--accent)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--text-low)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--bg-hover)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--bg-active) !important" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  ".cm-tooltip": { backgroundColor: "var(--bg-overlay)", color: "var(--text-hi)", border: "1px solid var(--line-strong)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--teal)", color: "var(--text-hi)" },
  ".cm-panels": { backgroundColor: "var(--bg-overlay)", color: "var(--text-hi)" },
}, { dark: true });

const colours = syntaxHighlighting(HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--chart-3)" },
  { tag: tags.string, color: "var(--chart-2)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--chart-6)" },
  { tag: tags.punctuation, color: "var(--text-low)" },
]));

// What the schema says of a place: every alternative, with references followed.
const expand = (root, part, depth = 0) => {
  if (!part || typeof part !== "object" || depth > 12) return [];
  const named = part.$ref ? expand(root, root.$defs[part.$ref.split("/").pop()], depth + 1) : [];
  const inner = [...(part.anyOf || []), ...(part.oneOf || []), ...(part.allOf || [])];
  return [part, ...named, ...inner.flatMap((one) => expand(root, one, depth + 1))];
};

const below = (root, parts, step) => parts.flatMap((part) => {
  if (typeof step === "number") return expand(root, part.items);
  const known = part.properties && part.properties[step];
  return expand(root, known || (part.additionalProperties !== true && part.additionalProperties));
});

const at = (root, path) => path.reduce((parts, step) => below(root, parts, step), expand(root, root));

const keyOf = (state, property) => {
  const name = property.getChild("PropertyName");
  try { return name ? JSON.parse(state.sliceDoc(name.from, name.to)) : ""; } catch { return ""; }
};

// The keys above a node of the text; members of a list are all alike.
const pathOf = (state, node) => {
  const path = [];
  for (let here = node; here; here = here.parent) {
    if (here.name === "Property") path.unshift(keyOf(state, here));
    if (here.parent && here.parent.name === "Array") path.unshift(0);
  }
  return path;
};

const said = (parts) => (parts.find((part) => part.description) || {}).description || "";

const keysAt = (state, node, schema, keys) => {
  let object = node;
  while (object && object.name !== "Object") object = object.parent;
  const parts = at(schema, pathOf(state, object));
  const known = new Map(parts.flatMap((part) => Object.entries(part.properties || {})));
  parts.forEach((part) => ((part.propertyNames || {}).enum || []).forEach((name) => known.set(name, {})));
  const there = new Set(object ? object.getChildren("Property").map((one) => keyOf(state, one)) : []);
  if (!known.size) keys.forEach((name) => known.set(name, {}));
  return [...known].filter(([name]) => !there.has(name)).map(([label, part]) => ({
    label, type: "property", info: said(expand(schema, part)) || undefined,
  }));
};

const valuesAt = (state, node, schema, values) => {
  const parts = at(schema, pathOf(state, node));
  const known = parts.flatMap((part) => part.enum || (part.const === undefined ? [] : [part.const]));
  const names = [...new Set(known.filter((one) => typeof one === "string"))];
  return (names.length ? names : values).map((label) => ({ label, type: "text" }));
};

// Keys that may stand here where a key is written, the values of this key where a value is.
const complete = (schema, keys, values) => (context) => {
  const word = context.matchBefore(/"[\w$.-]*/);
  if (!word && !context.explicit) return null;
  const node = syntaxTree(context.state).resolveInner(context.pos, -1);
  const isKey = node.name === "PropertyName" || node.name === "Object" || node.parent?.name === "Object";
  const from = word ? word.from + 1 : context.pos;
  const options = isKey ? keysAt(context.state, node, schema, keys) : valuesAt(context.state, node, schema, values);
  return { from, options, validFor: /^[\w$.-]*$/ };
};

// Point at a key: what it is for.
const explained = (schema) => hoverTooltip((view, pos) => {
  const node = syntaxTree(view.state).resolveInner(pos, 1);
  if (node.name !== "PropertyName") return null;
  const text = said(at(schema, pathOf(view.state, node)));
  if (!text) return null;
  const create = () => {
    const dom = document.createElement("div");
    dom.className = "labhint";
    dom.textContent = text.replaceAll("``", "");
    return { dom };
  };
  return { pos: node.from, end: node.to, above: true, create };
});

const diagnostics = (state, problems) => problems.map((problem) => {
  const line = state.doc.line(Math.min(Math.max(problem.line, 1), state.doc.lines));
  const from = Math.min(line.from + Math.max(problem.column - 1, 0), line.to);
  return { from, to: Math.max(line.to, from), severity: "error", message: problem.message };
});

export const CodeEditor = ({ value, problems, schema, keys, values, line, turn, label, readOnly, onChange }) => {
  const view = useRef(null);
  const extensions = useMemo(() => [
    json(), look, colours, lintGutter(), EditorView.lineWrapping,
    autocompletion({ override: [complete(schema || {}, keys || [], values || [])] }),
    explained(schema || {}),
    EditorView.contentAttributes.of({ "aria-label": label || "JSON", tabindex: "0" }),
  ], [schema, keys, values, label]);

  const shown = JSON.stringify(problems || []);
  useEffect(() => {
    if (view.current) view.current.dispatch(setDiagnostics(view.current.state, diagnostics(view.current.state, problems || [])));
  }, [shown, value]);

  useEffect(() => {
    if (!view.current || !line) return;
    const editor = view.current;
    const target = editor.state.doc.line(Math.min(line, editor.state.doc.lines));
    editor.dispatch({ selection: { anchor: target.from, head: target.to }, effects: EditorView.scrollIntoView(target.from, { y: "center" }) });
    editor.focus();
  }, [line, turn]);

  return (
    <CodeMirror
      value={value} extensions={extensions} theme="none" height="100%" readOnly={Boolean(readOnly)}
      basicSetup={{ searchKeymap: true, foldGutter: true, autocompletion: false, syntaxHighlighting: false }}
      onChange={(text) => onChange && onChange(text)}
      onCreateEditor={(editor) => { view.current = editor; }}
    />
  );
};
