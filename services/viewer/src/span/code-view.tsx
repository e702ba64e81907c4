import { json } from "@codemirror/lang-json";
import { codeFolding, foldGutter, foldKeymap, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { unifiedMergeView } from "@codemirror/merge";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

interface CodeViewProps {
  readonly text: string;
  readonly label: string;
  readonly isJson: boolean;
  /** The text that it is compared with: changed lines stand under what they replace. */
  readonly original?: string;
}

/**
 * A text of any length, with folding and search. It lives in a shadow root: there the editor's styles are adopted sheets,
 * which a policy without inline styles allows.
 */
export function CodeView({ text, label, isJson, original }: CodeViewProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({ doc: text, extensions: extensionsOf({ label, isJson, original }) }),
    });
    return () => view.destroy();
  }, [text, label, isJson, original]);
  return <div className="code" ref={host} />;
}

function extensionsOf({
  label,
  isJson,
  original,
}: Pick<CodeViewProps, "label" | "isJson"> & { original: string | undefined }): Extension {
  return [
    lineNumbers(),
    drawSelection(),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-readonly": "true" }),
    search({ top: true }),
    keymap.of([...searchKeymap, ...foldKeymap]),
    look,
    isJson ? [json(), codeFolding(), foldGutter(), syntaxHighlighting(colours)] : [],
    original === undefined
      ? []
      : unifiedMergeView({
          original,
          mergeControls: false,
          gutter: true,
          collapseUnchanged: { margin: 3, minSize: 6 },
        }),
  ];
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-name)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: [tags.bool, tags.null], color: "var(--code-keyword)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "12px", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", border: "none" },
  ".cm-content": { padding: "8px 0" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--selected)",
  },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-panel.cm-search": { padding: "6px 8px", fontFamily: "var(--sans)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
  ".cm-button": {
    backgroundImage: "none",
    backgroundColor: "var(--hover)",
    border: "1px solid var(--line)",
    borderRadius: "4px",
  },
  ".cm-searchMatch": { backgroundColor: "light-dark(#ffe9a8, #5a4710)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--hover)", border: "none", color: "var(--text-2)", padding: "0 6px" },
  "&.cm-merge-b .cm-changedLine, .cm-changedLine": { backgroundColor: "var(--added-ground)" },
  ".cm-deletedChunk": { backgroundColor: "var(--removed-ground)" },
  "&.cm-merge-b .cm-changedText, .cm-changedText": {
    background: "none",
    textDecoration: "underline",
    textDecorationColor: "var(--good)",
    textDecorationThickness: "2px",
  },
  ".cm-deletedChunk .cm-deletedText": { background: "none", textDecorationColor: "var(--bad)" },
  ".cm-collapsedLines": {
    color: "var(--text-2)",
    background: "var(--ground)",
    borderBlock: "1px solid var(--line)",
  },
});
