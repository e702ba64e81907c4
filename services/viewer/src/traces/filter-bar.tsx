import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { Icon } from "../layout/icon.tsx";
import { useKeys } from "../layout/use-keys.ts";
import type { TimeRange } from "../time/time-range.ts";
import type { FilterName, Filters } from "./filters.ts";
import { parseTyped, type Suggestion, useSuggestions } from "./suggestions.ts";
import "./filter-bar.css";

interface FilterBarProps {
  readonly range: TimeRange;
  readonly filters: Filters;
  /** Undefined takes the filter away. */
  readonly onFilter: (name: FilterName, value: string | undefined) => void;
}

/** What the list is filtered by, and a field that completes: `user:bram`, or any word to find where it stands. */
export function FilterBar({ range, filters, onFilter }: FilterBarProps) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [marked, setMarked] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const navigate = useNavigate();
  const suggestions = useSuggestions(text, open, range, filters);
  const at = Math.min(marked, suggestions.length - 1);
  useKeys({ "/": () => input.current?.focus() });

  function write(next: string): void {
    setText(next);
    setMarked(0);
    setOpen(true);
  }
  function choose(suggestion: Suggestion): void {
    switch (suggestion.kind) {
      case "begin":
        write(`${suggestion.name}:`);
        input.current?.focus();
        return;
      case "trace":
        void navigate({ to: "/traces/$traceId", params: { traceId: suggestion.traceId } });
        return;
      case "filter":
        onFilter(suggestion.name, suggestion.value);
        setText("");
        setOpen(false);
    }
  }
  function keys(event: KeyboardEvent<HTMLInputElement>): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && suggestions.length > 0) {
      event.preventDefault();
      setOpen(true);
      setMarked((at + step + suggestions.length) % suggestions.length);
    } else if (event.key === "Enter" || (event.key === "Tab" && open && text !== "" && suggestions[at])) {
      event.preventDefault();
      const exact = parseTyped(text);
      if (suggestions[at] && (open || text !== "")) choose(suggestions[at]);
      else if (exact.filter && exact.value)
        choose({ kind: "filter", name: exact.filter.name, value: exact.value, label: "", note: "" });
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (open) setOpen(false);
      else input.current?.blur();
    } else if (event.key === "Backspace" && text === "") {
      const last = Object.keys(filters).at(-1);
      if (last) onFilter(last as FilterName, undefined);
    }
  }

  return (
    <search className="filter-bar">
      {Object.entries(filters).map(([name, value]) => (
        <span key={name} className="filter-chip">
          <span className="muted">{name}:</span>
          <span className="cut">{value}</span>
          <button
            type="button"
            aria-label={`Take away ${name} ${value}`}
            onClick={() => onFilter(name as FilterName, undefined)}
          >
            <Icon name="cross" />
          </button>
        </span>
      ))}
      <div className="filter-field">
        <input
          ref={input}
          className="filter-input"
          role="combobox"
          aria-label="Filter traces"
          aria-expanded={open && suggestions.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={open && suggestions[at] ? `${list}-${at}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder="Filter by user, tool, error, words in a prompt, or a trace id  /"
          value={text}
          onChange={(event) => write(event.target.value)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onClick={() => setOpen(true)}
          onKeyDown={keys}
        />
        <div
          id={list}
          role="listbox"
          aria-label="Suggestions"
          className="filter-list panel"
          hidden={!open || suggestions.length === 0}
        >
          {suggestions.map((suggestion, index) => (
            <div
              key={suggestion.label + suggestion.kind}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === at}
              // Before the field loses the focus, and the list with it.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(suggestion)}
            >
              <span className="cut">{suggestion.label}</span>
              <span className="muted">{suggestion.note}</span>
            </div>
          ))}
        </div>
      </div>
    </search>
  );
}
