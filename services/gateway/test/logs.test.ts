import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createFakePublisher } from "./fake-publisher.ts";
import { grpcCaller } from "./grpc-call.ts";
import { request, span, testGateway } from "./test-gateway.ts";

test("neither keys nor texts of spans come into the log, whatever goes wrong", async () => {
  let logged = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  const publisher = createFakePublisher();
  const gateway = await testGateway(publisher, { log: pino({ level: "trace" }, sink) });
  const body = request({ ...span(1, 1), name: "a private text" });
  publisher.answers.push(new Error("defect"), new Error("defect"));
  const key = { authorization: "Bearer ingest", cookie: "session=the-cookie" };
  expect((await gateway.post(body, key)).status).toBe(500);
  const grpc = grpcCaller(gateway.grpcPort);
  expect(await grpc.export(body, { authorization: "Bearer ingest" })).toMatchObject({ code: 13 });
  expect((await gateway.post("a private text", { ...key, "content-type": "application/json" })).status).toBe(400);
  expect((await gateway.post(body, { authorization: "Bearer sh_i_unknown" })).status).not.toBe(200);
  expect((await fetch(`${gateway.url}/nowhere?key=sh_i_unknown`)).status).toBe(404);
  grpc.close();
  await gateway.close();
  // The defects are there, so that the log is read at all.
  expect(logged.match(/defect/g)?.length).toBeGreaterThanOrEqual(2);
  for (const secret of ["Bearer", "ingest", "sh_i_", "the-cookie", "private text"])
    expect(logged).not.toContain(secret);
});
