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
  /** Its place in a cluster; alone when absent. `id` counts from 1. */
  readonly node?: { readonly clusterId: string; readonly id: number; readonly controllerPorts: readonly number[] };
}

export interface LocalCluster {
  readonly brokers: string[];
  /** SIGKILL; started again with the same data when `whileDown` has ended. `place` counts from 0, a broker's id from 1. */
  restart(place: number, whileDown?: () => Promise<void>): Promise<void>;
  kill(): Promise<void>;
}

export interface LocalClusterOptions {
  readonly dataDir: string;
  /** One for each broker. */
  readonly ports: readonly number[];
  readonly properties?: (place: number) => Readonly<Record<string, string | number | boolean>>;
}

export function missingForLocalBroker(): Promise<string | undefined>;
export function kafkaClasspath(): Promise<string>;
export function startLocalBroker(options: LocalBrokerOptions): Promise<LocalBroker>;
export function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster>;
