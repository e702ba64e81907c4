import { type Environment, parseEnvironment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { BackupDestination } from "@spanhouse/store/backup";
import { z } from "zod";

const variables = z.object({
  SPANHOUSE_BACKUP_DESTINATION: z
    .string()
    .regex(
      /^(File|Disk|S3|AzureBlobStorage)\(.*\{\}.*\)$/s,
      "File, Disk, S3 or AzureBlobStorage as ClickHouse writes them, with {} for the backup's name, such as S3('https://bucket.example/{}', 'id', 'secret')",
    )
    .default("File('{}')"),
});

/** In the environment, because it may hold a secret. */
export function backupDestination(environment: Environment, name: string | undefined): BackupDestination {
  if (name === undefined || !/^[\w.-]{1,100}$/.test(name) || name.startsWith(".")) {
    throw new SpanhouseError(
      "CONFIG",
      `expected a name for the backup, of letters, digits, "_", "." and "-"; got ${JSON.stringify(name ?? "")}`,
    );
  }
  const { SPANHOUSE_BACKUP_DESTINATION: template } = parseEnvironment(variables, environment);
  return (part) => template.replaceAll("{}", () => `${name}/${part}`);
}

export const backupDestinationUsage = `Where to says SPANHOUSE_BACKUP_DESTINATION, in ClickHouse's words with {} for the name: Disk('backups', '{}') or
S3('https://bucket.example/spanhouse/{}', 'id', 'secret'). Default: File('{}'), which of the standalone is the directory
backups under its data.`;
