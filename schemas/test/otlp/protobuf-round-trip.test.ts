import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeTraces } from "../../src/otlp/encode.ts";
import { toModel } from "../../src/otlp/to-model.ts";
import { arbitraryRequest } from "./arbitrary-request.ts";
import { decoded } from "./decoded.ts";
import { referenceDecode, referenceEncode, referenceForm } from "./reference.ts";

describe("protobuf", () => {
  it("comes back as the model that was encoded", () => {
    fc.assert(
      fc.property(arbitraryRequest, (model) => {
        expect(toModel(decoded(encodeTraces(model)))).toEqual(model);
      }),
    );
  });

  it("is byte for byte what an independent encoder writes", () => {
    fc.assert(
      fc.property(arbitraryRequest, (model) => {
        expect(Buffer.from(encodeTraces(model)).toString("hex")).toBe(
          Buffer.from(referenceEncode(model)).toString("hex"),
        );
      }),
    );
  });

  it("is read by an independent decoder as it was meant", () => {
    fc.assert(
      fc.property(arbitraryRequest, (model) => {
        expect(referenceDecode(encodeTraces(model))).toEqual(referenceForm(model));
      }),
    );
  });

  it("of an independent encoder is read as it was meant", () => {
    fc.assert(
      fc.property(arbitraryRequest, (model) => {
        expect(toModel(decoded(referenceEncode(model)))).toEqual(model);
      }),
    );
  });
});
