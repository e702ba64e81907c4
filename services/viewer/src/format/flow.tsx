import { Icon } from "../layout/icon.tsx";

/** What went in and what came out: `412 → 238`. */
export function Flow({ from, to }: { readonly from: string; readonly to: string }) {
  return (
    <>
      {from} <Icon name="right" />
      <span className="unseen">to</span> {to}
    </>
  );
}
