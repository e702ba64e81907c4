import { useMutation } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import { ProblemView } from "../layout/problem-view.tsx";

const monthMs = 30 * 86_400_000;

/** What the rule in the form, or the rules in force, would change of the last thirty days. Changes nothing. */
export function PricePreview({ rule }: { readonly rule: string }) {
  const preview = useMutation({
    mutationFn: () =>
      answered(
        api.POST("/v1/admin/prices/preview", {
          body: {
            from: `${new Date(Date.now() - monthMs).toISOString().slice(0, 19)}Z`,
            ...(rule.trim() !== "" && { name: "tried", rule }),
          },
        }),
      ),
  });
  return (
    <>
      <button type="button" className="button" disabled={preview.isPending} onClick={() => preview.mutate()}>
        {rule.trim() === "" ? "What would the rules in force change?" : "What would this rule change?"}
      </button>
      {preview.error && <ProblemView error={preview.error} />}
      <div role="status" className="settings-list">
        {preview.data?.changes.length === 0 && <p>Nothing of the last 30 days would change.</p>}
        {preview.data && preview.data.changes.length > 0 && (
          <table>
            <thead>
              <tr>
                {["Day", "Model", "Calls", "Cost, USD", "Would be"].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {preview.data.changes.map(({ day, provider, model, repriced_calls, cost, new_cost }) => (
                <tr key={`${day} ${provider} ${model}`}>
                  <td>{day}</td>
                  <td>{model}</td>
                  <td>{repriced_calls}</td>
                  <td>{cost}</td>
                  <td>{new_cost}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </>
  );
}
