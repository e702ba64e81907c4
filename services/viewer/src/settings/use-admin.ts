import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

/** What is asked of the administration, under a name of its own. */
export function useAdmin<Data>(name: string, ask: (signal: AbortSignal) => Promise<Data>) {
  return useQuery({ queryKey: ["admin", name], queryFn: ({ signal }) => ask(signal) });
}

/** An act of the administration; what is shown of it is asked again when it is done. */
export function useAct<Wanted, Data>(name: string, act: (wanted: Wanted) => Promise<Data>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["admin", name] }),
  });
}
