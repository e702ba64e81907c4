import { Link } from "@tanstack/react-router";
import { EmptyState } from "./empty-state.tsx";

export function NothingHere() {
  return (
    <div className="page">
      <EmptyState title="There is no such page">
        <p>
          <Link to="/">To the overview</Link>
        </p>
      </EmptyState>
    </div>
  );
}
