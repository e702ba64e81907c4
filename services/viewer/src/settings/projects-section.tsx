import { answered, api } from "../api/client.ts";
import { ActForm, Field, textOf } from "./act-form.tsx";
import { AdminList } from "./admin-list.tsx";
import { useAct, useAdmin } from "./use-admin.ts";

/** All projects, and a new one with its first key: for admins of the operator's project. */
export function ProjectsSection() {
  const projects = useAdmin("projects", (signal) => answered(api.GET("/v1/admin/projects", { signal })));
  const make = useAct("projects", (fields: FormData) =>
    answered(api.POST("/v1/admin/projects", { body: { project: textOf(fields, "project") } })),
  );
  // An admin of another project has nothing to do here.
  if (projects.error) return null;
  return (
    <section className="panel">
      <h2>Projects</h2>
      <AdminList
        label="Projects"
        query={projects}
        rows={(data) => data.projects}
        head={["Project"]}
        none="There is none yet."
        keyOf={(project) => project}
        cells={(project) => [project]}
      />
      <div role="status">
        {make.data && (
          <p>
            The first key of {make.data.project}, shown this once: <code>{make.data.key}</code>
          </p>
        )}
      </div>
      <ActForm
        label="New project"
        button="Make a project"
        busy={make.isPending}
        error={make.error}
        onAct={(fields, form) => make.mutate(fields, { onSuccess: () => form.reset() })}
      >
        <Field name="project" label="Name" required />
      </ActForm>
    </section>
  );
}
