import { expect, test } from "vitest";
import { type LookUp, pinAddress } from "../src/notifications/pinned-address.ts";
import { post } from "../src/notifications/post.ts";
import { startReceiver } from "./listening-receiver.ts";

const found =
  (...addresses: readonly string[]): LookUp =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

test.each([
  ...["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"],
  ...["::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "::"],
])("%s is no address of a webhook, unless it is allowed", async (address) => {
  expect(await pinAddress("hook.test", { allowPrivate: false, lookUp: found(address) })).toMatchObject({
    kind: "refused",
    message: expect.stringContaining(`hook.test is ${address}`),
  });
  expect(await pinAddress("hook.test", { allowPrivate: true, lookUp: found(address) })).toMatchObject({
    kind: "allowed",
    address,
  });
});

test("one private address among public ones is enough to refuse; public ones are taken", async () => {
  const mixed = found("93.184.215.14", "10.0.0.1");
  expect(await pinAddress("hook.test", { allowPrivate: false, lookUp: mixed })).toMatchObject({ kind: "refused" });
  for (const address of ["93.184.215.14", "2606:2800:220:1:248:1893:25c8:1946"]) {
    expect(await pinAddress("hook.test", { allowPrivate: false, lookUp: found(address) })).toMatchObject({
      kind: "allowed",
      address,
    });
  }
});

test.each(["http://127.0.0.1:1/", "http://[::1]:1/", "http://2130706433:1/", "http://localhost:1/"])(
  "%s is refused, however it is spelt",
  async (url) => {
    const asked = { url: new URL(url), headers: {}, body: "{}", allowPrivate: false, timeoutMs: 1000 };
    expect(await post(asked)).toMatchObject({ kind: "refused", message: expect.stringContaining("allow_private") });
  },
);

test("the address that was checked is the one connected to, whatever the name is by then; no redirect is followed", async () => {
  const receiver = await startReceiver(() => Date.now() / 1000);
  try {
    const port = new URL(receiver.url).port;
    let asked = 0;
    const lookUp: LookUp = async () => [{ address: asked++ === 0 ? "127.0.0.1" : "192.0.2.1", family: 4 }];
    const target = { url: new URL(`http://hook.test:${port}/hook`), headers: {}, body: "{}", timeoutMs: 5000 };
    expect(await post({ ...target, allowPrivate: true, lookUp })).toEqual({ kind: "sent" });
    expect(asked).toBe(1);
    receiver.answer(302);
    expect(await post({ ...target, url: new URL(receiver.url), allowPrivate: true })).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("answered 302"),
    });
  } finally {
    await receiver.close();
  }
});
