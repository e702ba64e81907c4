import type { ReactNode } from "react";
import "./tile.css";

interface TileProps {
  readonly title: string;
  readonly figure: ReactNode;
  readonly change?: ReactNode;
  /** What the figure leaves out. */
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

/** A figure, what became of it, and its course. */
export function Tile({ title, figure, change, note, children }: TileProps) {
  return (
    <section className="tile panel">
      <header className="tile-head">
        <h2>{title}</h2>
        <span className="tile-figure">{figure}</span>
        {change}
      </header>
      {children}
      <p className="tile-note">{note}</p>
    </section>
  );
}
