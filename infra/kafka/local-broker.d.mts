export interface LocalBroker {
  readonly brokers: string[];
  readonly pid: number;
  /** Resolves when the broker has ended, for whatever reason. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface LocalBrokerOptions {
  readonly dataDir: string;
  /** A free one when absent. */
  readonly port?: number;
  /** Of a topic created without saying how many. */
  readonly partitions?: number;
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  /** `SCRAM-SHA-512=[name=…,password=…]`. */
  readonly scram?: readonly string[];
}

export function missingForLocalBroker(): Promise<string | undefined>;
export function kafkaClasspath(): Promise<string>;
export function startLocalBroker(options: LocalBrokerOptions): Promise<LocalBroker>;
