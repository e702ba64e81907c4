import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ProblemView } from "../layout/problem-view.tsx";
import "./admin-list.css";

interface AdminListProps<Data, Row> {
  readonly label: string;
  readonly query: UseQueryResult<Data>;
  readonly rows: (data: Data) => readonly Row[];
  readonly head: readonly string[];
  readonly none: string;
  readonly keyOf: (row: Row) => string;
  readonly cells: (row: Row) => readonly ReactNode[];
}

/** A table of what is there. */
export function AdminList<Data, Row>({ label, query, rows, head, none, keyOf, cells }: AdminListProps<Data, Row>) {
  if (query.error) return <ProblemView error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <p className="muted">Reading …</p>;
  const shown = rows(query.data);
  if (shown.length === 0) return <p className="muted">{none}</p>;
  return (
    <section className="settings-list" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={keyOf(row)}>
              {cells(row).map((cell, i) => (
                <td key={head[i]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
