// Loaded before a program, it makes its clock one that steps: at each SIGUSR2 an hour on, two back, one on, over again.
const steps = [3_600_000, -7_200_000, 3_600_000];
const RealDate = Date;
let [offset, step] = [0, 0];

const now = () => RealDate.now() + offset;
globalThis.Date = new Proxy(RealDate, {
  construct: (_, args, target) => Reflect.construct(RealDate, args.length === 0 ? [now()] : args, target),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});

process.on("SIGUSR2", () => {
  offset += steps[step++ % steps.length];
});
