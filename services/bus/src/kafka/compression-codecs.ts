import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { decompress as decompressZstdInJavaScript } from "fzstd";
import kafkajs from "kafkajs";
import { compressFrame, decompressFrame } from "lz4-napi";
import { compress as compressSnappy } from "snappy";
import { uncompressSnappy } from "./xerial-snappy.ts";

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

const lz4: Codec = {
  compress: ({ buffer }) => compressFrame(buffer),
  decompress: (buffer) => decompressFrame(buffer),
};

const snappy: Codec = {
  compress: ({ buffer }) => compressSnappy(buffer),
  decompress: (buffer) => uncompressSnappy(buffer),
};

/** In Node from 22.15; before, reading works in JavaScript and writing does not. */
const nativeZstd = "zstdDecompress" in zlib ? (zlib as unknown as NativeZstd) : undefined;

interface NativeZstd {
  readonly zstdCompress: typeof zlib.gzip;
  readonly zstdDecompress: typeof zlib.gunzip;
}

const zstd: Codec = nativeZstd
  ? {
      compress: ({ buffer }) => promisify<Buffer, Buffer>(nativeZstd.zstdCompress)(buffer),
      decompress: promisify<Buffer, Buffer>(nativeZstd.zstdDecompress),
    }
  : {
      compress: () => Promise.reject(new Error("zstd compression needs Node 22.15 or later")),
      decompress: async (buffer) => Buffer.from(decompressZstdInJavaScript(buffer)),
    };

/** kafkajs brings gzip and looks the others up here, by process. */
export function registerCompressionCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4;
  CompressionCodecs[CompressionTypes.Snappy] = () => snappy;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
}
