// A JSON editor that shows the server's findings where they are and goes to a line when told.
import { useEffect, useMemo, useRef } from "react";
import CodeMirror from "@uiw/react-codemirror";
import { autocompletion } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorView } from "@codemirror/view";
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

// Keys where a key is written, values where a value is.
const complete = (keys, values) => (context) => {
  const word = context.matchBefore(/"[\w$.-]*/);
  if (!word && !context.explicit) return null;
  const node = syntaxTree(context.state).resolveInner(context.pos, -1);
  const isKey = node.name === "PropertyName" || node.parent?.name === "Object";
  const from = word ? word.from + 1 : context.pos;
  const options = (isKey ? keys : values).map((label) => ({ label, type: isKey ? "property" : "text" }));
  return { from, options, validFor: /^[\w$.-]*$/ };
};

const diagnostics = (state, problems) => problems.map((problem) => {
  const line = state.doc.line(Math.min(Math.max(problem.line, 1), state.doc.lines));
  const from = Math.min(line.from + Math.max(problem.column - 1, 0), line.to);
  return { from, to: Math.max(line.to, from), severity: "error", message: problem.message };
});

export const CodeEditor = ({ value, problems, keys, values, line, turn, label, readOnly, onChange }) => {
  const view = useRef(null);
  const extensions = useMemo(() => [
    json(), look, colours, lintGutter(), EditorView.lineWrapping,
    autocompletion({ override: [complete(keys || [], values || [])] }),
    EditorView.contentAttributes.of({ "aria-label": label || "JSON", tabindex: "0" }),
  ], [keys, values, label]);

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
