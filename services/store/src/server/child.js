// The process that ClickHouse lives in: `child.js LIBRARY ARGUMENT...`, forked by engine-process.ts.
// Plain JavaScript, so that Node runs the same file from src and from dist.
import { DataType, isNullPointer, load, open } from "ffi-rs";

const [path = "", ...rest] = process.argv.slice(2);
const args = ["clickhouse", ...rest];
const library = "chdb";

/** Without exit handlers: the engine's own crash when Node unloads them. What is acknowledged is on disk. */
function die() {
  process.kill(process.pid, "SIGKILL");
}

// The parent ended, however it did. The engine has other threads, so this one always hears it.
process.once("disconnect", die);

open({ library, path });
// This is `clickhouse local`: it returns when its last query has ended.
const result = await load({
  library,
  funcName: "chdb_query_cmdline",
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
  runInNewThread: true,
});

/** @template {DataType} T @param {T} retType */
function errorAs(retType) {
  return load({
    library,
    funcName: "chdb_result_error",
    retType,
    paramsType: [DataType.External],
    paramsValue: [result],
  });
}

// What is wrong with the configuration is told only here; what is wrong with a query, only on stderr.
const told = !isNullPointer(result) && !isNullPointer(errorAs(DataType.External));
process.send?.({ ended: told ? errorAs(DataType.String) : "" }, die);
