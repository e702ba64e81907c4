/** Lets so many messages be received at once, and of one project so many that others always find a place. */
export interface ReceiveSlots {
  /** Waits in line for a place; undefined when none came free in time. The answer gives the place back, once. */
  take(project: string): Promise<(() => void) | undefined>;
}

export interface ReceiveSlotsOptions {
  readonly total: number;
  readonly perProject: number;
  readonly patienceMs: number;
}

interface Waiting {
  readonly project: string;
  readonly admit: () => void;
}

export function createReceiveSlots({ total, perProject, patienceMs }: ReceiveSlotsOptions): ReceiveSlots {
  const takenBy = new Map<string, number>();
  const line = new Set<Waiting>();
  let taken = 0;

  function free(project: string): boolean {
    return taken < total && (takenBy.get(project) ?? 0) < perProject;
  }

  function occupy(project: string): () => void {
    taken++;
    takenBy.set(project, (takenBy.get(project) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      taken--;
      const left = takenBy.get(project)! - 1;
      if (left === 0) takenBy.delete(project);
      else takenBy.set(project, left);
      for (const waiting of line) {
        if (taken >= total) break;
        if (free(waiting.project)) waiting.admit();
      }
    };
  }

  return {
    take(project) {
      if (free(project)) return Promise.resolve(occupy(project));
      return new Promise((resolve) => {
        const waiting: Waiting = {
          project,
          admit() {
            clearTimeout(patience);
            line.delete(waiting);
            resolve(occupy(project));
          },
        };
        const patience = setTimeout(() => {
          line.delete(waiting);
          resolve(undefined);
        }, patienceMs);
        line.add(waiting);
      });
    },
  };
}
