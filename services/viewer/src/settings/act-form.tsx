import type { FormEvent, ReactNode } from "react";
import { ProblemView } from "../layout/problem-view.tsx";
import "./act-form.css";

interface ActFormProps {
  readonly label: string;
  readonly button: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onAct: (fields: FormData, form: HTMLFormElement) => void;
  readonly children: ReactNode;
}

/** A plain form: fields, one button, and in its place what was wrong. */
export function ActForm({ label, button, busy, error, onAct, children }: ActFormProps) {
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    onAct(new FormData(event.currentTarget), event.currentTarget);
  }
  return (
    <form className="act" aria-label={label} onSubmit={submit}>
      {children}
      <button type="submit" className="button main" disabled={busy}>
        {button}
      </button>
      {error ? <ProblemView error={error} /> : null}
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "number" | "date";
  readonly required?: boolean;
  readonly placeholder?: string;
}

export function Field({ name, label, type = "text", required = false, placeholder }: FieldProps) {
  return (
    <label className="act-field">
      <span>{label}</span>
      <input className="field" name={name} type={type} required={required} placeholder={placeholder} />
    </label>
  );
}

export function textOf(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value.trim() : "";
}
