import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingForLocalBroker, startLocalBroker } from "./local-broker.mjs";

export interface SecuredBroker {
  /** In clear and without a name: the administrator's, who may do everything. */
  readonly admin: readonly string[];
  /** TLS and SASL: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER. */
  readonly sasl: readonly string[];
  /** TLS with certificates of both sides. */
  readonly mutual: readonly string[];
  /** Paths of PEM files. */
  readonly files: { readonly ca: string; readonly cert: string; readonly key: string; readonly strangersCa: string };
  stop(): Promise<void>;
}

/** The name in the client's certificate, as the broker knows it. */
export const certificateUser = "User:CN=producer";
/** Users of PLAIN and of both kinds of SCRAM. */
export const passwords = { gateway: "gateway's secret", consumer: "consumer's secret", shop: "shop's secret" } as const;

/** A broker that lets nobody do anything but what ACLs say; certificates are made for it by openssl. */
export async function startSecuredBroker(): Promise<SecuredBroker> {
  const missing = await missingForLocalBroker();
  if (missing) throw new Error(`A broker with TLS, SCRAM and ACLs needs ${missing}.`);
  const dataDir = mkdtempSync(join(tmpdir(), "spanhouse-secured-"));
  const at = (name: string) => join(dataDir, name);
  certificates(dataDir);
  const [port, saslPort, mutualPort, controllerPort] = await freePorts(4);
  const users = Object.entries(passwords);
  const module = "org.apache.kafka.common.security";
  const sasl = (mechanism: string) => `listener.name.sasl_ssl.${mechanism}.sasl.jaas.config`;
  const broker = await startLocalBroker({
    ...{ dataDir, port: port!, partitions: 1 },
    scram: users.flatMap(([name, password]) =>
      ["SCRAM-SHA-256", "SCRAM-SHA-512"].map((kind) => `${kind}=[name=${name},password=${password}]`),
    ),
    properties: {
      "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
      listeners: `PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${saslPort},SSL://127.0.0.1:${mutualPort},CONTROLLER://127.0.0.1:${controllerPort}`,
      "advertised.listeners": `PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${saslPort},SSL://127.0.0.1:${mutualPort}`,
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL",
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
      [sasl("plain")]:
        `${module}.plain.PlainLoginModule required ${users.map(([name, password]) => `user_${name}="${password}"`).join(" ")};`,
      [sasl("scram-sha-256")]: `${module}.scram.ScramLoginModule required;`,
      [sasl("scram-sha-512")]: `${module}.scram.ScramLoginModule required;`,
      // Tokens without a signature: what is tested is how clients get and send them.
      [sasl("oauthbearer")]:
        `${module}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": at("broker.pem"),
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": at("ca.crt"),
      "listener.name.ssl.ssl.client.auth": "required",
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS",
    },
  });
  return {
    admin: [`127.0.0.1:${port}`],
    sasl: [`127.0.0.1:${saslPort}`],
    mutual: [`127.0.0.1:${mutualPort}`],
    files: { ca: at("ca.crt"), cert: at("producer.crt"), key: at("producer.key"), strangersCa: at("stranger.crt") },
    async stop() {
      await broker.kill();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** An authority, the broker's and a client's certificate by it, and another authority. */
function certificates(dataDir: string): void {
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { cwd: dataDir, stdio: "pipe" });
  const key = ["-newkey", "rsa:2048", "-nodes"] as const;
  for (const name of ["ca", "stranger"]) {
    openssl(
      "req",
      "-x509",
      ...key,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.crt`,
    );
  }
  for (const name of ["broker", "producer"]) {
    openssl("req", ...key, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    writeFileSync(join(dataDir, `${name}.ext`), "subjectAltName=IP:127.0.0.1\n");
    openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"],
      ...["-extfile", `${name}.ext`, "-out", `${name}.crt`],
    );
  }
  const read = (name: string) => readFileSync(join(dataDir, name), "utf8");
  writeFileSync(join(dataDir, "broker.pem"), read("broker.key") + read("broker.crt"));
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  return Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.on("listening", () => {
            const address = server.address();
            const port = typeof address === "object" && address ? address.port : 0;
            server.close(() => resolve(port));
          });
        }),
    ),
  );
}
