import { Buffer } from "node:buffer";
import { Client, compressionAlgorithms, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";

export interface GrpcCaller {
  /** One Export call with gRPC's own client; `code` is google.rpc.Code, `details` google.rpc.Status's bytes if any. */
  export(message: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<GrpcAnswer>;
  close(): void;
}

export type GrpcAnswer =
  | { readonly kind: "ok"; readonly bytes: Uint8Array }
  | {
      readonly kind: "error";
      readonly code: number;
      readonly message: string;
      readonly details: Uint8Array | undefined;
    };

const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const asIs = (bytes: Buffer) => bytes;

/** Sends the key `ingest` unless the metadata say otherwise. */
export function grpcCaller(port: number, { gzip = false } = {}): GrpcCaller {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    ...(gzip && { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }),
    "grpc.enable_retries": 0,
  });
  return {
    export(message, sent = { "x-api-key": "ingest" }) {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(sent)) metadata.set(name, value);
      return new Promise((resolve) => {
        client.makeUnaryRequest(
          path,
          asIs,
          asIs,
          Buffer.from(message),
          metadata,
          (error: ServiceError | null, value?: Buffer) => {
            if (error === null) resolve({ kind: "ok", bytes: value! });
            else {
              const [details] = error.metadata.get("grpc-status-details-bin");
              resolve({
                ...{ kind: "error", code: error.code, message: error.details },
                details: details as Buffer | undefined,
              });
            }
          },
        );
      });
    },
    close: () => client.close(),
  };
}
