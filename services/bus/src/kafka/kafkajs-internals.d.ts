declare module "kafkajs/src/network/requestQueue/index.js" {
  interface SocketRequest {
    readonly requestTimeout: number;
    timeoutRequest(): void;
  }

  interface PushedRequest {
    readonly entry: {
      readonly correlationId: number;
      readonly resolve: (answer: unknown) => void;
      readonly reject: (error: unknown) => void;
    };
    readonly expectResponse: boolean;
    readonly sendRequest: () => void;
  }

  class RequestQueue {
    constructor(options: {
      readonly maxInFlightRequests: number | null;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly clientId: string;
      readonly broker: string;
      readonly logger: Readonly<Record<"debug" | "warn", (message: string) => void>>;
    });
    readonly enforceRequestTimeout: boolean;
    readonly requestTimeout: number;
    readonly isConnected: () => boolean;
    readonly inflight: ReadonlyMap<number, SocketRequest>;
    readonly pending: readonly unknown[];
    requestTimeoutIntervalId: NodeJS.Timeout | undefined;
    push(request: PushedRequest): void;
    fulfillRequest(answer: {
      readonly correlationId: number;
      readonly payload: Uint8Array;
      readonly size: number;
    }): void;
    scheduleRequestTimeoutCheck(): void;
    scheduleCheckPendingRequests(): void;
    /** Ends its timers. */
    destroy(): void;
  }
  export = RequestQueue;
}

declare module "kafkajs/src/consumer/consumerGroup.js" {
  class ConsumerGroup {
    constructor(options: {
      readonly logger: { namespace(name: string): unknown };
      readonly instrumentationEmitter: { emit(event: string): void };
    });
    /** Unix milliseconds of the latest heartbeat. */
    lastRequest: number;
    heartbeat(due: { readonly interval: number }): Promise<void>;
  }
  export = ConsumerGroup;
}

declare module "kafkajs/src/network/connection.js" {
  class Connection {
    readonly socket?: import("node:net").Socket;
    send(request: object): Promise<unknown>;
  }
  export = Connection;
}
